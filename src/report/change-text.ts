import { formatEndpoint } from '../model/endpoint.ts'
import { type Message, message } from '../model/message.ts'
import type { ChangeContent } from '../remedy/change.ts'

type Kind = ChangeContent['kind']
type Texts = { readonly [K in Kind]: (change: Extract<ChangeContent, { kind: K }>) => Message }

/** A change of a repair as a sentence: what is added where, in the words of the program that keeps it. */
export function changeText(change: ChangeContent): Message {
  return (TEXTS[change.kind] as (change: ChangeContent) => Message)(change)
}

const TEXTS: Texts = {
  'nft-rule': ({ family, table, chain, before, rule }) =>
    message('change.nft-rule', { table: `${family} ${table}`, chain, before, rule }),
  'iptables-rule': ({ family, backend, table, chain, before, rule }) =>
    message('change.iptables-rule', {
      program: `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${backend}`,
      table,
      chain,
      before,
      rule: rule.join(' '),
    }),
  'ufw-rule': ({ rule, before }) => message('change.ufw-rule', { rule: rule.join(' '), before }),
  'firewalld-port': ({ zone, port, configuration }) =>
    message(`change.firewalld-port-${configuration}`, { zone, port }),
  sysctl: ({ name, from, to }) => message('change.sysctl', { name, from, to }),
  file: ({ path, from }) => message(from === null ? 'change.file-made' : 'change.file', { path }),
  'port-mapping': ({ request, mapping }) => {
    const { protocol, gateway, transport, internal, suggestedPort, lifetimeSeconds } = request
    const seconds = mapping === null ? lifetimeSeconds : mapping.lifetimeSeconds
    return message('change.port-mapping', {
      address: gateway,
      protocol: PROTOCOL_NAMES[protocol],
      transport,
      port: mapping?.externalPort ?? suggestedPort,
      internal: formatEndpoint(internal),
      hours: seconds === null ? null : Math.round(seconds / 360) / 10,
    })
  },
  'node-setting': ({ node, key, from, add }) =>
    message('change.node-setting', {
      kind: node,
      key,
      from: JSON.stringify(from ?? []),
      to: JSON.stringify([...(from ?? []), ...add]),
    }),
  'node-value': ({ node, key, from, to }) =>
    message('change.node-value', {
      kind: node,
      key,
      from: from === null ? null : JSON.stringify(from),
      to: JSON.stringify(to),
    }),
}

const PROTOCOL_NAMES = { pcp: 'PCP', 'nat-pmp': 'NAT-PMP', igd2: 'UPnP', igd1: 'UPnP' } as const
