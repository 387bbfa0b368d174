import type { Answer } from '../../model/answer.ts'
import type { Family, Transport } from '../../model/endpoint.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import { walkPacket } from '../../ruleset/walk.ts'
import type { Machine } from '../machine.ts'
import { SYN, TCP, UDP } from '../packet.ts'
import { surroundingsOf } from './surroundings.ts'

/** Do rules of a machine take what strangers send to one of its ports elsewhere? Asked are those that translate alone. */
export function rulesRedirect(
  machine: Machine,
  rules: CompiledRuleset,
  { port, transport, family }: { readonly port: number; readonly transport: Transport; readonly family: Family },
): Answer {
  const [first] = machine.interfaces
  const own = first?.address(family === 'ipv6') ?? 0
  if (first === undefined || own === 0) return 'no'
  const bases = rules.bases.filter(({ base }) => base.hook === 'prerouting' && base.type === 'nat')
  const packet = {
    family,
    source: family === 'ipv4' ? '192.0.2.1' : '2001:db8:ffff::1',
    destination: machine.world.addresses.text(own),
    protocol: transport === 'tcp' ? TCP : UDP,
    sourcePort: 50_000,
    destinationPort: port,
    ...(transport === 'tcp' ? { tcpFlags: SYN } : {}),
    inInterface: first.name,
    packetType: 'host',
  } as const
  const fate = walkPacket({ bases }, packet, { ...surroundingsOf(machine), route: () => 'local' })
  if (fate.kind !== 'accept') return 'unknown'
  return fate.translations.length > 0 ? 'yes' : 'no'
}
