import type { Host } from '../../host/host.ts'
import type { Answer } from '../../model/answer.ts'
import type { EndpointKey } from '../../model/endpoint.ts'
import type { AddressesFact } from '../../model/evidence.ts'
import { scopeOf } from '../../model/ip.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import type { Packet } from '../../ruleset/packet.ts'
import { type Entrance, firstPacket, strangersFor } from './strangers.ts'
import { Surroundings } from './surroundings.ts'

/**
 * Do rules of this host take what strangers send to an endpoint elsewhere: to a guest, or to another port? Whether rules
 * drop it is not asked here. `unknown` where they take some strangers alone, or are not understood.
 */
export async function probeRedirected(
  host: Host,
  rules: CompiledRuleset,
  key: EndpointKey,
  addresses: AddressesFact,
): Promise<Answer> {
  const arriving = { bases: rules.bases.filter(({ base }) => base.hook === 'prerouting') }
  const around = new Surroundings(host, addresses)
  const answers = new Set<Answer>()
  for (const entrance of entrancesOf(key, addresses)) {
    for (const stranger of strangersFor(key)) {
      const packet = firstPacket(key, entrance, stranger)
      const routed = await routedAtLast(around, arriving, packet)
      answers.add(routed === undefined ? 'unknown' : isSame(routed, packet) ? 'no' : 'yes')
    }
  }
  const [first = 'no'] = answers
  return answers.size > 1 ? 'unknown' : first
}

/** Where strangers' packets come in; on a host without a way out, everywhere. */
function entrancesOf({ family }: EndpointKey, { addresses, source }: AddressesFact): readonly Entrance[] {
  const own = addresses.filter((one) => one.family === family && scopeOf(one.address) !== 'loopback')
  const towards = own.filter(({ address }) => address === source[family])
  return (towards.length > 0 ? towards : own).map((one) => ({ address: one.address, interface: one.interface }))
}

/** The packet as routing would see it, if no chain dropped it before; undefined where that is not known. */
async function routedAtLast(around: Surroundings, rules: CompiledRuleset, packet: Packet): Promise<Packet | undefined> {
  const { fate, routed } = await around.walk(rules, packet)
  if (fate.kind !== 'drop' && fate.kind !== 'reject') return routed
  const { at } = fate.by
  const isStopping = ({ table }: CompiledRuleset['bases'][number]) =>
    table.backend === at.backend && table.family === at.family && table.name === at.table
  const bases = rules.bases.filter((base) => isTranslating(base) || !isStopping(base))
  return bases.length < rules.bases.length ? routedAtLast(around, { bases }, packet) : undefined
}

function isTranslating({ base }: CompiledRuleset['bases'][number]): boolean {
  return base.type === 'nat'
}

function isSame(a: Packet, b: Packet): boolean {
  return a.destination === b.destination && a.destinationPort === b.destinationPort
}
