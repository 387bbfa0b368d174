import { isIpv6 } from './offers.ts'
import type { Recipe } from './recipe.ts'
import { pinholeSteps } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page. Lets strangers in to that port of this host, and no other. */
export const allowInRouterFirewallIpv6: Recipe = {
  id: 'allow-in-router-firewall-ipv6',
  against: ['router-filter-drops-inbound'],
  offered: isIpv6,
  changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
  steps: pinholeSteps,
}
