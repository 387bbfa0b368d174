import type { Address, EndpointKey } from '../../model/endpoint.ts'
import { walkAnswer } from '../../probe/host-rules/host-rules.ts'
import {
  diallerAt,
  type Entrance,
  firstPacket,
  ownPackets,
  type Stranger,
  strangersFor,
} from '../../probe/host-rules/strangers.ts'
import type { Surroundings, Walked } from '../../probe/host-rules/surroundings.ts'
import { type CompiledRuleset, compile } from '../../ruleset/compile.ts'
import { isOpen, stopIn } from '../../ruleset/explore.ts'
import type { Fate, Place } from '../../ruleset/fate.ts'
import type { Packet } from '../../ruleset/packet.ts'
import type { Ruleset } from '../../ruleset/ruleset.ts'

/** `own`: first packets of the node to its peers. */
export type Flow = 'inbound' | 'answer' | 'own'

/** What is asked of the rules for one endpoint. */
export interface SurveyQuestion {
  readonly key: EndpointKey
  readonly entrance: Entrance
  readonly around: Surroundings
  /** Addresses that dial, as strangers too. */
  readonly vantages: readonly Address[]
  /** Shall the node's own first packets get out as well? Only where its port tells them from those of others: over UDP. */
  readonly own: boolean
  /** Did counters show that what strangers send is stopped here? Then a rule that cannot be judged may be what stops it. */
  readonly seenStopped: boolean
  /** Is it forwarding alone that is known to stop them? Then rules that cannot be judged are believed to let them through. */
  readonly trusting: boolean
}

export type Survey =
  /** `walks` packets were followed, and all got through. `out`: the interface to the guest; null for a process of this host. */
  | { readonly kind: 'open'; readonly walks: number; readonly out: string | null }
  /** All strangers' packets of this flow are stopped, most of them at `at`. `routed`: as routing saw them, where they got that far. */
  | { readonly kind: 'stopped'; readonly flow: Flow; readonly at: Place; readonly routed: Packet | undefined }
  /** A rule at `at` cannot be judged, and strangers' packets get past it or not. */
  | {
      readonly kind: 'doubtful'
      readonly at: Place
      readonly expression: string
      readonly routed: Packet | undefined
    }
  | {
      readonly kind: 'undecided'
      readonly why: Undecided
      readonly at: Place | null
      readonly expression: string | null
    }

/** A rule that nobody can judge; it depends on who the stranger is; routing knows no way. */
export type Undecided = 'unknown' | 'some-strangers' | 'no-route'

/** Follows strangers' packets, the answers to them and, if asked, the node's own, until a flow does not get through. */
export async function survey(ruleset: Ruleset, question: SurveyQuestion): Promise<Survey> {
  const rules = compile(ruleset)
  const bridge = rules.bases.find(({ table }) => table.family === 'bridge')
  // Frames of a bridge meet rules that need to know its ports, which nobody told.
  if (bridge !== undefined) return undecided('unknown', null, `table bridge ${bridge.table.name}`)
  const strangers = [...strangersFor(question.key), ...question.vantages.map(diallerAt)]
  const inbound: Walked[] = []
  for (const stranger of strangers) {
    inbound.push(await question.around.walk(rules, firstPacket(question.key, question.entrance, stranger)))
  }
  const routed = commonRoute(inbound)
  const entered = judge(
    'inbound',
    inbound.map(({ fate }) => fate),
    routed,
  )
  if (entered !== null && !isTrusted(question, entered)) return entered

  const answers = await answerFates(rules, question, inbound)
  const answered = judge('answer', answers, routed)
  if (answered !== null && !isTrusted(question, answered)) return answered

  const own = question.own ? await ownFates(rules, question, strangers) : []
  const sent = judge('own', own, undefined)
  if (sent !== null) return sent
  const [first] = inbound
  const out = first?.fate.kind === 'accept' ? first.fate.out : outTowards(question, routed)
  return { kind: 'open', walks: inbound.length + answers.length + own.length, out }
}

function isTrusted({ trusting }: SurveyQuestion, seen: Survey): boolean {
  return trusting && (seen.kind === 'doubtful' || (seen.kind === 'undecided' && seen.why === 'unknown'))
}

function outTowards({ around }: SurveyQuestion, routed: Packet | undefined): string | null {
  return (routed && around.outTowards(routed.destination)) ?? null
}

async function answerFates(
  rules: CompiledRuleset,
  { around, key, entrance }: SurveyQuestion,
  inbound: readonly Walked[],
): Promise<readonly Fate[]> {
  const fates: Fate[] = []
  for (const walked of inbound) {
    const answer = await walkAnswer(rules, around, key, entrance, walked)
    if (answer !== undefined) fates.push(answer.fate)
  }
  return fates
}

async function ownFates(
  rules: CompiledRuleset,
  { around, key, entrance }: SurveyQuestion,
  strangers: readonly Stranger[],
): Promise<readonly Fate[]> {
  const fates: Fate[] = []
  for (const stranger of strangers) {
    for (const packet of ownPackets(key, entrance, stranger)) fates.push((await around.walk(rules, packet)).fate)
  }
  return fates
}

/** Null where all get through. */
function judge(flow: Flow, fates: readonly Fate[], routed: Packet | undefined): Survey | null {
  const unknown = fates.find(isOpen)
  if (unknown !== undefined) {
    const { at, expression } = unknown
    if (flow === 'inbound' && at !== null && at.rule !== null) return { kind: 'doubtful', at, expression, routed }
    return undecided('unknown', at, expression)
  }
  if (fates.some(({ kind }) => kind === 'unroutable')) return undecided('no-route', null, null)
  const stops = fates.flatMap((fate) => stopIn(fate)?.at ?? [])
  const at = mostCommon(stops)
  if (at === undefined) return null
  // Who may come in is for whoever wrote the rules to say; those who may shall be answered, from whichever port they dial.
  const isPicked = flow === 'inbound' && stops.length < fates.length
  if (isPicked) return undecided('some-strangers', at, at.rule?.text ?? null)
  return { kind: 'stopped', flow, at, routed }
}

function undecided(why: Undecided, at: Place | null, expression: string | null): Survey {
  return { kind: 'undecided', why, at, expression }
}

function mostCommon(places: readonly Place[]): Place | undefined {
  const counts = places.map((place) => places.filter((other) => samePlace(place, other)).length)
  return places[counts.indexOf(Math.max(...counts))]
}

export function samePlace(a: Place, b: Place): boolean {
  const keys = ['hook', 'backend', 'family', 'table', 'chain'] as const
  return keys.every((key) => a[key] === b[key]) && a.rule?.handle === b.rule?.handle && a.rule?.text === b.rule?.text
}

function commonRoute(walks: readonly Walked[]): Packet | undefined {
  const [first, ...others] = walks.map(({ routed }) => routed)
  const isCommon = others.every(
    (one) => one?.destination === first?.destination && one?.destinationPort === first?.destinationPort,
  )
  return isCommon ? first : undefined
}
