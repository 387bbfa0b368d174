import type { Address } from '../model/endpoint.ts'

/** What the delay line has to do; see build.ts. */
export interface DelayTask {
  readonly address: Address
  readonly target: Address
  readonly lines: readonly DelayLine[]
}

export interface DelayLine {
  readonly inPort: number
  readonly outPort: number
  readonly delayMs: number
  /** Up to so much more, drawn for each frame; all in order but for so many, which overtake. */
  readonly jitterMs: number
  readonly reorderPercent: number
}
