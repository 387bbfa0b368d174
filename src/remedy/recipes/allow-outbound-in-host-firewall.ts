import { message } from '../../model/message.ts'
import { isRuleKnown } from './offers.ts'
import type { Recipe } from './recipe.ts'

/** Costs one rule, for what leaves from that port alone. */
export const allowOutboundInHostFirewall: Recipe = {
  id: 'allow-outbound-in-host-firewall',
  against: ['host-firewall-drops-outbound'],
  changes: () => [{ kind: 'accept-on-host', direction: 'out' }],
  steps: () => [message('step.allow-outbound')],
  automatic: (site) => isRuleKnown(site, 'host-firewall-drops-outbound'),
}
