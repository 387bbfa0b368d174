import { message } from '../../model/message.ts'
import { isIpv6, speaks } from './offers.ts'
import type { Recipe } from './recipe.ts'
import { askedOf } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a request. Any program in the home can ask as well, so it comes last among what asks a router. */
export const openPinholeUpnp: Recipe = {
  id: 'open-pinhole-upnp',
  against: ['router-filter-drops-inbound'],
  offered: (site) => isIpv6(site) && speaks(site, 'ipv6', 'upnp'),
  changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
  steps: (site) => [
    message('step.ask-pinhole', { protocol: 'UPnP', ...askedOf(site, 'ipv6') }),
    message('step.upnp-warning'),
  ],
  automatic: () => true,
}
