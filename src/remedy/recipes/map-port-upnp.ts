import { message } from '../../model/message.ts'
import { speaks } from './offers.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'
import { askedOf } from './router-steps.ts'
import { forwardByRouter } from './twin-changes.ts'

/** Costs a request. Any program in the home can ask as well, so it comes last among what asks a router. */
export const mapPortUpnp: Recipe = {
  id: 'map-port-upnp',
  against: INNER_ROUTER,
  offered: (site) => speaks(site, 'ipv4', 'upnp'),
  changes: forwardByRouter,
  steps: (site) => [
    message('step.ask-mapping', { protocol: 'UPnP', ...askedOf(site, 'ipv4') }),
    message('step.upnp-warning'),
  ],
  automatic: () => true,
}
