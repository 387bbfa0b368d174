import type { EndpointKey } from '../../model/endpoint.ts'

/** What a host's own rules stop of one endpoint: strangers' packets, what it shall pass on, its answers. */
interface Stopped {
  readonly entry: boolean
  readonly forwarding: boolean
  readonly answers: boolean
}

/** Rules that stop just that, a chain for each; null where there is nothing to stop. */
export function firewallText({ transport, port }: EndpointKey, stopped: Stopped): string | null {
  const chains = [
    ...(stopped.entry ? [chain('entry', 'input', 'filter', `${transport} dport ${port} drop`)] : []),
    // A kernel that passes nothing on, and no rule of accepting helps.
    ...(stopped.forwarding ? [chain('forwarding', 'prerouting', 'raw', `${transport} dport ${port} drop`)] : []),
    ...(stopped.answers ? [chain('answers', 'output', 'filter', `${transport} sport ${port} drop`)] : []),
  ]
  return chains.length === 0 ? null : `table inet filter {\n${chains.join('')}}\n`
}

function chain(name: string, hook: string, priority: string, rule: string): string {
  return `  chain ${name} {\n    type filter hook ${hook} priority ${priority}; policy accept\n    ${rule}\n  }\n`
}

/** Those rules with one before all others that lets strangers in to the port, or its answers out. */
export function withAccept(text: string, { transport, port }: EndpointKey, direction: 'in' | 'out'): string {
  const [hook, side] = direction === 'in' ? ['input', 'dport'] : ['output', 'sport']
  const head = new RegExp(`^ *type filter hook ${hook} .*$`, 'm')
  return text.replace(head, (line) => `${line}\n    ${transport} ${side} ${port} accept`)
}

/** Those rules on a host that passes packets on. */
export function withForwarding(text: string): string {
  return text.replace(/^ *chain forwarding \{[^}]*\}\n/m, '')
}
