import type { Address, Endpoint } from './endpoint.ts'

/**
 * Reads one IP address, strictly: dotted quad without leading zeros, or RFC 4291 §2.2 text without zone and brackets.
 * Returns it in canonical form (RFC 5952; an IPv4-mapped address stays IPv6), or undefined.
 */
export function parseAddress(text: string): Address | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bytes === undefined ? undefined : formatAddress(bytes)
}

/** A dotted quad as one number; undefined for other text. By hand: a set may hold a million of them. */
export function ipv4Value(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined
  let value = 0
  let part = -1
  let parts = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (part < 0 || parts === 4) return undefined
      value = value * 256 + part
      part = -1
      parts++
    } else {
      if (code < 48 || code > 57 || part === 0) return undefined
      part = part < 0 ? code - 48 : part * 10 + code - 48
      if (part > 255) return undefined
    }
  }
  return parts === 4 && part >= 0 ? value * 256 + part : undefined
}

/** 4 or 16 bytes of a canonical address; RangeError for anything else. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (bytes === undefined) throw new RangeError(`not an IP address: ${address}`)
  return bytes
}

/** Canonical text of 4 or 16 bytes in network order; RangeError for any other length. */
export function formatAddress(bytes: Uint8Array): Address {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`)
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!)
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`
  const { start, length } = longestZeroRun(groups)
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (length < 2) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

export type Scope =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'private'
  | 'shared'
  | 'reserved'
  | 'global'

/**
 * What an address is good for. `private`: RFC 1918 and unique local (RFC 4193); `shared`: 100.64.0.0/10 (RFC 6598).
 * Documentation prefixes count as `global`, everywhere in peerway.
 */
export function scopeOf(address: Address): Scope {
  const bytes = addressBytes(address)
  const table = bytes.length === 4 ? IPV4_SCOPES : IPV6_SCOPES
  return table.find(({ prefix }) => holds(prefix, bytes))?.scope ?? 'global'
}

/** Does it lead to this host alone? In IPv4-mapped disguise too, as sockets of both families have it. */
export function isLoopback(address: Address): boolean {
  return scopeOf(address.replace(/^::ffff:(?=\d+\.)/, '')) === 'loopback'
}

interface Prefix {
  readonly bytes: Uint8Array
  readonly length: number
}

function scopes(table: Readonly<Record<string, Scope>>): readonly { readonly prefix: Prefix; readonly scope: Scope }[] {
  return Object.entries(table).map(([text, scope]) => ({ prefix: readPrefix(text), scope }))
}

const IPV4_SCOPES = scopes({
  '0.0.0.0/32': 'unspecified',
  '0.0.0.0/8': 'reserved',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link-local',
  '10.0.0.0/8': 'private',
  '172.16.0.0/12': 'private',
  '192.168.0.0/16': 'private',
  '100.64.0.0/10': 'shared',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved',
})

const IPV6_SCOPES = scopes({
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  'fe80::/10': 'link-local',
  'fc00::/7': 'private',
  'fec0::/10': 'private',
  'ff00::/8': 'multicast',
  '100::/64': 'reserved',
})

/**
 * The IPv4 address that an IPv6 address stands for: IPv4-mapped and -compatible (RFC 4291), NAT64 (RFC 6052 well-known
 * prefix, RFC 8215 local prefix), 6to4 (RFC 3056). Undefined for any other address. Whoever refuses to dial 127.0.0.1 must look here too.
 */
export function embeddedIpv4(address: Address): Address | undefined {
  if (!address.includes(':')) return undefined
  const bytes = addressBytes(address)
  if (inPrefix(address, '2002::/16')) return formatAddress(bytes.subarray(2, 6))
  const trailing = ['::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '::/96']
  if (scopeOf(address) === 'unspecified' || scopeOf(address) === 'loopback') return undefined
  return trailing.some((prefix) => inPrefix(address, prefix)) ? formatAddress(bytes.subarray(12)) : undefined
}

/** Is `address` inside `prefix` (`10.0.0.0/8`)? False when the families differ. RangeError for a malformed prefix. */
export function inPrefix(address: Address, prefix: string): boolean {
  if (prefix.includes(':') !== address.includes(':')) return false
  return holds(readPrefix(prefix), addressBytes(address))
}

/** The first `length` bits of `address` as canonical text with the length: `prefixOf('10.1.2.3', 8)` is `10.0.0.0/8`. */
export function prefixOf(address: Address, length: number): string {
  const bytes = addressBytes(address)
  if (!isLength(length, bytes)) throw new RangeError(`prefix length ${length} does not fit ${address}`)
  const masked = bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8))
    return byte & (0xff << (8 - kept))
  })
  return `${formatAddress(masked)}/${length}`
}

function readPrefix(text: string): Prefix {
  const [network, digits] = text.split('/')
  if (network === undefined || digits === undefined) throw new RangeError(`not a prefix: ${text}`)
  const bytes = addressBytes(network)
  const length = Number(digits)
  if (!isLength(length, bytes)) throw new RangeError(`prefix length ${digits} does not fit ${network}`)
  return { bytes, length }
}

function isLength(length: number, bytes: Uint8Array): boolean {
  return Number.isInteger(length) && length >= 0 && length <= bytes.length * 8
}

/** An address of the same family is compared with the first bits of the network, byte by byte. */
function holds({ bytes, length }: Prefix, address: Uint8Array): boolean {
  const whole = length >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== bytes[index]) return false
  const rest = length & 7
  return rest === 0 || (address[whole]! ^ bytes[whole]!) >> (8 - rest) === 0
}

/** `203.0.113.7:4001` or `[2001:db8::1]:4001`; the port is 1 to 65535. Undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, bracketed, plain, digits] = match
  if (bracketed !== undefined && !bracketed.includes(':')) return undefined
  const address = parseAddress(bracketed ?? plain!)
  const port = parsePort(digits!)
  return address === undefined || port === undefined ? undefined : { address, port }
}

/** A port number from 1 to 65535 in decimal without sign; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port >= 1 && port <= 65535 ? port : undefined
}

function parseIpv4(text: string): Uint8Array | undefined {
  const value = ipv4Value(text)
  if (value === undefined) return undefined
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  // A dotted quad may only stand at the very end.
  if (halves.length === 2 && halves[0]!.includes('.')) return undefined
  const [head, tail] = halves.map((half) => parseGroups(half))
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined
  if (tail === undefined || head.length + tail.length > 14) return undefined
  const zeros = new Array<number>(16 - head.length - tail.length).fill(0)
  return Uint8Array.from([...head, ...zeros, ...tail])
}

/** Bytes of colon-separated groups; the last may be a dotted quad. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const bytes: number[] = []
  for (const [index, group] of groups.entries()) {
    const quad = index === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined
    if (quad !== undefined) bytes.push(...quad)
    else if (/^[0-9a-fA-F]{1,4}$/.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff)
    else return undefined
  }
  return bytes
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  }
  return best
}
