import type { Diagnosis } from '../model/diagnosis.ts'
import { endpointName } from '../model/endpoint.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { ChangePurpose } from './journal.ts'
import { isOnHost } from './ways.ts'

type Measured = Pick<Diagnosis, 'endpoints' | 'obstacles'>

/**
 * What came of a change, by what was measured after it. `let-in`: strangers get in to an endpoint that it was for, as a dial
 * from outside showed. `cleared`: what it was against on this host is gone, as this host itself shows, and nobody outside could
 * say more, or need say more. `none`: neither.
 */
export type Help = 'let-in' | 'cleared' | 'none'

export function helpOf(purpose: Omit<ChangePurpose, 'remedy'>, measured: Measured): Help {
  if (purpose.endpoints.length === 0) return hasCleared(purpose, measured) ? 'cleared' : 'none'
  const answers = measured.endpoints
    .filter((endpoint) => purpose.endpoints.includes(endpointName(endpoint)))
    .map(({ reachable }) => reachable)
  if (answers.includes('yes')) return 'let-in'
  // Of a router nothing but a dial can tell.
  const isHosts = purpose.clears.every(isOnHost)
  return isHosts && answers.includes('unknown') && hasCleared(purpose, measured) ? 'cleared' : 'none'
}

/** Is what it was against out of the way, so that what stood behind that may be next? */
export function hasCleared({ clears, endpoints }: Omit<ChangePurpose, 'remedy'>, { obstacles }: Measured): boolean {
  const isAbout = (one: Obstacle) =>
    endpoints.length === 0 ? one.endpoints.length === 0 : one.endpoints.some((name) => endpoints.includes(name))
  return !obstacles.some((one) => clears.includes(one.id) && isAbout(one))
}
