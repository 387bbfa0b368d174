import type { PortSpec } from './model/endpoint.ts'
import { errorText, PeerwayError } from './model/error.ts'
import { parseAddress, parsePort, scopeOf } from './model/ip.ts'
import type { Message } from './model/message.ts'
import type { ServerSpec } from './model/plan.ts'

/** The port of STUN (RFC 8489 §8.2), and of a vantage's control protocol. */
export const DEFAULT_SERVER_PORT = 3478

/**
 * Reads `udp/4001`, `tcp/4001`, or `4001` for both. Ports are 1 to 65535.
 * `PeerwayError` `bad-input` for anything else.
 */
export function parsePortSpecs(text: string): readonly PortSpec[] {
  const match = /^(?:(udp|tcp)\/)?([0-9]+)$/.exec(text)
  if (match === null) {
    throw new PeerwayError('bad-input', errorText('error.port', { text }))
  }
  const port = parsePort(match[2]!)
  if (port === undefined) throw new PeerwayError('bad-input', errorText('error.port-range', { text: match[2] }))
  const transport = match[1] as 'udp' | 'tcp' | undefined
  return transport === undefined
    ? [
        { transport: 'udp', port },
        { transport: 'tcp', port },
      ]
    : [{ transport, port }]
}

/**
 * Reads `HOST`, `HOST:PORT`, `ADDRESS`, `[IPV6]` or `[IPV6]:PORT`; a bare IPv6 address is taken whole.
 * `PeerwayError` `bad-input` for anything else.
 */
export function parseServerSpec(text: string): ServerSpec {
  const bare = parseAddress(text)
  if (bare !== undefined) return { name: text, host: oneHost(text, bare), port: DEFAULT_SERVER_PORT }

  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]*))?$/.exec(text)
  if (match === null) throw notAServer(text, errorText('error.of.server-form', { form: '[IPV6]:PORT' }))
  const [, bracketed, plain, digits] = match
  const host = bracketed === undefined ? parseHost(plain!) : parseIpv6(bracketed)
  if (host === undefined) throw notAServer(text, errorText('error.of.server-host'))
  const port = digits === undefined ? DEFAULT_SERVER_PORT : parsePort(digits)
  if (port === undefined) throw notAServer(text, errorText('error.of.server-port'))
  return { name: text, host: oneHost(text, host), port }
}

/** `host` as it is. `PeerwayError` for an address that no single host can have. */
function oneHost(text: string, host: string): string {
  const address = parseAddress(host)
  const isNobodys = address !== undefined && ['unspecified', 'multicast', 'reserved'].includes(scopeOf(address))
  if (isNobodys) throw notAServer(text, errorText('error.of.server-nobody'))
  return host
}

function parseIpv6(text: string): string | undefined {
  return text.includes(':') ? parseAddress(text) : undefined
}

/** A name whose last label is a number would be read as an IPv4 address by resolvers (RFC 3696 §2), so it is a mistyped one. */
function parseHost(text: string): string | undefined {
  const labels = text.replace(/\.$/, '').split('.')
  if (/^[0-9]+$/.test(labels.at(-1)!)) return parseAddress(text)
  const proper = labels.every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label))
  return proper && text.length <= 253 ? text : undefined
}

function notAServer(text: string, problem: Message): PeerwayError {
  return new PeerwayError('bad-input', errorText('error.server', { text, problem }))
}
