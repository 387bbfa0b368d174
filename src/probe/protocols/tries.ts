import type { Host, Random } from '../../host/host.ts'
import type { ExchangeTally } from '../../model/evidence.ts'
import { INVERTED } from '../../wire/first-packet/protocols.ts'

/**
 * Whose bytes mean something in a flow in which the one answers with the other's bytes inverted. `spoken`: those of who
 * opened it are the protocol's. `answered`: those of the other. `neutral`: nobody's.
 */
export const TRY_KINDS = ['spoken', 'answered', 'neutral'] as const
export type TryKind = (typeof TRY_KINDS)[number]

/** By what the protocol's bytes are turned; neither 0 nor 255 makes sense of them on either side. */
export type Masks = Readonly<Record<TryKind, number>>

export function drawMasks(random: Random): Masks {
  return { spoken: 0, answered: INVERTED, neutral: 1 + (random.bytes(1)[0]! % 254) }
}

/** A try as soon as it is over; what the other end saw is added up later. */
export type TryResult = Omit<ExchangeTally, 'tries' | 'arrived' | 'partly'>

/** Two rounds show that all pass; where something did not, so many more leave no room for chance. */
const FIRST_ROUNDS = 2
const MORE_ROUNDS = 4
const GAP_MS = 40

/**
 * Rounds of one try of each kind, all mixed and a little apart, so that whatever befalls the line befalls all kinds.
 * Ends after the first rounds when nothing has failed.
 */
export async function runTries(
  host: Host,
  attemptOne: (kind: TryKind) => Promise<boolean>,
): Promise<Readonly<Record<TryKind, number>>> {
  const tries = { spoken: 0, answered: 0, neutral: 0 }
  for (const rounds of [FIRST_ROUNDS, MORE_ROUNDS]) {
    const order = shuffled(host.random, Array.from({ length: rounds }, () => TRY_KINDS).flat())
    const passed = await Promise.all(
      order.map(async (kind, index) => {
        await host.clock.sleep(index * GAP_MS)
        tries[kind] += 1
        return attemptOne(kind)
      }),
    )
    // Where nothing passes, whatever it means, there is nothing to compare.
    if (passed.every(Boolean) || !passed.some(Boolean)) break
  }
  return tries
}

/** In an order that nobody can foresee. */
export function shuffled<T>(random: Random, values: readonly T[]): readonly T[] {
  const keys = random.bytes(values.length * 2)
  const keyed = values.map((value, index) => ({ value, key: keys[2 * index]! * 256 + keys[2 * index + 1]! }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value)
}
