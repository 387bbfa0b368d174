import type { Diagnosis } from '../model/diagnosis.ts'
import { endpointName } from '../model/endpoint.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { JournalEntry } from './journal.ts'

type Measured = Pick<Diagnosis, 'endpoints' | 'obstacles'>

/**
 * Did a change help, by what was measured after it? It did when strangers get in to an endpoint that it was for; or, where
 * nothing outside can tell, and for what opens no endpoint, when the obstacle that it was against is gone.
 */
export function hasHelped(
  entry: Pick<JournalEntry, 'clears' | 'endpoints'>,
  { endpoints, obstacles }: Measured,
): boolean {
  const isStill = (one: Obstacle) => entry.clears.includes(one.id) && one.certainty === 'proven'
  if (entry.endpoints.length === 0) return !obstacles.some((one) => one.endpoints.length === 0 && isStill(one))
  return entry.endpoints.some((name) => {
    const reachable = endpoints.find((endpoint) => endpointName(endpoint) === name)?.reachable
    if (reachable !== 'unknown') return reachable === 'yes'
    return !obstacles.some((one) => one.endpoints.includes(name) && isStill(one))
  })
}

/** Is what it was against out of the way, so that what stood behind that may be next? */
export function hasCleared(entry: Pick<JournalEntry, 'clears' | 'endpoints'>, { obstacles }: Measured): boolean {
  return !obstacles.some(
    (one) => entry.clears.includes(one.id) && one.endpoints.some((name) => entry.endpoints.includes(name)),
  )
}
