import { familyOf } from '../../model/endpoint.ts'
import type { WalkContext } from '../../ruleset/packet.ts'
import type { Machine } from '../machine.ts'

/** A machine around its rules: its routes, addresses and interfaces. Packets of others go nowhere where it passes none on. */
export function surroundingsOf(machine: Machine): WalkContext {
  const { addresses } = machine.world
  const wayTo = (address: string) => machine.routes.way(addresses.id(address))
  return {
    route({ destination, inInterface }) {
      const way = wayTo(destination)
      if (way === 'local') return way
      const isOthers = inInterface !== null
      return way === 'unreachable' || (isOthers && !machine.forwards) ? 'unreachable' : { out: way.to.name }
    },
    addressType: (address) => (wayTo(address) === 'local' ? 'local' : undefined),
    primaryAddress(name, family) {
      if (name === 'lo') return family === 'ipv4' ? '127.0.0.1' : '::1'
      const own = machine.interfaces.find((each) => each.name === name)?.addresses ?? []
      return own.map((id) => addresses.text(id)).find((address) => familyOf(address) === family)
    },
    passesReversePath({ source, inInterface }) {
      const back = wayTo(source)
      return typeof back === 'object' && back.to.name === inInterface
    },
  }
}
