import type { Opening } from '../nat/openings.ts'
import type { RouterGuard } from '../nat/router-guard.ts'

export type Wish = Omit<Opening, 'externalPort' | 'expiresAtMs'> & {
  readonly suggestedPort: number
  readonly lifetimeSeconds: number
}

/** A day: RFC 6887 §15 has servers grant no more. */
const MOST_SECONDS = 86_400
const FIRST_PORT = 1024
const LAST_PORT = 65_535

/**
 * What a router gives to whom asks: the port of before where it is the same internal endpoint, else the suggested one
 * where it is free, else the next that is. Undefined when its table is full. A pinhole has no port to choose.
 */
export function grant(guard: RouterGuard, wish: Wish, nowMs: number): Opening | undefined {
  const { suggestedPort, lifetimeSeconds, ...kept } = wish
  const externalPort = wish.kind === 'pinhole' ? wish.internal.port : portFor(guard, wish)
  if (externalPort === undefined) return undefined
  const before = openingOf(guard, wish)
  if (before !== undefined) guard.openings.delete(before)
  const expiresAtMs = nowMs + 1000 * Math.min(lifetimeSeconds, MOST_SECONDS)
  const opening = { ...kept, externalPort, expiresAtMs }
  return guard.openings.put(opening) ? opening : undefined
}

/** What this protocol has opened for the same internal endpoint before. */
export function openingOf(guard: RouterGuard, wish: Pick<Wish, 'kind' | 'by' | 'transport' | 'internal'>) {
  return guard.openings
    .all()
    .find(
      ({ kind, by, transport, internal }) =>
        kind === wish.kind &&
        by === wish.by &&
        transport === wish.transport &&
        internal.address === wish.internal.address &&
        internal.port === wish.internal.port,
    )
}

function portFor(guard: RouterGuard, wish: Wish): number | undefined {
  const before = openingOf(guard, wish)
  if (before !== undefined) return before.externalPort
  const { transport, suggestedPort, internal } = wish
  const isFree = (port: number) =>
    !guard.isForwarded(transport, port) && guard.openings.forward(transport, port) === undefined
  const wished = suggestedPort === 0 ? internal.port : suggestedPort
  if (isFree(wished)) return wished
  const start = Math.max(FIRST_PORT, wished)
  for (let step = 1; step <= LAST_PORT - FIRST_PORT; step++) {
    const port = start + step <= LAST_PORT ? start + step : FIRST_PORT + (start + step - LAST_PORT - 1)
    if (isFree(port)) return port
  }
  return undefined
}
