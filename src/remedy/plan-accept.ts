import type { Host } from '../host/host.ts'
import type { Address, EndpointKey } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { AddressesFact } from '../model/evidence.ts'
import { Surroundings } from '../probe/host-rules/surroundings.ts'
import type { Place } from '../ruleset/fate.ts'
import { readRuleset } from '../ruleset/read-ruleset.ts'
import type { Ruleset } from '../ruleset/ruleset.ts'
import type { AcceptMatch } from './accept/accept-match.ts'
import type { Spot } from './accept/spot.ts'
import { spotsFor } from './accept/spots.ts'
import { type Survey, type SurveyQuestion, samePlace, survey, type Undecided } from './accept/survey.ts'
import type { ChangeContent } from './change.ts'

/** What lets strangers in to one endpoint past the rules of this host. */
export type AcceptPlan =
  /**
   * With `changes`, in this order, every packet that was followed (`walks` of them) gets through; no changes: nothing stops them,
   * or nothing is known to (`trusting`).
   * `out`: the interface to the guest that they are passed on to, for which the kernel must forward; else null.
   */
  | {
      readonly kind: 'planned'
      readonly changes: readonly ChangeContent[]
      readonly walks: number
      readonly out: string | null
    }
  /** `at` and `expression`: the rule that keeps a plan from being made. */
  | {
      readonly kind: 'not-planned'
      readonly why: WhyNot
      readonly at: Place | null
      readonly expression: string | null
    }

/** `no-spot`: no rule of ours would be kept, or help, there. `too-many`: more rules would be needed than anybody writes by hand. `no-forwarding`: nobody tells between which interfaces to forward, or by which setting. */
export type WhyNot = Undecided | 'no-spot' | 'too-many' | 'no-address' | 'no-forwarding'

export interface AcceptRequest {
  readonly key: EndpointKey
  /** See `SurveyQuestion`. */
  readonly own?: boolean
  readonly seenStopped?: boolean
  readonly trusting?: boolean
}

export interface EndpointPlan {
  readonly key: EndpointKey
  readonly plan: AcceptPlan
}

/** Every base chain and every backend may need one. */
const MOST_CHANGES = 16

/**
 * For every endpoint the smallest list of accept rules with which strangers' packets and the answers to them get through
 * this host's own rules. Each plan stands on the changes of those before it, so what one of them opens for another is not
 * planned twice. Changes nothing. `PeerwayError` where the rules cannot be read.
 */
export async function planAccepts(
  host: Host,
  requests: readonly AcceptRequest[],
  addresses: AddressesFact,
  vantages: readonly Address[],
): Promise<readonly EndpointPlan[]> {
  const read = readRuleset(await host.netfilter.rulesets())
  if (!read.ok)
    throw new PeerwayError(
      'not-available',
      errorText('error.rules-unreadable', { code: read.code, offset: read.offset }),
    )
  const around = new Surroundings(host, addresses)
  let ruleset = read.value
  const plans: EndpointPlan[] = []
  for (const { key, own = false, seenStopped = false, trusting = false } of requests) {
    const address = addresses.source[key.family]
    const name = address === null ? undefined : around.interfaceOf(address)
    if (address === null || name === undefined) {
      plans.push({ key, plan: { kind: 'not-planned', why: 'no-address', at: null, expression: null } })
      continue
    }
    const question = {
      key,
      around,
      vantages,
      entrance: { address, interface: name },
      own: own && key.transport === 'udp',
      seenStopped,
      trusting,
    }
    const found = await planAccept(ruleset, question)
    plans.push({ key, plan: found.plan })
    ruleset = found.ruleset
  }
  return plans
}

/** The same for one endpoint, and the rule set as it would be with the plan's changes. Asks for routes and nothing else. */
export async function planAccept(
  ruleset: Ruleset,
  question: SurveyQuestion,
): Promise<{ readonly plan: AcceptPlan; readonly ruleset: Ruleset }> {
  const changes: ChangeContent[] = []
  let now = ruleset
  let seen = await survey(now, question)
  while (seen.kind === 'stopped' || (seen.kind === 'doubtful' && question.seenStopped)) {
    if (changes.length === MOST_CHANGES) return { plan: notPlanned('too-many', seen.at), ruleset }
    const step = await stepPast(now, question, seen.kind === 'stopped' ? seen : { ...seen, flow: 'inbound' })
    if (step === undefined) return { plan: notPlanned('no-spot', seen.at), ruleset }
    changes.push(step.spot.content)
    now = step.spot.ruleset
    seen = step.seen
  }
  if (seen.kind === 'open') return { plan: { ...seen, kind: 'planned', changes }, ruleset: now }
  const { at, expression } = seen
  return {
    plan: { kind: 'not-planned', why: seen.kind === 'doubtful' ? 'unknown' : seen.why, at, expression },
    ruleset,
  }
}

type Stopped = Pick<Extract<Survey, { kind: 'stopped' }>, 'flow' | 'at' | 'routed'>

/** The first spot with which the packets get past the place that stops them. */
async function stepPast(
  ruleset: Ruleset,
  question: SurveyQuestion,
  stopped: Stopped,
): Promise<{ readonly spot: Spot; readonly seen: Survey } | undefined> {
  for (const match of matchesFor(question, stopped)) {
    const stop = { at: stopped.at, match, interface: question.entrance.interface }
    for (const spot of spotsFor(ruleset, stop)) {
      const seen = await survey(spot.ruleset, question)
      if (!isStuck(seen, stopped)) return { spot, seen }
    }
  }
  return undefined
}

/** Is it the same place still, whether it stops the packets or may stop them? */
function isStuck(seen: Survey, { flow, at }: Stopped): boolean {
  if (seen.kind === 'stopped') return seen.flow === flow && samePlace(seen.at, at)
  return seen.kind === 'doubtful' && flow === 'inbound' && samePlace(seen.at, at)
}

const EDGES: readonly string[] = ['ingress', 'prerouting', 'postrouting', 'egress']

/**
 * A packet that is translated bears the guest's address and port in the middle of this host, and the endpoint's own port
 * at its edges; which of them a chain at an edge sees depends on its priority, so both are tried.
 */
function matchesFor({ key, around }: SurveyQuestion, { flow, at, routed }: Stopped): readonly AcceptMatch[] {
  const { family, transport } = key
  const end = flow === 'inbound' ? ('destination' as const) : ('source' as const)
  const outer: AcceptMatch = { family, transport, end, port: key.port, address: null }
  if (routed === undefined || flow === 'own') return [outer]
  const isOwn = around.isOwn(routed.destination)
  const inner = { ...outer, port: routed.destinationPort ?? key.port, address: isOwn ? null : routed.destination }
  if (inner.port === outer.port && inner.address === outer.address) return [outer]
  return EDGES.includes(at.hook) ? [outer, inner] : [inner, outer]
}

function notPlanned(why: WhyNot, at: Place): AcceptPlan {
  return { kind: 'not-planned', why, at, expression: at.rule?.text ?? null }
}
