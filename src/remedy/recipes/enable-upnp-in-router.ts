import { message } from '../../model/message.ts'
import type { Recipe } from './recipe.ts'
import { openRouter } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page. Any program in the home can open ports then. */
export const enableUpnpInRouter: Recipe = {
  id: 'enable-upnp-in-router',
  against: ['router-source-nat'],
  offered: (site) => site.protocols.ipv4?.length === 0,
  changes: (way) => at(way, 'router-source-nat', 'forward'),
  steps: (site) => [openRouter(site), message('step.enable-mapping-protocol'), message('step.upnp-warning')],
}
