import type { Recipe } from './recipe.ts'
import { pinholeSteps } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page. Lets strangers in to that port of this host, and no other. */
export const allowInRouterFirewall: Recipe = {
  id: 'allow-in-router-firewall',
  against: ['router-filter-drops-inbound'],
  offered: (site) => site.endpoints.every(({ family }) => family === 'ipv4'),
  changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
  steps: pinholeSteps,
}
