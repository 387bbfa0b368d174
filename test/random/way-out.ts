import type { Family, Transport } from '../../src/model/endpoint.ts'
import { wayOut } from '../../src/topology/layout.ts'
import type { Filter, Topology } from '../../src/topology/topology.ts'
import { isAmong } from './stranger.ts'

type Protocol = Transport | 'icmp'

/** Does any server that the node may ask give a sign of life, if only by a refusal of whoever stands in between? */
export function anybodyAnswers(topology: Topology, family: Family): boolean {
  const node = topology.hosts.find(({ name }) => name === 'node')!
  if (!node.defaultRoute) return false
  const hears = (protocol: Protocol, port: number) => isHeard(topology, protocol, port)
  const vantages = topology.vantages.filter(({ address }) => (family === 'ipv6') === address.includes(':'))
  const vantage = vantages.some(
    ({ dead, port }) =>
      hears('udp', port) === 'rejected' ||
      hears('tcp', port) === 'rejected' ||
      (dead !== 'silent' && (hears('udp', port) === 'heard' || hears('tcp', port) === 'heard')),
  )
  const lives = topology.hosts.some(({ name }) => name === 'resolver')
  const signs = [hears('udp', 53), hears('tcp', 53), hears('icmp', 0)]
  const resolver = family === 'ipv4' && (signs.includes('rejected') || (lives && signs.includes('heard')))
  return vantage || resolver
}

/** What comes of a question to a port out there. */
function isHeard(topology: Topology, protocol: Protocol, port: number): 'heard' | 'rejected' | 'silent' {
  const filters = wayOut(topology, 'node').flatMap((box) => box.filters)
  const concerns = ({ transports, ports, payload }: Filter, at: number) =>
    !payload && (transports === 'any' || (protocol !== 'icmp' && transports.includes(protocol) && isAmong(ports, at)))
  const asking = filters.find((filter) => filter.direction === 'out' && concerns(filter, port))
  if (asking !== undefined) return asking.action === 'reject' || asking.action === 'reset' ? 'rejected' : 'silent'
  const answering = filters.some(
    (filter) => filter.direction === 'in' && filter.everyPacket && concerns(filter, CLIENTS_PORT),
  )
  return answering ? 'silent' : 'heard'
}

/** Questions come from ports that no filter names. */
const CLIENTS_PORT = 50_000
