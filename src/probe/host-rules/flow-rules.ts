import type { Host } from '../../host/host.ts'
import type { Address } from '../../model/endpoint.ts'
import type { AddressesFact, FlowRulesFact } from '../../model/evidence.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import type { Connection, Packet } from '../../ruleset/packet.ts'
import { entranceOf, understood } from './host-rules.ts'
import { ruleFate } from './rule-fate.ts'
import { diallerAt, firstPacket, ownPacket } from './strangers.ts'
import { Surroundings } from './surroundings.ts'

const PUSH_ACK = 8 | 16

/**
 * What this host's rules do to the packets of an exchange that carry bytes, in both directions: what they look for in
 * the bytes themselves nobody can tell, and then it is unknown. Undefined as for `probeHostRules`.
 */
export async function probeFlowRules(
  host: Host,
  rules: CompiledRuleset,
  addresses: AddressesFact,
  flow: Pick<FlowRulesFact, 'transport' | 'port' | 'family' | 'opener'>,
  server: Address,
): Promise<FlowRulesFact | undefined> {
  const { transport, port, family, opener } = flow
  const around = new Surroundings(host, addresses)
  const entrance = entranceOf(around, addresses, family)
  if (entrance === undefined) return undefined
  const key = { transport, port, family }
  const opening = opener === 'host' ? ownPacket(key, entrance, server) : firstPacket(key, entrance, diallerAt(server))
  const isTcp = transport === 'tcp'
  const carrying: Packet = isTcp ? { ...opening, tcpFlags: PUSH_ACK } : opening
  const untranslated = { sourceTranslated: false, destinationTranslated: false }
  const ofFlow: Connection = { state: 'established', direction: 'original', ...untranslated }
  // The first datagram of a flow carries bytes already.
  const forward = await around.walk(rules, carrying, isTcp ? ofFlow : undefined)
  const back = await around.walk(rules, turned(carrying, entrance.interface), { ...ofFlow, direction: 'reply' })
  const fates = [forward, back].map(({ fate }) => understood(ruleFate(fate), rules))
  const [out, into] = opener === 'host' ? fates : fates.toReversed()
  return { ...key, opener, out: out!, in: into! }
}

/** A packet the other way. */
function turned(packet: Packet, name: string): Packet {
  const { source, destination, sourcePort, destinationPort, inInterface, ...rest } = packet
  const { outInterface: _, packetType: __, ...common } = rest
  return {
    ...common,
    source: destination,
    destination: source,
    ...(destinationPort === undefined ? {} : { sourcePort: destinationPort }),
    ...(sourcePort === undefined ? {} : { destinationPort: sourcePort }),
    ...(inInterface === null
      ? { inInterface: name, packetType: 'host' as const }
      : { inInterface: null, outInterface: name }),
  }
}
