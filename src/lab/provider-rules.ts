import type { Transport } from '../model/endpoint.ts'
import type { Box, Filter } from '../topology/topology.ts'

/**
 * An nft rule set with a provider's filters. They stand where packets come in, as a provider's access lists do, so
 * that "everything" includes what would expire here. conntrack has seen the packet by then.
 */
export function providerRules(box: Box): string {
  const proxies = box.filters.filter((filter) => filter.action === 'syn-proxy')
  const others = box.filters.filter((filter) => filter.action !== 'syn-proxy')
  return `table inet peerway-policy {
  chain not-tracked {
    type filter hook prerouting priority raw
${lines(proxies.map((filter) => `${matched(filter, 'tcp')} tcp flags & (fin|syn|rst|ack) == syn notrack`))}
  }
  chain access-list {
    type filter hook prerouting priority mangle
    ${NEIGHBOURS} accept
${lines(others.flatMap(judged))}
  }
  chain proxied {
    type filter hook forward priority filter
${lines(proxies.flatMap(proxied))}
  }
}`
}

/** Without neighbour discovery there would be no line at all, and nobody filters that. */
const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }'

function judged(filter: Filter): readonly string[] {
  const flows = filter.everyPacket ? '' : 'ct state new '
  if (filter.transports === 'any') return [`${side(filter)} ${flows}${verdict(filter, 'udp')}`]
  return filter.transports.map((transport) => `${matched(filter, transport)} ${flows}${verdict(filter, transport)}`)
}

function proxied(filter: Filter): readonly string[] {
  const match = matched(filter, 'tcp')
  return [
    `${match} ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm`,
    `${match} ct state invalid drop`,
  ]
}

function matched(filter: Filter, transport: Transport): string {
  const { ports } = filter
  if (ports === 'any') return `${side(filter)} meta l4proto ${transport}`
  if ('only' in ports) return `${side(filter)} ${transport} dport { ${ports.only.join(', ')} }`
  return `${side(filter)} ${transport} dport != { ${ports.except.join(', ')} }`
}

function side(filter: Filter): string {
  return `iifname ${filter.direction === 'in' ? 'outside' : 'inside'}`
}

function verdict(filter: Filter, transport: Transport): string {
  if (filter.action === 'drop') return 'drop'
  return transport === 'tcp' ? 'reject with tcp reset' : 'reject with icmpx admin-prohibited'
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}`).join('\n')
}
