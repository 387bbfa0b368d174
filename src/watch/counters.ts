const NAMES = [
  'checks',
  'renewals',
  'renewalFailures',
  'gatewayQuestions',
  'outsideQuestions',
  'events',
  'troubles',
  'storeErrors',
  'alerts',
  'alertFailures',
] as const
export type CounterName = (typeof NAMES)[number]

/** What was done since the start. */
export class Counters {
  readonly #counts = new Map<CounterName, number>(NAMES.map((name) => [name, 0]))

  count(name: CounterName, times = 1): void {
    this.#counts.set(name, this.get(name) + times)
  }

  get(name: CounterName): number {
    return this.#counts.get(name)!
  }
}
