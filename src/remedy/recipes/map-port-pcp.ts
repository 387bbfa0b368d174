import { message } from '../../model/message.ts'
import { speaks } from './offers.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'
import { askedOf } from './router-steps.ts'
import { forwardByRouter } from './twin-changes.ts'

/** Costs a request that is renewed. Lets strangers in to that port of this host, and no other. */
export const mapPortPcp: Recipe = {
  id: 'map-port-pcp',
  against: INNER_ROUTER,
  offered: (site) => speaks(site, 'ipv4', 'pcp'),
  changes: forwardByRouter,
  steps: (site) => [message('step.ask-mapping', { protocol: 'PCP', ...askedOf(site, 'ipv4') })],
  automatic: () => true,
}
