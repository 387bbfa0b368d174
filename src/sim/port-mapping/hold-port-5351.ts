import type { PortMappingProtocol } from '../../topology/topology.ts'
import { PCP_PORT } from '../../wire/pcp/message.ts'
import type { AddressId } from '../address-book.ts'
import type { Owner } from '../stack/udp-stack.ts'
import { answerNatPmp } from './answer-nat-pmp.ts'
import { answerPcp } from './answer-pcp.ts'
import type { RouterSite } from './router-site.ts'

const OWNER: Owner = { process: 'miniupnpd', pid: 1003 }
const NAT_PMP_VERSION = 0

/**
 * Serves PCP, NAT-PMP or both on their common port of the addresses served. The version in the first byte tells
 * them apart; a server of one refuses the other's in its own words (RFC 6887 §9).
 */
export function holdPort5351(site: RouterSite, protocols: readonly PortMappingProtocol[]): void {
  const [pcp, natPmp] = [protocols.includes('pcp'), protocols.includes('nat-pmp')]
  if (!pcp && !natPmp) return
  const { udp, world } = site.machine
  const answer = (datagram: Uint8Array, from: AddressId): Uint8Array | undefined => {
    const isNatPmp = datagram[0] === NAT_PMP_VERSION
    if (pcp && !(natPmp && isNatPmp)) return answerPcp(site, datagram, from)
    return answerNatPmp(site, datagram, from)
  }
  for (const address of site.served) {
    // NAT-PMP knows IPv4 alone.
    if (!pcp && world.addresses.isIpv6(address)) continue
    const binding = udp.bind({
      address,
      port: PCP_PORT,
      owner: OWNER,
      onDatagram: ({ payload, source, sourcePort }) => {
        const response = answer(payload, source)
        if (response !== undefined) udp.send(binding!, address, response, { address: source, port: sourcePort })
      },
    })
  }
}
