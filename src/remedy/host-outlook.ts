import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { type EndpointName, endpointName } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import type { ObstacleId } from '../model/obstacle.ts'
import { hostRemedyFor, proposeHostChanges } from './propose-host.ts'
import { whyNotPlanned } from './why-not-planned.ts'

/** What a repair could change among this host's own rules and settings. */
export interface HostOutlook {
  /** Why nothing is planned there for an endpoint that they stop. */
  readonly unplanned: ReadonlyMap<EndpointName, Message>
  /** What the changes that can be planned are against. */
  readonly clears: ReadonlySet<ObstacleId>
}

/**
 * Plans what `fix` would, by the same function, so that a check promises nothing that a repair does not do. Reads rules and
 * settings, where something of this host stops strangers, and changes nothing.
 */
export async function hostOutlook(
  host: Host,
  diagnosis: Pick<Diagnosis, 'obstacles' | 'endpoints' | 'evidence'>,
): Promise<HostOutlook> {
  try {
    const { changes, plans } = await proposeHostChanges(host, diagnosis)
    const unplanned = plans.flatMap((plan): readonly (readonly [EndpointName, Message])[] => {
      const why = whyNotPlanned(plan)
      return why === undefined ? [] : [[endpointName(plan.key), why]]
    })
    return { unplanned: new Map(unplanned), clears: new Set(changes.flatMap(({ clears }) => clears)) }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    const stopped = diagnosis.obstacles.filter(({ id }) => hostRemedyFor(id) !== undefined)
    const names = stopped.flatMap(({ endpoints }) => endpoints)
    return { unplanned: new Map(names.map((name) => [name, error.told])), clears: new Set() }
  }
}
