import type { Recipe } from './recipe.ts'
import { fixedAddress, openRouter, placed } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page. Whoever had the port forwarded loses it. */
export const correctForwarding: Recipe = {
  id: 'correct-forwarding',
  against: ['router-forward-elsewhere'],
  changes: (way) => at(way, 'router-forward-elsewhere', 'forward'),
  steps: (site) => [openRouter(site), placed('step.correct-forwarding', site), fixedAddress(site)],
}
