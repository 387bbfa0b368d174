import type { Host } from '../../host/host.ts'
import type { Answer } from '../../model/answer.ts'
import type { Address, EndpointKey, Family } from '../../model/endpoint.ts'
import type { AddressesFact, DiallerFate, HostRulesFact, RuleFate } from '../../model/evidence.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import { isOpen } from '../../ruleset/explore.ts'
import type { Packet } from '../../ruleset/packet.ts'
import { attempt } from '../attempt.ts'
import { commonFate, differ, NOT_KNOWN, ruleFate } from './rule-fate.ts'
import {
  answerPacket,
  diallerAt,
  type Entrance,
  firstPacket,
  ownPacket,
  ownPackets,
  type Stranger,
  strangersFor,
} from './strangers.ts'
import { Surroundings, type Walked } from './surroundings.ts'

/**
 * Follows packets through the rules of this host, for one endpoint: strangers' first packets, the answers to them, and
 * first packets of the node's own. Only what holds for all strangers alike is told; how those who dialled fare is
 * for `probeDiallers`. Undefined where this host has no address of the endpoint's family towards the Internet.
 */
export async function probeHostRules(
  host: Host,
  rules: CompiledRuleset,
  key: EndpointKey,
  addresses: AddressesFact,
): Promise<Omit<HostRulesFact, 'diallers'> | undefined> {
  const around = new Surroundings(host, addresses)
  const entrance = entranceOf(around, addresses, key.family)
  if (entrance === undefined) return undefined
  const { address } = entrance
  const walks: StrangerWalks[] = []
  for (const stranger of strangersFor(key)) walks.push(await followStranger(rules, around, key, entrance, stranger))
  const fates = walks.map(({ inbound }) => ruleFate(inbound.fate))

  const routed = commonRoute(walks.map(({ inbound }) => inbound.routed))
  const path = pathOf(walks, routed, around)
  const { transport, family, port } = key
  // What is sent elsewhere by a rule must be passed on, whatever a rule behind routing that nobody can judge makes of it.
  const mayBeForwarded =
    path === 'forward' || (path === null && routed !== undefined && !around.isOwn(routed.destination))
  const isTranslated = routed !== undefined && (routed.destination !== address || routed.destinationPort !== port)
  return {
    transport,
    family,
    port,
    inbound: understood(commonFate(fates), rules),
    picksStrangers: differ(fates),
    path,
    translatedTo: isTranslated ? { address: routed.destination, port: routed.destinationPort ?? port } : null,
    forwarding: mayBeForwarded ? await readForwarding(host, key, entrance) : null,
    answer: understood(commonFate(walks.map(({ answer }) => answer)), rules),
    outbound: understood(commonFate(walks.flatMap(({ outbound }) => outbound)), rules),
  }
}

interface StrangerWalks {
  readonly inbound: Walked
  readonly answer: RuleFate
  readonly outbound: readonly RuleFate[]
}

async function followStranger(
  rules: CompiledRuleset,
  around: Surroundings,
  key: EndpointKey,
  entrance: Entrance,
  stranger: Stranger,
): Promise<StrangerWalks> {
  const inbound = await around.walk(rules, firstPacket(key, entrance, stranger))
  const outbound: RuleFate[] = []
  for (const packet of ownPackets(key, entrance, stranger)) {
    outbound.push(ruleFate((await around.walk(rules, packet)).fate))
  }
  return { inbound, answer: await followAnswer(rules, around, key, entrance, inbound), outbound }
}

/** The same for first packets of those who dialled: rules may know them, and then treat them as no stranger. */
export async function probeDiallers(
  host: Host,
  rules: CompiledRuleset,
  key: EndpointKey,
  addresses: AddressesFact,
  diallers: readonly Address[],
): Promise<readonly DiallerFate[]> {
  const around = new Surroundings(host, addresses)
  const entrance = entranceOf(around, addresses, key.family)
  const fates: DiallerFate[] = []
  for (const address of entrance === undefined ? [] : diallers) {
    const inbound = await around.walk(rules, firstPacket(key, entrance!, diallerAt(address)))
    const answer = await followAnswer(rules, around, key, entrance!, inbound)
    fates.push({ address, inbound: understood(ruleFate(inbound.fate), rules), answer: understood(answer, rules) })
  }
  return fates
}

/** What this host's rules do to a first packet of its own to `server`. Undefined as for `probeHostRules`. */
export async function probeOwnPacket(
  host: Host,
  rules: CompiledRuleset,
  key: EndpointKey,
  addresses: AddressesFact,
  server: Address,
): Promise<RuleFate | undefined> {
  const around = new Surroundings(host, addresses)
  const entrance = entranceOf(around, addresses, key.family)
  if (entrance === undefined) return undefined
  const { fate } = await around.walk(rules, ownPacket(key, entrance, server))
  return understood(ruleFate(fate), rules)
}

export function entranceOf(around: Surroundings, { source }: AddressesFact, family: Family): Entrance | undefined {
  const address = source[family]
  const name = address === null ? undefined : around.interfaceOf(address)
  return address === null || name === undefined ? undefined : { address, interface: name }
}

/** Not known where the first packet is not let in, but for one to this host itself: its answer would leave in the same way. */
async function followAnswer(
  rules: CompiledRuleset,
  around: Surroundings,
  key: EndpointKey,
  entrance: Entrance,
  inbound: Walked,
): Promise<RuleFate> {
  const walked = await walkAnswer(rules, around, key, entrance, inbound)
  return walked === undefined ? NOT_KNOWN : ruleFate(walked.fate)
}

/** Undefined where the first packet is not let in, but for one to this host itself: its answer would leave in the same way. */
export async function walkAnswer(
  rules: CompiledRuleset,
  around: Surroundings,
  key: EndpointKey,
  entrance: Entrance,
  { fate, routed }: Walked,
): Promise<Walked | undefined> {
  if (routed === undefined) return undefined
  const isPassedOn = fate.kind === 'accept' && fate.out !== null
  if (!isPassedOn && !around.isOwn(routed.destination)) return undefined
  // Whoever is shown another source answers elsewhere.
  if (fate.kind === 'accept' && fate.packet?.source !== routed.source) return undefined
  const { packet, connection } = answerPacket(key, entrance, routed, isPassedOn ? fate.out : null)
  return around.walk(rules, packet, connection)
}

/** Where all strangers' packets go, if they go to the same place. */
function commonRoute(routed: readonly (Packet | undefined)[]): Packet | undefined {
  const [first] = routed
  const isCommon = routed.every(
    (one) => one?.destination === first?.destination && one?.destinationPort === first?.destinationPort,
  )
  return isCommon ? first : undefined
}

function pathOf(
  walks: readonly StrangerWalks[],
  routed: Packet | undefined,
  around: Surroundings,
): HostRulesFact['path'] {
  if (routed === undefined) return null
  if (around.isOwn(routed.destination)) return 'input'
  const isLost = walks.some(({ inbound }) => inbound.fate.kind === 'unroutable' || isOpen(inbound.fate))
  return isLost ? null : 'forward'
}

/** Frames of a bridge meet rules that need to know its ports, which nobody told: they may drop what all others accept. */
export function understood(fate: RuleFate, { bases }: CompiledRuleset): RuleFate {
  const bridge = bases.find(({ table }) => table.family === 'bridge')
  if (bridge === undefined || fate.kind !== 'accept') return fate
  return { kind: 'unknown', at: null, expression: `table bridge ${bridge.table.name}` }
}

/** IPv4 asks the interface that the packet came in by; IPv6 asks for all of them. */
async function readForwarding(
  host: Host,
  { family }: EndpointKey,
  entrance: Entrance,
): Promise<NonNullable<HostRulesFact['forwarding']>> {
  const all = family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
  const own = `net.ipv4.conf.${entrance.interface.replaceAll('.', '/')}.forwarding`
  const [everywhere, here] = await Promise.all([readSwitch(host, all), readSwitch(host, own)])
  const on = family === 'ipv4' && here !== 'unknown' ? here : everywhere
  return { setting: on === 'no' && everywhere === 'yes' ? own : all, on }
}

async function readSwitch(host: Host, name: string): Promise<Answer> {
  const value = await attempt(() => host.sysctl.read(name), undefined)
  return value === undefined ? 'unknown' : value === '0' ? 'no' : 'yes'
}
