import type { Answer } from '../../model/answer.ts'
import { isShownBySilence, type Stop, type StopName } from './stops.ts'

/** The stops that are closed in one network which explains the evidence. */
export type Closed = ReadonlySet<StopName>

/** What the evidence leaves room for, about one endpoint. */
export interface Worlds {
  /** As the diagnosis states it: every obstacle stands, proven or likely, and little else is in the way. */
  readonly stated: Closed
  /** Those that bound all others: whoever gets in (or does not) in each of these and in `stated` does so in all. */
  readonly bounds: readonly Closed[]
}

/**
 * Opening a stop never keeps a stranger out. So of all the networks that explain the evidence two kinds decide every
 * question: the strictest, in which everything is closed that may be, and the most open ones, in which only as much is
 * closed as it takes to explain a `no`. `stops`: outermost first.
 */
export function worldsOf(stops: readonly Stop[], reachable: Answer): Worlds {
  const names = (which: (stop: Stop) => boolean) => stops.filter(which).map(({ name }) => name)
  const closed = names(({ state }) => state === 'closed')
  const unknown = names(({ state }) => state === 'unknown')
  const strictest = new Set([...closed, ...unknown])
  const open = culprits(stops, closed.length > 0, reachable).map((each) => new Set([...closed, ...each]))
  return { stated: statedClosed(stops), bounds: [strictest, ...open] }
}

/** One set for each stop that may alone have stopped the dials; an empty one where none needs to have. */
function culprits(stops: readonly Stop[], isExplained: boolean, reachable: Answer): readonly (readonly StopName[])[] {
  const innermost = stops.findIndex(({ stated }) => stated.some(isShownBySilence))
  if (innermost < 0 && (isExplained || reachable !== 'no')) return [[]]
  const before = innermost < 0 ? stops : stops.slice(0, innermost + 1)
  return before.filter(({ state }) => state === 'unknown').map(({ name }) => [name])
}

/** What is stated; and a router that nobody could look at, inside of another translator, most likely forwards nothing either. */
function statedClosed(stops: readonly Stop[]): Closed {
  const isStated = ({ stated }: Stop) => stated.length > 0
  // Without the Internet nothing else can be known of the network.
  if (stops.some((stop) => stop.name === 'line' && isStated(stop))) {
    return new Set(stops.filter((stop) => isStated(stop) && !isOutside(stop)).map(({ name }) => name)).add('line')
  }
  const translator = stops.findIndex(({ stated }) =>
    stated.some(({ id }) => id === 'carrier-nat' || id === 'double-nat'),
  )
  const isHidden = ({ name, state }: Stop, index: number) =>
    name.startsWith('router') && state === 'unknown' && translator >= 0 && index > translator
  return new Set(stops.filter((stop, index) => isStated(stop) || isHidden(stop, index)).map(({ name }) => name))
}

function isOutside({ name }: Stop): boolean {
  return !name.startsWith('host-') && name !== 'process'
}
