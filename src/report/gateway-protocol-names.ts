import type { GatewayProtocol } from '../model/evidence.ts'

/** As their RFCs and their users write them; the same in every language. */
export const GATEWAY_PROTOCOL_NAMES: Readonly<Record<GatewayProtocol, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  upnp: 'UPnP',
}
