import type { Listeners } from '../../host/host.ts'
import type { Family } from '../../model/endpoint.ts'
import type { ListeningSocket } from '../../model/evidence.ts'
import { type AddressId, ANY } from '../address-book.ts'
import type { Machine } from '../machine.ts'

const BOTH: readonly Family[] = ['ipv4', 'ipv6']

export function simListeners(machine: Machine): Listeners {
  const { addresses } = machine.world
  return {
    async list() {
      const guests = machine.guests.flatMap((guest) => {
        const isGuest = guest.routes.specs.some(
          ({ prefix, via }) => prefix === null && machine.routes.way(via) === 'local',
        )
        return socketsOf(guest, { namespace: guest.name, ...(isGuest && { isGuest }) })
      })
      return { sockets: [...socketsOf(machine, { namespace: null }), ...guests], namespacesSeen: 'all' }
    },
    async connections(port) {
      return machine.tcp
        .endpoints(port)
        .filter(({ state }) => state !== 'syn-sent' && state !== 'closed')
        .map(({ ends, state }) => ({
          local: { address: addresses.text(ends.local), port: ends.localPort },
          remote: { address: addresses.text(ends.remote), port: ends.remotePort },
          state,
        }))
    },
    async datagramsRead() {
      return machine.udp.delivered
    },
    // Programs of a simulated machine live in its one network.
    async around() {
      return undefined
    },
  }
}

function socketsOf(machine: Machine, place: Pick<ListeningSocket, 'namespace' | 'isGuest'>): ListeningSocket[] {
  const { addresses } = machine.world
  const where = (address: AddressId, wildcard: readonly Family[]) => {
    if (address === ANY) return { address: wildcard.includes('ipv6') ? '::' : '0.0.0.0', families: wildcard }
    return {
      address: addresses.text(address),
      families: [addresses.isIpv6(address) ? ('ipv6' as const) : ('ipv4' as const)],
    }
  }
  const tcp = machine.tcp.listening().map(({ address, families, port, owner }): ListeningSocket => {
    return { transport: 'tcp', port, ...where(address, families), ...owner, ...place }
  })
  const bound = machine.udp.bindings().filter(({ peer }) => peer === undefined)
  const udp = bound.map(({ address, port, owner }): ListeningSocket => {
    return { transport: 'udp', port, ...where(address, BOTH), ...owner, ...place }
  })
  return [...tcp, ...udp]
}
