import { message } from '../../model/message.ts'
import type { Recipe } from './recipe.ts'
import { openRouter, placed } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page. Every port of this host is open to strangers then: its own firewall is all that is left. */
export const dmzHost: Recipe = {
  id: 'dmz-host',
  against: ['router-source-nat'],
  changes: (way) => at(way, 'router-source-nat', 'set-dmz'),
  steps: (site) => [openRouter(site), placed('step.set-dmz', site), message('step.dmz-warning')],
}
