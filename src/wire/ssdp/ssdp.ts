import { type Endpoint, formatEndpoint } from '../../model/endpoint.ts'
import { type Decoded, decoded, malformed } from '../bytes.ts'
import { decodeHead, encodeHead } from '../http1/head.ts'
import { latin1 } from '../latin1.ts'

export const SSDP_PORT = 1900
/** Where devices listen for questions to all (UPnP Device Architecture 2.0 §1.1 and annex A). */
export const SSDP_GROUPS = { ipv4: '239.255.255.250', ipv6: 'ff02::c' } as const

const MOST_BYTES = 4096
const SEARCH_LINE = 'M-SEARCH * HTTP/1.1'

/** A question to devices (UDA 2.0 §1.3.2). `maxWaitSeconds`: over which time a group spreads its answers; 1 to 5. */
export interface SsdpSearch {
  readonly target: string
  readonly maxWaitSeconds: number
}

/** An answer (UDA 2.0 §1.3.3). `location` is where its description claims to be: any text at all, untrusted. */
export interface SsdpAnswer {
  readonly target: string
  readonly location: string
  /** The unique name of the device and what was found in it. */
  readonly name: string
  readonly server: string
}

export type SsdpError = 'not-ssdp' | 'too-big' | 'no-location'

/** `to`: whom it is sent to, which its HOST field must name. RangeError for a target that is no line of text. */
export function encodeSearch({ target, maxWaitSeconds }: SsdpSearch, to: Endpoint): Uint8Array {
  const fields = [
    ['HOST', formatEndpoint(to)],
    ['ST', target],
    // The quotes belong to it.
    ['MAN', '"ssdp:discover"'],
    ['MX', String(maxWaitSeconds)],
  ] as const
  return new TextEncoder().encode(encodeHead(SEARCH_LINE, fields))
}

/** Reads one datagram as a question. Pure, and throws on no input. */
export function decodeSearch(datagram: Uint8Array): Decoded<SsdpSearch, SsdpError> {
  const head = headOf(datagram)
  if (!head.ok) return head
  const { startLine, fields } = head.value
  const [target, wait] = [fields.get('st'), fields.get('mx') ?? '1']
  if (startLine !== SEARCH_LINE || target === undefined) return malformed('not-ssdp', 0)
  if (fields.get('man') !== '"ssdp:discover"' || !/^[0-9]{1,3}$/.test(wait)) return malformed('not-ssdp', 0)
  return decoded({ target, maxWaitSeconds: Math.min(5, Math.max(1, Number(wait))) })
}

/** RangeError for a value that is no line of text. */
export function encodeAnswer({ target, location, name, server }: SsdpAnswer): Uint8Array {
  const fields = [
    ['CACHE-CONTROL', 'max-age=120'],
    ['ST', target],
    ['USN', name],
    ['EXT', ''],
    ['SERVER', server],
    ['LOCATION', location],
  ] as const
  return new TextEncoder().encode(encodeHead('HTTP/1.1 200 OK', fields))
}

/** Reads one datagram as an answer. Pure, and throws on no input; announcements (NOTIFY) are none. */
export function decodeAnswer(datagram: Uint8Array): Decoded<SsdpAnswer, SsdpError> {
  const head = headOf(datagram)
  if (!head.ok) return head
  const { startLine, fields } = head.value
  const [target, location] = [fields.get('st'), fields.get('location')]
  if (!/^HTTP\/1\.[01] 200(?: |$)/.test(startLine) || target === undefined) return malformed('not-ssdp', 0)
  if (location === undefined || location === '') return malformed('no-location', 0)
  return decoded({ target, location, name: fields.get('usn') ?? '', server: fields.get('server') ?? '' })
}

function headOf(datagram: Uint8Array) {
  if (datagram.length > MOST_BYTES) return malformed('too-big', MOST_BYTES)
  // Some devices leave out the empty line at the end.
  const head = decodeHead(withoutLastLineEnds(latin1(datagram)))
  return head.ok ? head : malformed('not-ssdp', 0)
}

/** By hand: a pattern for the end of the text tries anew at every line end within. */
function withoutLastLineEnds(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1
  return text.slice(0, end)
}
