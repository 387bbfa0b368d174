import { message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import type { Recipe } from './recipe.ts'

/** Costs a restart of the node. Peers that had the old address must learn the new one. */
export const announceReachableAddress: Recipe = {
  id: 'announce-reachable-address',
  against: ['announces-unreachable-address'],
  changes: () => [],
  steps: (site) => [message('step.announce', { external: externalIn(site) })],
}

function externalIn(site: Site): string | number | undefined {
  return site.obstacles.find(({ id }) => id === 'announces-unreachable-address')?.text.params.external
}
