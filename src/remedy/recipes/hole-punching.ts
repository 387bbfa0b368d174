import { message } from '../../model/message.ts'
import { canBeTold, stepsByNode } from '../wishes.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'

/** Costs settings, and a meeting point elsewhere. Works with many peers, not with all. */
export const holePunching: Recipe = {
  id: 'hole-punching',
  against: ['carrier-nat', 'double-nat'],
  alsoClears: INNER_ROUTER,
  // Where it works with few peers alone it is no way in.
  offered: (site) => site.punching === 'yes' && canBeTold(site, 'hole-punching'),
  changes: () => [{ kind: 'use-relay' }],
  steps: (site) => [message('step.punch-holes'), ...(stepsByNode(site, 'hole-punching') ?? [])],
}
