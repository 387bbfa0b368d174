import type { Prng } from '../prng.ts'
import type { NatBehavior } from './nat-behavior.ts'

const FIRST_FREE = 1024
const LAST = 65535
const TURNED_BIT = 0x2000

/** Where contiguous ports begin: anywhere but at what users choose themselves. */
const FIRST_CONTIGUOUS = 40_000

/** Chooses outside ports for new mappings. */
export class PortChooser {
  readonly #behavior: Pick<NatBehavior, 'ports' | 'parity' | 'keepsRange'>
  readonly #random: Prng
  #last = FIRST_CONTIGUOUS - 1

  constructor(behavior: Pick<NatBehavior, 'ports' | 'parity' | 'keepsRange'>, random: Prng) {
    this.#behavior = behavior
    this.#random = random
  }

  /** A port for `internal`; undefined when none is free. */
  choose(internal: number, isFree: (port: number) => boolean): number | undefined {
    const { ports } = this.#behavior
    if (ports === 'overload') return internal
    if (ports === 'preserve' && isFree(internal)) return internal
    if (ports === 'exclusive-or' && internal !== TURNED_BIT && isFree(internal ^ TURNED_BIT))
      return internal ^ TURNED_BIT
    const start = this.#start(internal)
    const [low, high] = this.#range(internal)
    for (let step = 0; step <= high - low; step++) {
      const port = low + ((start - low + step) % (high - low + 1))
      if (this.#behavior.parity && (port ^ internal) & 1) continue
      if (!isFree(port)) continue
      this.#last = port
      return port
    }
    return undefined
  }

  #range(internal: number): readonly [number, number] {
    return this.#behavior.keepsRange && internal < FIRST_FREE ? [1, FIRST_FREE - 1] : [FIRST_FREE, LAST]
  }

  #start(internal: number): number {
    const [low, high] = this.#range(internal)
    if (this.#behavior.ports === 'random') return low + this.#random.below(high - low + 1)
    if (this.#behavior.ports === 'contiguous') return this.#last >= high ? low : Math.max(low, this.#last + 1)
    return internal < low || internal >= high ? low : internal + 1
  }
}
