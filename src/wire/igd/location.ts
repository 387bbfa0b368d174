import { type Endpoint, familyOf } from '../../model/endpoint.ts'
import { parseAddress, parsePort } from '../../model/ip.ts'
import { type Decoded, decoded, malformed } from '../bytes.ts'

/** Where something is on a web server that is known by its literal address. `path` begins with a slash. */
export interface Location extends Endpoint {
  readonly path: string
}

/** `name`: the host is none of the two literal forms. `scheme`: not http. `userinfo`: it carries a name or password. */
export type LocationError = 'malformed' | 'scheme' | 'userinfo' | 'name'

const MOST_CHARACTERS = 1024

/**
 * Reads an absolute `http` URL whose host is a literal address. Stricter than browsers on purpose: the only hosts are a
 * dotted quad and an IPv6 address in brackets, as `parseAddress` takes them, so that nothing here means another host to somebody else.
 * The zone of a link-local one is the device's own affair and is left out (RFC 6874).
 */
export function parseLocation(text: string): Decoded<Location, LocationError> {
  if (text.length > MOST_CHARACTERS || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) {
    return malformed('malformed', 0)
  }
  const [, scheme, authority = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/.exec(text) ?? []
  if (scheme === undefined) return malformed('malformed', 0)
  if (scheme.toLowerCase() !== 'http') return malformed('scheme', 0)
  if (authority.includes('@')) return malformed('userinfo', scheme.length + 3)
  const [, host, digits = '80'] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(authority) ?? []
  const port = parsePort(digits)
  if (host === undefined || port === undefined) return malformed('malformed', scheme.length + 3)
  const address = literal(host)
  if (address === undefined) return malformed('name', scheme.length + 3)
  return decoded({ address, port, path: rest.startsWith('/') ? rest : `/${rest}` })
}

/** Reads an absolute URL, or a path that begins at `base` (RFC 3986 §5.2, without the removal of dots). */
export function resolveLocation(text: string, base: Location): Decoded<Location, LocationError> {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return parseLocation(text)
  // "//host/path" names a host too.
  if (text.startsWith('//')) return parseLocation(`http:${text}`)
  if (text === '' || text.length > MOST_CHARACTERS || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) {
    return malformed('malformed', 0)
  }
  const path = text.replace(/#.*$/, '')
  if (path.startsWith('/')) return decoded({ ...base, path })
  return decoded({ ...base, path: `${base.path.replace(/\?.*$/, '').replace(/[^/]*$/, '')}${path}` })
}

const ZONE = /^(fe80:.*)%(?:25)?[\w.-]{1,15}$/i

function literal(host: string): string | undefined {
  const isBracketed = host.startsWith('[')
  const address = parseAddress(isBracketed ? host.slice(1, -1).replace(ZONE, '$1') : host)
  return address !== undefined && (familyOf(address) === 'ipv6') === isBracketed ? address : undefined
}
