import { errorText, PeerwayError } from '../model/error.ts'
import { AddressBook, type AddressId } from './address-book.ts'
import { drain } from './drain.ts'
import type { Interface } from './interface.ts'
import type { Packet } from './packet.ts'
import { Prng } from './prng.ts'
import { Schedule, type Scheduled } from './schedule.ts'
import type { Trace } from './trace.ts'

/** Midnight of 1 January 2026, UTC: when every world begins. */
const BEGINNING_MS = 1_767_225_600_000

/** A day: whatever has not ended by then, in a world that still has something to do, never will. */
const LONGEST_RUN_MS = 86_400_000

export interface Timer {
  cancel(): void
}

/** Sees every packet that is put on a network, before it can be lost. */
export type Tap = (from: Interface, nextHop: AddressId, packet: Packet) => void

/**
 * Virtual time, and all that happens in it, in order. All randomness comes from `seed`: the same seed and the same
 * program give the same packets at the same moments.
 */
export class World {
  readonly seed: number
  readonly addresses = new AddressBook()
  /** Who is told what packets meet; null costs nothing. */
  trace: Trace | null = null
  tap: Tap | null = null
  /** Packets that arrived at a machine, so far. */
  hops = 0
  nowMs = 0
  readonly #schedule = new Schedule()
  #awake = false
  #idle: (() => void) | null = null

  constructor(seed: number) {
    this.seed = seed
  }

  get wallMs(): number {
    return BEGINNING_MS + this.nowMs
  }

  /** The stream of randomness of somebody. The same label gives the same numbers anew. */
  random(label: string): Prng {
    return new Prng(`${this.seed}/${label}`)
  }

  /** Lets `event` happen after `delayMs`. It must not be waiting already. */
  schedule(event: Scheduled, delayMs: number): void {
    event.atMs = this.nowMs + delayMs
    this.#schedule.add(event)
    if (this.#idle !== null) this.#idle()
  }

  timer(delayMs: number, callback: () => void): Timer {
    const timer = new WorldTimer(callback)
    this.schedule(timer, Math.max(0, delayMs))
    return timer
  }

  /** Says that a program was given something: it goes on before anything else happens. */
  wake(): void {
    this.#awake = true
  }

  /**
   * Lets time pass until `work` is done, and returns its result. PeerwayError `internal`, naming the seed, when it is stuck:
   * nothing is left to happen, or a day has passed, and it still waits. Then it waits for something outside of this world.
   */
  async run<T>(work: Promise<T>, what = 'the work'): Promise<T> {
    let settled = false
    const settle = () => {
      settled = true
    }
    work.then(settle, settle)
    const endMs = this.nowMs + LONGEST_RUN_MS
    await drain()
    while (!settled) {
      if (!this.#step() || this.nowMs > endMs) throw this.#stuck(what)
      // Most of what happens concerns no program, and a promise for each packet would cost as much as the packet.
      if (this.#awake) await this.#attend()
    }
    return work
  }

  /** Lets `durationMs` pass. */
  async pass(durationMs: number): Promise<void> {
    await this.run(new Promise<void>((resolve) => this.timer(durationMs, () => this.resume(resolve))))
  }

  /** Lets happen whatever will, until nothing is left, without attending to programs: for packets alone. */
  exhaust(): void {
    while (this.#step());
  }

  /** Lets time pass by itself, whenever something waits for it, until the returned function is called. */
  drive(): () => void {
    let stopped = false
    const loop = async () => {
      await drain()
      while (!stopped) {
        if (!this.#step()) await new Promise<void>((resolve) => this.#idleUntil(resolve))
        else if (this.#awake) await this.#attend()
      }
    }
    void loop()
    return () => {
      stopped = true
      this.#idle?.()
    }
  }

  /** Calls what continues a program, and remembers to attend to it. */
  resume(continuation: () => void): void {
    this.#awake = true
    continuation()
  }

  #idleUntil(resolve: () => void): void {
    this.#idle = () => {
      this.#idle = null
      resolve()
    }
  }

  /** The next thing happens; false when nothing is left. A cancelled timer moves no clock. */
  #step(): boolean {
    for (;;) {
      const event = this.#schedule.next()
      if (event === undefined) return false
      if (event instanceof WorldTimer && event.cancelled) continue
      this.nowMs = event.atMs
      event.fire()
      return true
    }
  }

  #attend(): Promise<void> {
    this.#awake = false
    return drain()
  }

  #stuck(what: string): PeerwayError {
    return new PeerwayError('internal', errorText('error.sim-stuck', { what, nowMs: this.nowMs, seed: this.seed }))
  }
}

class WorldTimer implements Scheduled, Timer {
  atMs = 0
  order = 0
  cancelled = false
  readonly #callback: () => void

  constructor(callback: () => void) {
    this.#callback = callback
  }

  fire(): void {
    // What has happened cannot be cancelled; a late cancel must not hide it.
    this.#callback()
  }

  cancel(): void {
    this.cancelled = true
  }
}
