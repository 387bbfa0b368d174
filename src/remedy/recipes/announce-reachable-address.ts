import { type Message, type MessageValue, message } from '../../model/message.ts'
import { announceSettingOf, openPlaces } from '../propose-node.ts'
import type { Site } from '../site.ts'
import type { Recipe } from './recipe.ts'

/** Costs a restart of the node. Peers that had the old address must learn the new one. */
export const announceReachableAddress: Recipe = {
  id: 'announce-reachable-address',
  against: ['announces-unreachable-address'],
  changes: () => [],
  steps: announceSteps,
  automatic: (site) =>
    announceSettingOf(site.found) !== undefined &&
    openPlaces(site.obstacles.filter(({ certainty }) => certainty === 'proven')).length > 0,
}

/** What the kind of node that runs here wants done; in general where that is not known. */
function announceSteps(site: Site): readonly Message[] {
  const places = openPlaces(site.obstacles)
  const own = site.kind?.announcing?.steps(places)
  return own ?? [message('step.announce', { external: externalIn(site) }), message('step.restart-node')]
}

function externalIn(site: Site): MessageValue | undefined {
  return site.obstacles.find(({ id }) => id === 'announces-unreachable-address')?.text.params.external
}
