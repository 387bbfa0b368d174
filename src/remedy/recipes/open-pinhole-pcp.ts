import { message } from '../../model/message.ts'
import { isIpv6, speaks } from './offers.ts'
import type { Recipe } from './recipe.ts'
import { askedOf } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a request that is renewed. Lets strangers in to that port of this host, and no other. */
export const openPinholePcp: Recipe = {
  id: 'open-pinhole-pcp',
  against: ['router-filter-drops-inbound'],
  offered: (site) => isIpv6(site) && speaks(site, 'ipv6', 'pcp'),
  changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
  steps: (site) => [message('step.ask-pinhole', { protocol: 'PCP', ...askedOf(site, 'ipv6') })],
  automatic: () => true,
}
