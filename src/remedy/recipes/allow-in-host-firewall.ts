import { message } from '../../model/message.ts'
import { portsOf, type Site } from '../site.ts'
import { isRuleKnown } from './offers.ts'
import type { Recipe } from './recipe.ts'

/** Costs one rule. Whoever reaches this host may speak to that port. */
export const allowInHostFirewall: Recipe = {
  id: 'allow-in-host-firewall',
  against: ['host-firewall-drops-inbound'],
  changes: () => [{ kind: 'accept-on-host', direction: 'in' }],
  // Where its rules let strangers in there is nothing to allow.
  offered: ({ obstacles }) =>
    obstacles.some(({ id, text }) => id === 'host-firewall-drops-inbound' && text.params.unexplained === undefined),
  steps: (site) => [message('step.allow-in-host-firewall', { endpoints: site.names, ...firewallCommands(site) })],
  automatic: (site) => isRuleKnown(site, 'host-firewall-drops-inbound'),
}

function firewallCommands(site: Site): { readonly ufw: string; readonly firewalld: string } {
  const ports = portsOf(site)
  const opened = ports.map((port) => `--add-port=${port}`).join(' ')
  return {
    ufw: ports.map((port) => `ufw allow ${port}`).join(' && '),
    firewalld: `firewall-cmd ${opened} && firewall-cmd --runtime-to-permanent`,
  }
}
