import { type Address, type Endpoint, type Family, formatEndpoint } from '../../model/endpoint.ts'

/** Where a server saw this host. */
export interface SeenOutside {
  readonly mapped: Endpoint
  /** The same number as long as it is the same flow; null for one that was opened for this question alone. */
  readonly flow: number | null
}

export type SeenByFamily = Readonly<Partial<Record<Family, SeenOutside | null>>>

export interface OutsideNews {
  readonly moved: readonly { readonly from: Address; readonly to: Address }[]
  /** A flow that was kept alive is another one outside. */
  readonly hasForgotten: boolean
}

/** Of a flow's life, so that one late question does not end it. */
const KEPT_WITHIN = 0.7

/**
 * Where this host is seen from outside. Once it is known for how long an idle UDP flow lives on the way, the questions keep one alive
 * in each family: then another port outside means that something on the way has lost its memory. Without that it means nothing,
 * for every idle flow is forgotten.
 */
export class OutsideWatch {
  readonly #addresses = new Map<Family, Address>()
  readonly #kept = new Map<Family, { readonly flow: number; readonly mapped: string; readonly atMs: number }>()
  #lifetimeMs: number | null = null

  /** Is one flow to be used for all questions? */
  get isKept(): boolean {
    return this.#lifetimeMs !== null
  }

  /** How long to wait between questions, where one would wait for `usualMs`. */
  pauseMs(usualMs: number): number {
    return this.#lifetimeMs === null ? usualMs : Math.min(usualMs, KEPT_WITHIN * this.#lifetimeMs)
  }

  /** Idle flows live for so long; null: not known for the network of now. True where that is new. */
  setLifetime(ms: number | null): boolean {
    const isNew = ms !== this.#lifetimeMs
    this.#lifetimeMs = ms
    if (ms === null) this.#kept.clear()
    return isNew
  }

  /** What a check has seen; what was known before is compared with the next question's answer. */
  noteAddress(family: Family, address: Address): void {
    if (!this.#addresses.has(family)) this.#addresses.set(family, address)
  }

  heard(seen: SeenByFamily, nowMs: number): OutsideNews {
    const moved: { from: Address; to: Address }[] = []
    let hasForgotten = false
    for (const [family, one] of Object.entries(seen) as [Family, SeenOutside | null][]) {
      if (one === null) continue
      const from = this.#addresses.get(family)
      const to = one.mapped.address
      this.#addresses.set(family, to)
      if (from !== undefined && from !== to) moved.push({ from, to })
      if (this.#isForgotten(family, one, nowMs)) hasForgotten = true
    }
    return { moved, hasForgotten }
  }

  #isForgotten(family: Family, { flow, mapped }: SeenOutside, nowMs: number): boolean {
    if (this.#lifetimeMs === null || flow === null) return false
    const before = this.#kept.get(family)
    const now = { flow, mapped: formatEndpoint(mapped), atMs: nowMs }
    this.#kept.set(family, now)
    if (before === undefined || before.flow !== flow) return false
    return nowMs - before.atMs < this.#lifetimeMs && before.mapped !== now.mapped
  }
}
