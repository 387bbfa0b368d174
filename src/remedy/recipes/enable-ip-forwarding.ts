import { message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import type { Recipe } from './recipe.ts'

/** Costs a setting. The host passes on whatever its rules do not stop. */
export const enableIpForwarding: Recipe = {
  id: 'enable-ip-forwarding',
  against: ['ip-forwarding-disabled'],
  changes: () => [{ kind: 'switch-forwarding-on' }],
  steps: (site) => [message('step.enable-ip-forwarding', { command: sysctlCommand(site) })],
  // Of a node's clients it is not known by which interfaces they come and go.
  automatic: ({ endpoints }) => endpoints.length > 0,
}

function sysctlCommand(site: Site): string {
  const family = site.endpoints[0]?.family ?? 'ipv4'
  return `sysctl -w ${family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'}=1`
}
