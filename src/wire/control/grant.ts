import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Grant } from './messages.ts'

/** A grant before it is signed. */
export type UnsignedGrant = Omit<Grant, 'signature'>

/** How far in the future a grant may expire, and for how long one is made. */
export const GRANT_LIFETIME_MS = 60_000

/** HMAC-SHA256 over the canonical text, keyed with the UTF-8 bytes of the token that both vantages hold. */
export function signGrant(grant: UnsignedGrant, token: string): Grant {
  return { ...grant, signature: signatureOf(grant, token) }
}

/**
 * Is this grant good on the connection whose hello carried `nonce`, at `nowMs` of the verifier's clock? The nonce is
 * fresh for every connection, so a grant read off another one is worth nothing.
 */
export function verifyGrant(grant: Grant, token: string, nonce: Uint8Array, nowMs: number): boolean {
  const inTime = grant.expiresAtMs >= nowMs && grant.expiresAtMs <= nowMs + GRANT_LIFETIME_MS
  const sameNonce = grant.vantage.length === nonce.length && timingSafeEqual(grant.vantage, nonce)
  return timingSafeEqual(signatureOf(grant, token), grant.signature) && inTime && sameNonce
}

/** Every field on a line of its own, the asker's address canonical, the last line ended too. */
export function canonicalGrant(grant: UnsignedGrant): string {
  const { version, asker, transport, port, vantage, expiresAtMs } = grant
  const lines = [`peerway-grant ${version}`, asker, transport, port, Buffer.from(vantage).toString('hex'), expiresAtMs]
  return lines.map((line) => `${line}\n`).join('')
}

function signatureOf(grant: UnsignedGrant, token: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', token).update(canonicalGrant(grant)).digest())
}
