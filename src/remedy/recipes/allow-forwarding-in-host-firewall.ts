import { type Message, message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import { isRuleKnown } from './offers.ts'
import type { Recipe } from './recipe.ts'

/** Costs one rule. Whoever reaches this host may speak to that port of the guest. */
export const allowForwardingInHostFirewall: Recipe = {
  id: 'allow-forwarding-in-host-firewall',
  against: ['host-firewall-drops-forwarded'],
  changes: () => [{ kind: 'accept-on-host', direction: 'in' }],
  steps,
  // Which clients a node has, and by which interfaces they come, is for the node to say.
  automatic: (site) => site.endpoints.length > 0 && isRuleKnown(site, 'host-firewall-drops-forwarded'),
}

/** Tables that iptables lists, of either backend. */
const IPTABLES = ['ip filter', 'iptables filter']

function steps({ obstacles, endpoints, found }: Site): readonly Message[] {
  const clients = obstacles.map(({ text }) => text.params).find((params) => params.clients !== undefined)
  if (clients === undefined) return [message('step.allow-forwarding')]
  const chain = clients.docker === undefined ? 'FORWARD' : 'DOCKER-USER'
  const name = `${found?.forwarding?.interfaces ?? clients.clients}+`
  const isIptables = `${clients.table}`.split(', ').every((table) => IPTABLES.includes(table))
  return [
    ...(endpoints.length > 0 || !isIptables ? [message('step.allow-forwarding')] : []),
    ...(isIptables
      ? [message('step.allow-clients', { out: accept(chain, `-i ${name}`), back: back(chain, name) })]
      : []),
    ...(clients.docker === undefined ? [] : [message('step.docker-forward-policy')]),
  ]
}

function accept(chain: string, which: string): string {
  return `iptables -I ${chain} ${which} -j ACCEPT`
}

function back(chain: string, name: string): string {
  return accept(chain, `-o ${name} -m conntrack --ctstate ESTABLISHED,RELATED`)
}
