import type { Clock } from '../host/host.ts'
import type { Family } from '../model/endpoint.ts'
import type { Evidence, FactOf, ProbeName } from '../model/evidence.ts'
import type { Progress } from '../model/plan.ts'

/** The order of evidence in a report: by probe, then family, then rank, whatever was answered first. */
const ORDER: readonly ProbeName[] = [
  'addresses',
  'listeners',
  'rule-sources',
  'host-rules',
  'vantage',
  'external-address',
  'local-answer',
  'dial-back',
  'datagrams-read',
  'mapping',
  'filtering',
  'hairpinning',
  'port-preservation',
  'outbound',
  'own-rules',
  'client-rules',
  'interception',
  'protocol-exchange',
  'protocol-answer',
  'protocol-rate',
  'filter-hop',
  'flow-rules',
  'path-mtu',
  'hops',
  'inbound-hops',
  'external-owner',
  'router-page',
  'gateways',
  'outer-gateways',
  'internet',
  'containers',
  'node',
  'node-addresses',
  'node-peers',
  'node-opinion',
  'router-control',
  'idle-flows',
  'idle-tcp',
]

interface Note {
  readonly rank: number
  readonly atMs: number
  readonly probe: ProbeName
  readonly value: FactOf<ProbeName>
}

/** Collects facts as they come in, and numbers them in an order that does not depend on who answered first. */
export class Notebook {
  readonly #clock: Clock
  readonly #onProgress: (progress: Progress) => void
  readonly #notes: Note[] = []

  constructor(clock: Clock, onProgress: (progress: Progress) => void) {
    this.#clock = clock
    this.#onProgress = onProgress
  }

  /** Writes a fact down with the time of now. `rank` orders facts of one probe and family. */
  add<P extends ProbeName>(probe: P, value: FactOf<P>, rank = 0): void {
    this.#notes.push({ probe, value, rank, atMs: this.#clock.nowMs() })
  }

  /** Takes over a fact of an earlier run, with its own time. */
  carry({ probe, value, atMs }: Evidence, rank: number): void {
    this.#notes.push({ probe, value, rank, atMs })
  }

  /** What one probe has found so far, in the order in which it came. */
  facts<P extends ProbeName>(probe: P): readonly FactOf<P>[] {
    return this.#notes.filter((note) => note.probe === probe).map(({ value }) => value as FactOf<P>)
  }

  /** Runs one step and tells that it starts and ends. */
  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.#onProgress({ step: name, state: 'started' })
    try {
      return await run()
    } finally {
      this.#onProgress({ step: name, state: 'finished' })
    }
  }

  /** A step that takes long tells how long it will at most still take. */
  running(step: string, leftMs: number): void {
    this.#onProgress({ step, state: 'running', leftSeconds: Math.max(0, Math.ceil(leftMs / 1000)) })
  }

  /** All facts, with ids e1, e2, ... */
  evidence(): readonly Evidence[] {
    const inOrder = [...this.#notes].sort(
      (a, b) => ORDER.indexOf(a.probe) - ORDER.indexOf(b.probe) || familyRank(a) - familyRank(b) || a.rank - b.rank,
    )
    return inOrder.map(({ probe, atMs, value }, index) => ({ id: `e${index + 1}`, probe, atMs, value }) as Evidence)
  }
}

function familyRank({ value }: Note): number {
  const family: Family | null | undefined = 'family' in value ? value.family : undefined
  return family == null ? 0 : family === 'ipv4' ? 1 : 2
}
