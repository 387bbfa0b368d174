import type { Decision, Fate, Place } from './fate.ts'
import { sameFate } from './fate.ts'

/** A condition that could not be judged, and where. */
export interface Asked {
  readonly expression: string
  readonly at: Place | null
}

export interface Run {
  readonly fate: Fate
  /** In the order in which they were asked. */
  readonly asked: readonly Asked[]
}

const MAX_RUNS = 256

/**
 * The fate of a packet over every way in which the conditions that cannot be judged may turn out. `runOnce` walks the
 * packet, takes the answers to the first conditions from `answers`, and `no` for the others. Where two ways end
 * differently the fate is unknown, and names the condition that parts them. At most 256 walks, then it is unknown.
 */
export function explore(runOnce: (answers: readonly boolean[]) => Run): Fate {
  let runs = 0
  const visit = (answers: readonly boolean[]): Fate => {
    runs++
    const { fate, asked } = runOnce(answers)
    let merged = fate
    for (let k = asked.length - 1; k >= answers.length; k--) {
      if (runs >= MAX_RUNS) return unknown(asked[k]!, [merged])
      const other = visit([...answers, ...new Array<boolean>(k - answers.length).fill(false), true])
      merged = merge(merged, other, asked[k]!)
      if (isOpen(merged)) return merged
    }
    return merged
  }
  return visit([])
}

function merge(no: Fate, yes: Fate, asked: Asked): Fate {
  if (isOpen(yes)) return yes
  if (isOpen(no) || sameFate(no, yes)) return no
  const stopped = stopIn(yes) === undefined ? undefined : stopIn(no)
  return { ...unknown(asked, [no, yes]), ...(stopped === undefined ? {} : { stopped }) }
}

/** Unknown, and not known to be stopped either. */
export function isOpen(fate: Fate): fate is Extract<Fate, { kind: 'unknown' }> {
  return fate.kind === 'unknown' && fate.stopped === undefined
}

/** Who stops the packet, where it is stopped. */
export function stopIn(fate: Fate): Decision | undefined {
  if (fate.kind === 'unknown') return fate.stopped
  return fate.kind === 'drop' || fate.kind === 'reject' ? fate.by : undefined
}

function unknown(asked: Asked, fates: readonly Fate[]): Fate {
  return { kind: 'unknown', ...asked, possible: [...new Set(fates.map(({ kind }) => kind))] }
}
