import type { Answer } from '../../model/answer.ts'
import type { EndpointName } from '../../model/endpoint.ts'
import { Budget } from './budget.ts'
import { GatewayWatch } from './gateway-watch.ts'
import { type Happening, happening } from './happening.ts'
import { Holders } from './holders.ts'
import { type Lease, LeaseTimer, type Now } from './lease.ts'
import { OutsideWatch, type SeenByFamily } from './outside-watch.ts'
import type { Pace } from './pace.ts'
import { Reach } from './reach.ts'
import { backedOff, jittered, Task, type Unit } from './task.ts'
import type { Command, GatewaySaid, Input, Question } from './watcher-io.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const
/** A wall clock may be slewed by this without having been set. */
const JUMP_MS = 5000
const OPEN_COST = 3
/** Routers that are silent for long are asked less often, but never less than this. */
const LONGEST_GATEWAY_MS = 60_000

export interface WatcherOptions {
  /** What was stated of endpoints before. */
  readonly known: ReadonlyMap<EndpointName, Answer>
  /** Is also to be measured what takes minutes? */
  readonly isDeep: boolean
}

/**
 * All that `watch` decides: whom to ask what and when, what to renew, and what is worth telling. A state machine that owns no
 * socket and no clock: what was seen goes into `handle`, with the time, and commands come out; whoever carries one out says
 * what came of it. `wakeAtMs` is when to call again although nothing was seen.
 */
export class Watcher {
  readonly #pace: Pace
  readonly #unit: Unit
  readonly #isDeep: boolean
  readonly #tasks: Readonly<Record<Exclude<Question, 'open'>, Task>>
  readonly #budgets: { readonly checks: Budget; readonly outside: Budget; readonly gateways: Budget }
  readonly #leases = new Map<string, LeaseTimer>()
  readonly #gateways = new GatewayWatch()
  readonly #outside = new OutsideWatch()
  readonly #holders = new Holders()
  readonly #reach = new Map<EndpointName, Reach>()
  #gone: ReadonlySet<string> = new Set()
  #clockOffsetMs: number | null = null
  #seenHere: string | null = null
  #unanswered = 0
  #isOpenWanted = false
  /** Since strangers do not get in, what is held has been asked for again. */
  #hasRenewedFirst = false
  #openAgainAtMs = 0
  #isDeclined = false
  /** What a check shows next may follow from what a person has taken back. */
  #hasTakenBack = false
  /** When to measure next what takes minutes, and when that was last done. */
  #deepAtMs: number
  #deepestAtMs = Number.NEGATIVE_INFINITY
  #isDeepNext = false
  #told: Happening[] = []

  constructor(pace: Pace, unit: Unit, now: Now, { known, isDeep }: WatcherOptions) {
    this.#pace = pace
    this.#isDeep = isDeep
    this.#deepAtMs = isDeep ? now.ms : Number.POSITIVE_INFINITY
    this.#unit = unit
    const task = (afterMs: number) => new Task(now.ms + afterMs)
    this.#tasks = {
      look: task(0),
      'look-closer': task(pace.lookCloserMs),
      'ask-gateways': task(jittered(pace.askGatewayMs, unit)),
      'ask-outside': task(jittered(pace.askOutsideMs, unit)),
      check: task(0),
    }
    this.#budgets = {
      checks: new Budget(pace.checks, now.ms),
      outside: new Budget(pace.outsideQuestions, now.ms),
      gateways: new Budget(pace.gatewayQuestions, now.ms),
    }
    for (const [name, stated] of known) this.#reach.set(name, new Reach(stated))
  }

  get wakeAtMs(): number {
    const leases = [...this.#leases.values()].map(({ isRunning, dueAtMs }) => (isRunning ? Infinity : dueAtMs))
    const { 'look-closer': closer, ...others } = this.#tasks
    const tasks = this.#tasks.check.isRunning ? Object.values(others) : [...Object.values(others), closer]
    return Math.min(...tasks.map(({ wakeAtMs }) => wakeAtMs), ...leases)
  }

  /** What is told of each endpoint, after hysteresis. */
  get stated(): ReadonlyMap<EndpointName, Answer> {
    return new Map([...this.#reach].map(([name, { stated }]) => [name, stated]))
  }

  /** When the next check is due; null while one runs. */
  get checkAtMs(): number | null {
    const { isRunning, dueAtMs } = this.#tasks.check
    return isRunning ? null : dueAtMs
  }

  /** When a mapping is to be renewed; undefined for one that it does not know. */
  renewAtMs(id: string): number | undefined {
    return this.#leases.get(id)?.dueAtMs
  }

  /** A person has taken mappings back: nothing is opened unasked from then on, until `allow`. */
  decline(): void {
    this.#isDeclined = true
    this.#hasTakenBack = true
    this.#isOpenWanted = false
  }

  allow(): void {
    this.#isDeclined = false
  }

  handle(input: Input | null, now: Now): readonly Command[] {
    this.#told = []
    this.#noticeClock(now)
    if (input !== null) this.#take(input, now)
    const commands = this.#due(now)
    return [...this.#told.map((what): Command => ({ do: 'tell', what })), ...commands]
  }

  // ------------------------------------------------------------------------------------------ what was seen

  /** Sleep, and a clock that was set, look the same: the wall's clock has moved and ours has not. */
  #noticeClock({ ms, wallMs }: Now): void {
    const offsetMs = wallMs - ms
    const movedMs = offsetMs - (this.#clockOffsetMs ?? offsetMs)
    this.#clockOffsetMs = offsetMs
    if (Math.abs(movedMs) < JUMP_MS) return
    this.#tell('clock-jumped', { seconds: Math.round(movedMs / 1000) })
    this.#gateways.forgetEpochs()
    this.#renewAll({ ms, wallMs })
    this.#measureSoon({ ms, wallMs })
  }

  #take(input: Input, now: Now): void {
    switch (input.kind) {
      case 'looked':
        return this.#looked(input, now)
      case 'looked-closer':
        return this.#lookedCloser(input, now)
      case 'gateways-said':
        return this.#gatewaysSaid(input.said, now)
      case 'outside-said':
        return this.#outsideSaid(input.seen, now)
      case 'checked':
        return this.#checked(input, now)
      case 'leases':
        return this.#takeLeases(input.leases, now)
      case 'renewed':
        return this.#renewed(input, now)
      case 'failed':
        return this.#failed(input.task, now)
      case 'check-wanted':
        this.#isDeepNext = false
        return this.#tasks.check.hasten(now.ms)
    }
  }

  #looked({ addresses, sources }: Extract<Input, { kind: 'looked' }>, now: Now): void {
    this.#tasks.look.finish(now.ms, this.#pace.lookMs)
    const here = [addresses.toSorted().join(' '), sources.join(' ')].join(' > ')
    const before = this.#seenHere
    this.#seenHere = here
    if (before === null || before === here) return
    this.#tell('address-changed', { address: sources.join(', ') || addresses.join(', ') })
    this.#gateways.forgetEpochs()
    this.#networkChanged(now)
  }

  #lookedCloser({ holders, gone }: Extract<Input, { kind: 'looked-closer' }>, now: Now): void {
    this.#tasks['look-closer'].finish(now.ms, this.#pace.lookCloserMs)
    const ofNode = holders === undefined ? [] : this.#holders.noted(holders)
    this.#told.push(...ofNode)
    const lost = gone.filter((id) => !this.#gone.has(id))
    this.#gone = new Set(gone)
    for (const change of lost) this.#tell('rule-gone', { change })
    if (ofNode.length > 0 || lost.length > 0) this.#measureSoon(now)
  }

  #gatewaysSaid(said: readonly GatewaySaid[], now: Now): void {
    for (const each of said) this.#gatewaySaid(each, now)
    const ms = this.#gateways.isHopeless ? LONGEST_GATEWAY_MS : this.#pace.askGatewayMs
    this.#tasks['ask-gateways'].finish(now.ms, jittered(ms, this.#unit))
  }

  #gatewaySaid(said: GatewaySaid, now: Now): void {
    const { grantor, missing } = said
    const { told, hasForgotten, hasMoved } = this.#gateways.said(said, this.#held, now)
    this.#told.push(...told)
    if (hasForgotten || missing.length > 0) {
      for (const timer of this.#leases.values()) {
        const { grantor: other, id } = timer.lease
        if (other === grantor && (hasForgotten || missing.includes(id))) timer.hasten(now, true)
      }
      this.#measureSoon(now)
    }
    if (hasMoved) this.#networkChanged(now)
  }

  get #held(): readonly Lease[] {
    return [...this.#leases.values()].map(({ lease }) => lease)
  }

  #outsideSaid(seen: SeenByFamily, now: Now): void {
    const { moved, hasForgotten } = this.#outside.heard(seen, now.ms)
    for (const { from, to } of moved) {
      // A router tells of it too, and one telling is enough.
      if (!this.#gateways.noteMoved(from, to)) this.#tell('outside-address-changed', { from, external: to })
    }
    if (hasForgotten && moved.length === 0) {
      this.#tell('flow-forgotten')
      this.#renewAll(now)
      this.#measureSoon(now)
    }
    if (moved.length > 0) this.#networkChanged(now)
    this.#tasks['ask-outside'].finish(now.ms, this.#outsidePauseMs())
  }

  #outsidePauseMs(): number {
    return jittered(this.#outside.pauseMs(this.#pace.askOutsideMs), this.#unit)
  }

  #checked({ result, isAsked }: Extract<Input, { kind: 'checked' }>, now: Now): void {
    const { endpoints, mayOpen, isAnswered, repair, outside, lifetimeSeconds } = result
    for (const family of FAMILIES) {
      const address = outside[family]
      if (address !== undefined) this.#outside.noteAddress(family, address)
    }
    if (lifetimeSeconds !== null) this.#keepWithin(lifetimeSeconds, now)
    let isInDoubt = false
    for (const { name, reachable } of endpoints) {
      const reach = this.#reach.get(name) ?? new Reach()
      this.#reach.set(name, reach)
      const isExpected = (repair === 'helped' && reachable === 'yes') || (this.#hasTakenBack && reachable === 'no')
      const change = reach.measured(reachable, isExpected)
      if (reach.isInDoubt) isInDoubt = true
      if (change === undefined) continue
      if (change.from === 'unknown') this.#tell(change.to === 'yes' ? 'reachable' : 'unreachable', { endpoints: name })
      else this.#tell(change.to === 'yes' ? 'back' : 'lost', { endpoints: name })
    }
    this.#hasTakenBack = false
    this.#countUnanswered(isAnswered)
    if (repair === 'useless') this.#openAgainAtMs = now.ms + this.#pace.reopenMs
    const isWanted = mayOpen && !this.#isDeclined && now.ms >= this.#openAgainAtMs
    // What is held may only have been forgotten, and would be there twice if it were opened anew.
    const isRenewing = isWanted && this.#leases.size > 0 && !this.#hasRenewedFirst
    if (isRenewing) this.#renewAll(now)
    this.#hasRenewedFirst = isRenewing || (mayOpen && this.#hasRenewedFirst)
    this.#isOpenWanted = isWanted && !isRenewing
    const { checkMs, longestCheckMs, confirmMs, settleMs } = this.#pace
    const patientMs = backedOff(checkMs, Math.max(0, this.#unanswered - 1), longestCheckMs)
    this.#isDeepNext = isAnswered && !isWanted && !isInDoubt && now.ms >= this.#deepAtMs
    const usualMs = this.#isDeepNext ? settleMs : patientMs
    const afterMs = this.#isOpenWanted ? 0 : isRenewing ? 3 * settleMs : isInDoubt ? confirmMs : usualMs
    const { check } = this.#tasks
    if (isAsked || !check.isRunning) check.finish(now.ms, jittered(afterMs, this.#unit), settleMs)
  }

  /** Flows that are idle for longer are forgotten on the way. */
  #keepWithin(seconds: number, now: Now): void {
    if (!this.#outside.setLifetime(seconds * 1000)) return
    this.#tell('flow-lifetime', { seconds, every: Math.floor(this.#outside.pauseMs(Number.POSITIVE_INFINITY) / 1000) })
    this.#tasks['ask-outside'].hasten(now.ms)
  }

  #countUnanswered(isAnswered: boolean): void {
    const before = this.#unanswered
    this.#unanswered = isAnswered ? 0 : before + 1
    if (before === 1 && !isAnswered) this.#tell('vantage-silent')
    if (before > 1 && isAnswered) this.#tell('vantage-back')
  }

  #takeLeases(leases: readonly Lease[], now: Now): void {
    for (const id of this.#leases.keys()) if (!leases.some((lease) => lease.id === id)) this.#leases.delete(id)
    for (const lease of leases) {
      const timer = this.#leases.get(lease.id)
      if (timer === undefined) this.#leases.set(lease.id, new LeaseTimer(lease, now, this.#unit))
      else timer.update(lease, now, this.#unit)
    }
    this.#gateways.keepOnly(new Set(leases.map(({ grantor }) => grantor)))
  }

  #renewed({ id, outcome, about }: Extract<Input, { kind: 'renewed' }>, now: Now): void {
    const timer = this.#leases.get(id)
    if (outcome === 'renewed' && timer?.isForgotten) this.#tell('mapping-restored', about)
    if (outcome === 'failed') timer?.failed(now, this.#unit)
    else timer?.renewed()
    if (outcome === 'ended') this.#leases.delete(id)
    if (outcome === 'changed' || outcome === 'ended') this.#measureSoon(now)
  }

  #failed(task: Question, now: Now): void {
    const { lookMs, lookCloserMs, askGatewayMs, askOutsideMs, checkMs } = this.#pace
    const after = {
      look: lookMs,
      'look-closer': lookCloserMs,
      'ask-gateways': askGatewayMs,
      'ask-outside': askOutsideMs,
      check: checkMs,
    }
    if (task === 'open') this.#openAgainAtMs = now.ms + this.#pace.checkMs
    const name = task === 'open' ? 'check' : task
    this.#isOpenWanted = false
    this.#tasks[name].finish(now.ms, jittered(after[name], this.#unit))
  }

  // ------------------------------------------------------------------------------------------ what follows

  #tell(kind: Happening['kind'], params: Happening['params'] = {}): void {
    this.#told.push(happening(kind, params))
  }

  /** What was tried in vain before may help now. */
  #networkChanged(now: Now): void {
    this.#openAgainAtMs = now.ms
    this.#outside.setLifetime(null)
    const deepAtMs = Math.max(now.ms, this.#deepestAtMs + this.#pace.leastDeepMs)
    if (this.#isDeep) this.#deepAtMs = Math.min(this.#deepAtMs, deepAtMs)
    this.#renewAll(now)
    this.#measureSoon(now)
  }

  #renewAll(now: Now): void {
    for (const timer of this.#leases.values()) timer.hasten(now)
  }

  #measureSoon(now: Now): void {
    const { look, check } = this.#tasks
    // What has changed is to be known soon; what takes minutes comes after it.
    this.#isDeepNext = false
    look.hasten(now.ms)
    check.hasten(now.ms + this.#pace.settleMs)
    this.#tasks['ask-gateways'].hasten(now.ms + this.#pace.settleMs)
  }

  #due(now: Now): readonly Command[] {
    return [
      ...this.#dueLooks(now),
      ...this.#dueRenewals(now),
      ...this.#dueGateways(now),
      ...this.#dueOutside(now),
      ...this.#dueCheck(now),
    ]
  }

  #dueLooks({ ms }: Now): readonly Command[] {
    return (['look', 'look-closer'] as const).flatMap((name): readonly Command[] => {
      if (!this.#tasks[name].isDue(ms)) return []
      // A check may hold the node's port for a moment.
      if (name === 'look-closer' && this.#tasks.check.isRunning) return []
      this.#tasks[name].start()
      return [{ do: name }]
    })
  }

  #dueRenewals({ ms }: Now): readonly Command[] {
    const due = [...this.#leases.values()].filter(({ isRunning, dueAtMs }) => !isRunning && dueAtMs <= ms)
    const ids = due.flatMap((timer) => {
      if (!this.#budgets.gateways.take(1, ms)) {
        timer.dueAtMs = this.#budgets.gateways.readyAtMs(1, ms)
        return []
      }
      timer.isRunning = true
      return [timer.lease.id]
    })
    return ids.length === 0 ? [] : [{ do: 'renew', ids }]
  }

  #dueGateways({ ms }: Now): readonly Command[] {
    const task = this.#tasks['ask-gateways']
    if (!task.isDue(ms)) return []
    const grantors = [...new Set(this.#held.map(({ grantor }) => grantor))]
    if (grantors.length === 0) {
      task.dueAtMs = ms + jittered(this.#pace.askGatewayMs, this.#unit)
      return []
    }
    if (!this.#pay(task, this.#budgets.gateways, Math.min(grantors.length, this.#pace.gatewayQuestions.atOnce), ms)) {
      return []
    }
    return [{ do: 'ask-gateways', grantors }]
  }

  #dueOutside({ ms }: Now): readonly Command[] {
    const task = this.#tasks['ask-outside']
    if (!task.isDue(ms) || !this.#pay(task, this.#budgets.outside, 1, ms)) return []
    return [{ do: 'ask-outside', isKept: this.#outside.isKept }]
  }

  #dueCheck({ ms }: Now): readonly Command[] {
    const { check } = this.#tasks
    if (!check.isDue(ms) || !this.#pay(check, this.#budgets.checks, this.#isOpenWanted ? OPEN_COST : 1, ms)) return []
    if (this.#isOpenWanted) return [{ do: 'open' }]
    const isDeep = this.#isDeepNext
    this.#isDeepNext = false
    if (isDeep) {
      this.#deepestAtMs = ms
      this.#deepAtMs = ms + jittered(this.#pace.deepMs, this.#unit)
    }
    return [{ do: 'check', isDeep }]
  }

  /** Starts the task where its questions may be asked now; else it comes when they may. */
  #pay(task: Task, budget: Budget, cost: number, nowMs: number): boolean {
    if (budget.take(cost, nowMs)) {
      task.start()
      return true
    }
    task.delay(budget.readyAtMs(cost, nowMs))
    return false
  }
}
