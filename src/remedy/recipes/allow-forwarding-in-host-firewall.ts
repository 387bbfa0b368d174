import { message } from '../../model/message.ts'
import { isRuleKnown } from './offers.ts'
import type { Recipe } from './recipe.ts'

/** Costs one rule. Whoever reaches this host may speak to that port of the guest. */
export const allowForwardingInHostFirewall: Recipe = {
  id: 'allow-forwarding-in-host-firewall',
  against: ['host-firewall-drops-forwarded'],
  changes: () => [{ kind: 'accept-on-host', direction: 'in' }],
  steps: () => [message('step.allow-forwarding')],
  automatic: (site) => isRuleKnown(site, 'host-firewall-drops-forwarded'),
}
