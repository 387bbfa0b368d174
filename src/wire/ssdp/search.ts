/** Each question goes out at these moments: UDP loses, and a router may be busy with the first. */
const SENT_AT_MS = [0, 150, 450] as const
/** The shortest time that a question to all can name for its answers to spread over. */
export const MAX_WAIT_SECONDS = 1

export type SsdpSearchEvent = { readonly kind: 'start' } | { readonly kind: 'timer' }

/** `wake` asks for a 'timer' event at `atMs`, in place of any earlier wish. After `done` there are no more actions. */
export type SsdpSearchAction =
  | { readonly kind: 'send' }
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'done' }

/**
 * When to ask, and how long to wait for answers, without socket or clock: three transmissions (UDA 2.0 §1.3.2 asks for
 * more than one), then nothing until `patienceMs` after the start. Answers do not end it, for others may follow;
 * whoever has heard enough leaves.
 */
export class SsdpSearchSchedule {
  readonly #patienceMs: number
  #startedAtMs = 0
  #dueAtMs = 0
  #transmissions = 0
  #done = false

  constructor(options: { readonly patienceMs: number }) {
    this.#patienceMs = options.patienceMs
  }

  step(event: SsdpSearchEvent, nowMs: number): readonly SsdpSearchAction[] {
    if (this.#done || (event.kind === 'start') !== (this.#transmissions === 0)) return []
    if (event.kind === 'start') this.#startedAtMs = nowMs
    else if (nowMs < this.#dueAtMs) return [{ kind: 'wake', atMs: this.#dueAtMs }]
    if (this.#transmissions === SENT_AT_MS.length) {
      this.#done = true
      return [{ kind: 'done' }]
    }
    this.#transmissions += 1
    const nextMs = SENT_AT_MS[this.#transmissions] ?? this.#patienceMs
    this.#dueAtMs = Math.max(nowMs, this.#startedAtMs + nextMs)
    return [{ kind: 'send' }, { kind: 'wake', atMs: this.#dueAtMs }]
  }
}
