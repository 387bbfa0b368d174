import type { Answer } from '../../model/answer.ts'

export interface ReachChange {
  readonly from: Answer
  readonly to: 'yes' | 'no'
}

/** So many measurements in a row have to say so. */
const ENOUGH = 2

/**
 * Whether one endpoint is reachable, as it is told to people: a change counts once two measurements in a row have shown it,
 * so that one lost packet wakes nobody. What a measurement does not know changes nothing. The first answer counts at once.
 */
export class Reach {
  stated: Answer
  #seen = 0

  constructor(stated: Answer = 'unknown') {
    this.stated = stated
  }

  /** Has the last measurement shown a change that wants to be measured once more? */
  get isInDoubt(): boolean {
    return this.#seen > 0
  }

  /**
   * The change that this measurement completes; undefined where it completes none. `isExpected`: the way has just been opened, or
   * shut, by us, so one measurement is enough.
   */
  measured(answer: Answer, isExpected = false): ReachChange | undefined {
    if (answer === 'unknown') return undefined
    if (answer === this.stated) {
      this.#seen = 0
      return undefined
    }
    this.#seen++
    if (this.stated !== 'unknown' && !isExpected && this.#seen < ENOUGH) return undefined
    const change = { from: this.stated, to: answer }
    this.stated = answer
    this.#seen = 0
    return change
  }
}
