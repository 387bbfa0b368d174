import { message } from '../../model/message.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'

/** Costs settings, and a meeting point elsewhere. Works with many peers, not with all. */
export const holePunching: Recipe = {
  id: 'hole-punching',
  against: ['carrier-nat', 'double-nat'],
  alsoClears: INNER_ROUTER,
  // A NAT that gives every peer another port hides the one to aim at.
  offered: (site) => site.mapping === 'endpoint-independent',
  changes: () => [{ kind: 'use-relay' }],
  steps: () => [message('step.punch-holes')],
}
