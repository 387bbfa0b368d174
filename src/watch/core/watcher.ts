import type { Answer } from '../../model/answer.ts'
import type { Address, EndpointName, Family } from '../../model/endpoint.ts'
import { judgeNatPmpEpoch } from '../../wire/nat-pmp/epoch.ts'
import { type EpochSeen, judgeEpoch } from '../../wire/pcp/epoch.ts'
import { Budget } from './budget.ts'
import { type Happening, happening } from './happening.ts'
import { type Lease, LeaseTimer, type Now } from './lease.ts'
import type { Pace } from './pace.ts'
import { Reach } from './reach.ts'
import { backedOff, jittered, Task, type Unit } from './task.ts'
import type { Command, GatewaySaid, Input, Question } from './watcher-io.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const
/** A wall clock may be slewed by this without having been set. */
const JUMP_MS = 5000
const OPEN_COST = 3
/** A router that is silent for so many questions is asked less often, but never less than this. */
const LONGEST_GATEWAY_MS = 60_000
const SILENT_AFTER = 3

/**
 * All that `watch` decides: whom to ask what and when, what to renew, and what is worth telling. A state machine that owns no
 * socket and no clock: what was seen goes into `handle`, with the time, and commands come out; whoever carries one out says
 * what came of it. `wakeAtMs` is when to call again although nothing was seen.
 */
export class Watcher {
  readonly #pace: Pace
  readonly #unit: Unit
  readonly #tasks: Readonly<Record<Exclude<Question, 'open'>, Task>>
  readonly #budgets: { readonly checks: Budget; readonly outside: Budget; readonly gateways: Budget }
  readonly #leases = new Map<string, LeaseTimer>()
  readonly #gateways = new Map<string, { epoch: EpochSeen | null; external: Address | null; failures: number }>()
  readonly #outside = new Map<Family, Address>()
  readonly #reach = new Map<EndpointName, Reach>()
  #gone: ReadonlySet<string> = new Set()
  #holders: ReadonlyMap<EndpointName, string | null> | null = null
  #clockOffsetMs: number | null = null
  #seenHere: string | null = null
  #unanswered = 0
  #isOpenWanted = false
  /** Since strangers do not get in, what is held has been asked for again. */
  #hasRenewedFirst = false
  #openAgainAtMs = 0
  #isDeclined = false
  #told: Happening[] = []

  constructor(pace: Pace, unit: Unit, now: Now, known: ReadonlyMap<EndpointName, Answer> = new Map()) {
    this.#pace = pace
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
    this.#forgetEpochs()
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
    this.#forgetEpochs()
    this.#networkChanged(now)
  }

  #lookedCloser({ holders, gone }: Extract<Input, { kind: 'looked-closer' }>, now: Now): void {
    this.#tasks['look-closer'].finish(now.ms, this.#pace.lookCloserMs)
    const isNodeOther = holders !== undefined && this.#noteHolders(holders)
    const lost = gone.filter((id) => !this.#gone.has(id))
    this.#gone = new Set(gone)
    for (const change of lost) this.#tell('rule-gone', { change })
    if (isNodeOther || lost.length > 0) this.#measureSoon(now)
  }

  /** Has the node stopped, started, or both meanwhile? */
  #noteHolders(holders: ReadonlyMap<EndpointName, string | null>): boolean {
    const before = this.#holders ?? holders
    this.#holders = holders
    const changed = [...holders].filter(([name, holder]) => before.has(name) && before.get(name) !== holder)
    const told = (kind: 'node-gone' | 'node-back' | 'node-restarted', names: readonly EndpointName[]) => {
      if (names.length > 0) this.#tell(kind, { endpoints: names.join(', ') })
    }
    const names = (which: (name: EndpointName, holder: string | null) => boolean) =>
      changed.filter(([name, holder]) => which(name, holder)).map(([name]) => name)
    told(
      'node-gone',
      names((_, holder) => holder === null),
    )
    told(
      'node-back',
      names((name, holder) => holder !== null && before.get(name) === null),
    )
    told(
      'node-restarted',
      names((name, holder) => holder !== null && before.get(name) !== null),
    )
    return changed.length > 0
  }

  #gatewaysSaid(said: readonly GatewaySaid[], now: Now): void {
    for (const each of said) this.#gatewaySaid(each, now)
    const patient = [...this.#gateways.values()].every(({ failures }) => failures > 10 * SILENT_AFTER)
    const ms = patient ? LONGEST_GATEWAY_MS : this.#pace.askGatewayMs
    this.#tasks['ask-gateways'].finish(now.ms, jittered(ms, this.#unit))
  }

  #gatewaySaid({ grantor, outcome, epochSeconds, externalAddress, missing }: GatewaySaid, now: Now): void {
    const known = this.#gateways.get(grantor) ?? { epoch: null, external: null, failures: 0 }
    this.#gateways.set(grantor, known)
    const address = grantor.split(' ')[0]!
    if (outcome === 'silent') {
      known.failures++
      if (known.failures === SILENT_AFTER) this.#tell('router-silent', { address })
      return
    }
    if (known.failures >= SILENT_AFTER) this.#tell('router-back', { address })
    known.failures = 0
    const epoch = epochSeconds === null ? null : { epochSeconds, atMs: now.ms }
    const hasForgotten = epoch !== null && this.#hasForgotten(grantor, known.epoch, epoch, now)
    known.epoch = epoch
    if (hasForgotten || missing.length > 0) {
      this.#tell('router-forgot', { address })
      for (const timer of this.#leases.values()) {
        const { grantor: other, id } = timer.lease
        if (other === grantor && (hasForgotten || missing.includes(id))) timer.hasten(now, true)
      }
      this.#measureSoon(now)
    }
    const before = known.external
    if (externalAddress !== null) known.external = externalAddress
    if (before === null || externalAddress === null || before === externalAddress) return
    this.#tell('outside-address-changed', { from: before, external: externalAddress })
    this.#networkChanged(now)
  }

  #hasForgotten(grantor: string, before: EpochSeen | null, epoch: EpochSeen, now: Now): boolean {
    if (before !== null && grantor.endsWith(' pcp')) return judgeEpoch(before, epoch) === 'lost-state'
    if (before !== null) return judgeNatPmpEpoch(before, epoch) === 'lost-state'
    // Never asked before: what it told with its grants tells, by slowness alone, for their time is the wall clock's.
    return [...this.#leases.values()].some(({ lease }) => {
      if (lease.grantor !== grantor) return false
      const atMs = now.ms - Math.max(0, now.wallMs - lease.grantedAtMs)
      return judgeNatPmpEpoch({ epochSeconds: lease.epochSeconds ?? 0, atMs }, epoch) === 'lost-state'
    })
  }

  #outsideSaid(seen: Readonly<Partial<Record<Family, Address | null>>>, now: Now): void {
    this.#tasks['ask-outside'].finish(now.ms, jittered(this.#pace.askOutsideMs, this.#unit))
    for (const family of FAMILIES) {
      const [before, address] = [this.#outside.get(family), seen[family]]
      if (address == null) continue
      this.#outside.set(family, address)
      if (before === undefined || before === address) continue
      // A router tells of it too, and one telling is enough.
      const isTold = [...this.#gateways.values()].some(({ external }) => external === address)
      if (!isTold) this.#tell('outside-address-changed', { from: before, external: address })
      for (const gateway of this.#gateways.values()) if (gateway.external === before) gateway.external = address
      this.#networkChanged(now)
    }
  }

  #checked({ result, isAsked }: Extract<Input, { kind: 'checked' }>, now: Now): void {
    const { endpoints, mayOpen, isAnswered, repair, outside } = result
    for (const family of FAMILIES) {
      const address = outside[family]
      // What was known before is compared with the next question's answer.
      if (address !== undefined && !this.#outside.has(family)) this.#outside.set(family, address)
    }
    let isInDoubt = false
    for (const { name, reachable } of endpoints) {
      const reach = this.#reach.get(name) ?? new Reach()
      this.#reach.set(name, reach)
      const change = reach.measured(reachable, repair === 'helped' && reachable === 'yes')
      if (reach.isInDoubt) isInDoubt = true
      if (change === undefined) continue
      if (change.from === 'unknown') this.#tell(change.to === 'yes' ? 'reachable' : 'unreachable', { endpoints: name })
      else this.#tell(change.to === 'yes' ? 'back' : 'lost', { endpoints: name })
    }
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
    const afterMs = this.#isOpenWanted ? 0 : isRenewing ? 3 * settleMs : isInDoubt ? confirmMs : patientMs
    const { check } = this.#tasks
    if (isAsked || !check.isRunning) check.finish(now.ms, jittered(afterMs, this.#unit), settleMs)
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
    const grantors = new Set(leases.map(({ grantor }) => grantor))
    for (const grantor of this.#gateways.keys()) if (!grantors.has(grantor)) this.#gateways.delete(grantor)
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
    this.#renewAll(now)
    this.#measureSoon(now)
  }

  #forgetEpochs(): void {
    for (const gateway of this.#gateways.values()) gateway.epoch = null
  }

  #renewAll(now: Now): void {
    for (const timer of this.#leases.values()) timer.hasten(now)
  }

  #measureSoon(now: Now): void {
    const { look, check } = this.#tasks
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
    const grantors = [...new Set([...this.#leases.values()].map(({ lease }) => lease.grantor))]
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
    return task.isDue(ms) && this.#pay(task, this.#budgets.outside, 1, ms) ? [{ do: 'ask-outside' }] : []
  }

  #dueCheck({ ms }: Now): readonly Command[] {
    const { check } = this.#tasks
    if (!check.isDue(ms) || !this.#pay(check, this.#budgets.checks, this.#isOpenWanted ? OPEN_COST : 1, ms)) return []
    return [{ do: this.#isOpenWanted ? 'open' : 'check' }]
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
