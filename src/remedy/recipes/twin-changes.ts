import { stopOf } from '../../diagnose/twin/stops.ts'
import type { TwinChange } from '../../diagnose/twin/twin-change.ts'
import type { ObstacleId } from '../../model/obstacle.ts'
import { INNER_ROUTER, type Way } from './recipe.ts'

export function stands({ obstacles }: Way, id: ObstacleId): boolean {
  return obstacles.some((obstacle) => obstacle.id === id)
}

/** The change of the box that an obstacle speaks of; none where it does not stand. */
export function at(
  { obstacles }: Way,
  id: ObstacleId,
  kind: 'forward' | 'set-dmz' | 'open-filter' | 'take-away',
): readonly TwinChange[] {
  const obstacle = obstacles.find((each) => each.id === id)
  const box = obstacle === undefined ? null : stopOf(obstacle)
  return box === null ? [] : [{ kind, box }]
}

/** A router that is asked forwards to this host; where it forwards the port to another, it does so from a port of its own choice. */
export function forwardByRouter(way: Way): readonly TwinChange[] {
  return INNER_ROUTER.flatMap((id) => at(way, id, 'forward')).slice(0, 1)
}

/** This host's own router forwards, where it has one. */
export function forwardOnOwn({ boxes }: Way): readonly TwinChange[] {
  const own = boxes.find((box) => box !== 'carrier')
  return own === undefined ? [] : [{ kind: 'forward', box: own }]
}
