import type { Recipe } from './recipe.ts'
import { fixedAddress, openRouter, placed } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page, and a fixed address in the home. Stays when the node is gone. */
export const forwardByHand: Recipe = {
  id: 'forward-by-hand',
  against: ['router-source-nat'],
  changes: (way) => at(way, 'router-source-nat', 'forward'),
  steps: (site) => [openRouter(site), placed('step.add-forwarding', site), fixedAddress(site)],
}
