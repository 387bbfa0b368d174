import { type Address, familyOf } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { SimulatedTopology } from './build.ts'
import type { Interface } from './interface.ts'
import { RouterGuard } from './nat/router-guard.ts'

type Around = Pick<SimulatedTopology, 'world' | 'machines'>

/** What happens to real networks while programs run in them. Each takes effect at once, at the world's present moment. */

/** A router or carrier is switched off and on: it forgets every connection and mapping. */
export function rebootRouter(around: Around, name: string): void {
  guardOf(around, name)?.restart()
}

/**
 * Somebody gets another address on a network, instead of the one of the same family; a router that translates to it
 * forgets what it translated, as routers do whose line was renewed.
 */
export function changeAddress(around: Around, name: string, network: string, address: Address): void {
  const { addresses: book } = around.world
  const end = cableOf(around, name, network)
  const isIpv6 = familyOf(address) === 'ipv6'
  const replaced = end.address(isIpv6)
  if (replaced === 0)
    throw new PeerwayError('bad-input', errorText('error.no-address-on', { name, family: familyOf(address), network }))
  end.readdress(end.addresses.map((old) => (old === replaced ? book.id(address) : old)))
  if (end.name === 'outside') guardOf(around, name)?.restart(end.addresses.filter((id) => !book.isIpv6(id)))
}

/** The cable between somebody and a network is pulled, or put back. */
export function setPlugged(around: Around, name: string, network: string, isPlugged: boolean): void {
  cableOf(around, name, network).isPlugged = isPlugged
}

function guardOf({ machines }: Around, name: string): RouterGuard | null {
  const guard = machines.get(name)?.guard
  return guard instanceof RouterGuard ? guard : null
}

function cableOf({ machines }: Around, name: string, network: string): Interface {
  const end = machines.get(name)?.interfaces.find(({ segment }) => segment.name === network)
  if (end === undefined) throw new PeerwayError('bad-input', errorText('error.no-cable', { name, network }))
  return end
}
