import type { Family } from '../model/endpoint.ts'
import type { IdleFlowsFact, IdleWindow } from '../model/evidence.ts'
import { type Findings, ids } from './findings.ts'

/** The boxes on the way of one family that remember UDP flows, and forget idle ones within the time that was waited. */
export interface FlowBoxes {
  /** From this host outwards. Hop 0 is this host itself. */
  readonly boxes: readonly FlowBox[]
  /** Every hop as far as `hops` was looked at by itself: those are all, but for boxes that remember longer than was waited. */
  readonly isComplete: boolean
  readonly hops: number
  readonly waitedSeconds: number
  /** Of a flow on the whole way; null where it never ended, or where that is not clear. */
  readonly lifetime: Lifetime | null
  /** Do datagrams from outside alone keep a flow, and those of this host alone? Undefined where that is not clear. */
  readonly keptFromOutside: boolean | undefined
  readonly keptFromInside: boolean | undefined
  readonly evidence: readonly string[]
}

/** It lived for so long, and was forgotten after so long at the latest. */
export interface Lifetime {
  readonly livedSeconds: number
  readonly diedSeconds: number
}

export interface FlowBox {
  readonly hop: number
  /** Null where another box forgets sooner, and hides it. */
  readonly lifetime: Lifetime | null
}

/** What one window shows of the boxes that nothing kept busy. */
type Memory = ({ readonly kind: 'forgets' } & Lifetime) | { readonly kind: 'keeps'; readonly livedSeconds: number }

/**
 * What the idle flows of this run show; undefined where there are none, or where the line was disturbed.
 *
 * A box looks at the flow before it looks at the TTL, as Linux does, or after. In the second case the datagrams that end there do
 * not keep it, and it is seen in windows beside its own. So places are stated only where the hops that were kept from both
 * sides without a gap forgot nothing, and where what each side shows by itself agrees.
 */
export function findFlowBoxes(findings: Findings, family: Family): FlowBoxes | undefined {
  const evidence = findings.inFamily('idle-flows', family)[0]
  if (evidence === undefined) return undefined
  const windows = new Windows(evidence.value)
  const line = windows.memory(255, 0)
  if (line?.kind !== 'keeps') return undefined
  const whole = windows.memory(0, null)
  const lifetime = whole?.kind === 'forgets' && whole.livedSeconds > 0 ? whole : null
  const keptFromOutside = whole?.kind === 'forgets' ? keeps(windows.memory(0, 0)) : undefined
  // Where datagrams from outside keep nothing, those that end on the way keep nothing either.
  const eachHop = whole?.kind === 'forgets' && keptFromOutside !== true ? undefined : windows.eachHop()
  const found = eachHop ?? { boxes: windows.fromOneSide(), isComplete: false }
  return {
    ...found,
    hops: windows.hops,
    waitedSeconds: line.livedSeconds,
    lifetime,
    keptFromOutside,
    keptFromInside: whole?.kind === 'forgets' ? keeps(windows.memory(255, null)) : undefined,
    evidence: ids([evidence]),
  }
}

class Windows {
  readonly hops: number
  readonly #windows: readonly IdleWindow[]

  constructor({ windows }: IdleFlowsFact) {
    this.#windows = windows
    this.hops = Math.max(0, ...windows.map(({ keptUpTo }) => (keptUpTo < 255 ? keptUpTo : 0)))
  }

  /** Undefined where that was not tried, or where it is not clear. */
  memory(keptUpTo: number, keptFrom: number | null): Memory | undefined {
    const window = this.#windows.find((one) => one.keptUpTo === keptUpTo && one.keptFrom === keptFrom)
    if (window === undefined) return undefined
    const livedSeconds = Math.max(0, ...window.livedSeconds)
    // A flow that was idle for longer lived: these datagrams were lost.
    const died = window.diedSeconds.filter((seconds) => seconds > livedSeconds)
    if (died.length === 0) return livedSeconds === 0 ? undefined : { kind: 'keeps', livedSeconds }
    return died.length < 2 ? undefined : { kind: 'forgets', livedSeconds, diedSeconds: Math.min(...died) }
  }

  /** The boxes of all hops; undefined where one of them is not clear, or the views from both sides contradict each other. */
  eachHop(): Pick<FlowBoxes, 'boxes' | 'isComplete'> | undefined {
    const hops = Array.from({ length: this.hops + 1 }, (_, hop) => hop)
    const alone = hops.map((hop) => this.memory(Math.max(0, hop - 1), hop + 1))
    if (alone.includes(undefined) || hops.length < 2) return undefined
    if (!hops.slice(1).every((hop) => keeps(this.memory(hop, hop + 1)))) return undefined
    for (const hop of hops) {
      const notKept = alone.slice(hop === 0 ? 0 : hop + 1)
      const isForgotten = notKept.some((memory) => memory?.kind === 'forgets')
      if (forgets(this.memory(hop, null)) !== isForgotten) return undefined
    }
    const [host, first] = alone
    // Nothing keeps this host's own filter alone: where it forgets first, what its router does cannot be seen.
    const isHidden = host?.kind === 'forgets' && first?.kind === 'forgets' && first.diedSeconds > host.livedSeconds
    const boxes = alone.flatMap((memory, hop) =>
      memory?.kind !== 'forgets' || (hop === 1 && isHidden) ? [] : [{ hop, lifetime: lifetimeOf(memory) }],
    )
    return { boxes, isComplete: !isHidden }
  }

  /** Where the way begins to be remembered for ever, there is a box: at that hop, or, if it looks at the TTL first, before. */
  fromOneSide(): readonly FlowBox[] {
    const hops = Array.from({ length: this.hops }, (_, index) => index + 1)
    const place = hops.findLast((hop) => forgets(this.memory(hop - 1, null)) && keeps(this.memory(hop, null)))
    return place === undefined ? [] : [{ hop: place, lifetime: null }]
  }
}

function lifetimeOf({ livedSeconds, diedSeconds }: Lifetime): Lifetime {
  return { livedSeconds, diedSeconds }
}

function keeps(memory: Memory | undefined): boolean | undefined {
  return memory && memory.kind === 'keeps'
}

function forgets(memory: Memory | undefined): boolean | undefined {
  return memory && memory.kind === 'forgets'
}
