import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'
import { NAT_PMP_RESULT_CODES, natPmpResultName } from '../wire/nat-pmp/result-codes.ts'
import { askNatPmp } from './ask-nat-pmp.ts'
import type { Discovered, DiscoveryTarget } from './discovery.ts'
import { CHECK_PATIENCE_MS } from './patience.ts'
import { toldAddress } from './told-address.ts'

/**
 * Does this gateway speak NAT-PMP? Asked for its external address (RFC 6886 §3.2), which changes nothing. At most a
 * second. `PeerwayError` when this host cannot send from `local`.
 */
export async function discoverNatPmp(host: Host, { gateway, local, signal }: DiscoveryTarget): Promise<Discovered> {
  const reply = await askNatPmp(host, {
    gateway,
    local,
    request: { operation: 'external-address' },
    patienceMs: CHECK_PATIENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  })
  if (reply.outcome !== 'answered') return { outcome: reply.outcome }
  const { answer, rttMs } = reply
  const { resultCode, epochSeconds } = answer
  const speaks = (externalAddress: Address | null, hasNoExternal = false) =>
    ({ outcome: 'speaks', externalAddress, hasNoExternal, epochSeconds, model: null, rttMs }) as const
  if ('externalAddress' in answer) {
    const { externalAddress } = answer
    return speaks(toldAddress(externalAddress, 'ipv4'), scopeOf(externalAddress) === 'unspecified')
  }
  // It serves, and has no address outside of its own at the moment; miniupnpd says so of a private one too.
  if (resultCode === NAT_PMP_RESULT_CODES.NETWORK_FAILURE) return speaks(null, true)
  if (resultCode === NAT_PMP_RESULT_CODES.UNSUPPORTED_VERSION) return { outcome: 'other-version' }
  return { outcome: 'refuses', detail: `NAT-PMP ${natPmpResultName(resultCode) ?? 'result'} (${resultCode})` }
}
