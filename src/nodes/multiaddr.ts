import type { Transport } from '../model/endpoint.ts'
import type { NodeAddress } from '../model/evidence.ts'
import { parseAddress, parsePort } from '../model/ip.ts'

const MOST_LENGTH = 1024

/**
 * Reads as much of a multiaddr (https://github.com/multiformats/multiaddr) as tells where to dial: `/ip4/A/tcp/P/...`,
 * `/ip6/A/udp/P/quic-v1`, `/dns4/NAME/tcp/P/...`. What stands behind the port says how to speak, and is not looked at, but
 * for `/p2p-circuit`, by which a relay is dialled in the node's place. Undefined for anything else. Pure.
 */
export function parseMultiaddr(text: string): NodeAddress | undefined {
  if (text.length > MOST_LENGTH) return undefined
  const [empty, kind, host, transport, digits, ...rest] = text.split('/')
  if (empty !== '' || kind === undefined || host === undefined || digits === undefined) return undefined
  const port = parsePort(digits)
  if (port === undefined || !isTransport(transport)) return undefined
  const isDirect = !rest.includes('p2p-circuit')
  if (kind === 'dns' || kind === 'dns4' || kind === 'dns6' || kind === 'dnsaddr') {
    return isName(host) ? { transport, address: null, name: host, port, isDirect } : undefined
  }
  const address = parseAddress(host)
  if (address === undefined || (kind !== 'ip4' && kind !== 'ip6')) return undefined
  return address.includes(':') === (kind === 'ip6') ? { transport, address, name: null, port, isDirect } : undefined
}

/** Those of a list that can be read, each place once. */
export function parseMultiaddrs(texts: readonly string[]): readonly NodeAddress[] {
  const places = texts.flatMap((text) => parseMultiaddr(text) ?? [])
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

function isTransport(text: string | undefined): text is Transport {
  return text === 'tcp' || text === 'udp'
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/.test(text) && text.length <= 253
}
