import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Whom this server serves. */
export interface AccessRules {
  /** What `Host` may say, in lower case: `127.0.0.1:9788`. Any other name was made to lead here (DNS rebinding). */
  readonly hosts: readonly string[]
  readonly token: string
  /** Does it listen on loopback alone? Then whoever is on this machine may read. */
  readonly isLoopback: boolean
}

export interface Asked {
  readonly method: string
  /** Is it a file of the page, in which nothing is said about this host? */
  readonly isPublic: boolean
  readonly headers: IncomingHttpHeaders
}

export type Access =
  | { readonly outcome: 'granted'; readonly hasToken: boolean }
  | { readonly outcome: 'refused'; readonly status: 401 | 403 | 421; readonly code: RefusalCode }
export type RefusalCode = 'wrong-host' | 'cross-site' | 'token-wanted'

export const COOKIE = 'peerway-token'

/**
 * May this request be served? Refused are names of other hosts, what another site sends, whatever changes something without
 * the token in `Authorization` (a cookie does not do, as browsers send it by themselves), and, off loopback, all reading
 * without the token.
 */
export function judgeAccess({ method, isPublic, headers }: Asked, rules: AccessRules): Access {
  const host = headers.host?.toLowerCase() ?? ''
  if (!rules.hosts.includes(host)) return { outcome: 'refused', status: 421, code: 'wrong-host' }
  const isReading = method === 'GET' || method === 'HEAD'
  if (isCrossSite(headers, host, isReading)) return { outcome: 'refused', status: 403, code: 'cross-site' }
  const isBearer = isToken(/^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1], rules.token)
  const hasToken = isBearer || isToken(cookieOf(headers), readingToken(rules.token))
  const mayRead = isPublic || rules.isLoopback || hasToken
  if (isReading ? mayRead : isBearer) return { outcome: 'granted', hasToken }
  return { outcome: 'refused', status: 401, code: 'token-wanted' }
}

/** Browsers say where a request comes from; other programs say nothing, and are no sites. */
function isCrossSite(headers: IncomingHttpHeaders, host: string, isReading: boolean): boolean {
  const { origin } = headers
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) return true
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  // A link on another page may lead here, and be looked at as a page alone.
  return !(isReading && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document')
}

function cookieOf({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  const parts = cookie.split(';').map((part) => part.trim())
  return parts.find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
}

/**
 * What the cookie holds: a browser sends it to every port of this host, so whoever gets hold of it there can read here, and the
 * token does not follow from it.
 */
export function readingToken(token: string): string {
  return createHmac('sha256', token).update('peerway: reading').digest('base64url')
}

/** In a time that does not tell how much of it is right. */
function isToken(said: string | undefined, token: string): boolean {
  if (said === undefined) return false
  const [a, b] = [said, token].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}
