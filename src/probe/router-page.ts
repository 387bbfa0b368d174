import type { Host, TcpConnection } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { familyOf } from '../model/endpoint.ts'
import type { Hop, RouterPageFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { graceMs } from '../wire/patience.ts'
import { connectPatiently } from './connect-patiently.ts'

const HTTP_PORT = 80
/** Farther boxes are nobody's whom the customer could ask. */
const MAX_TTL = 3
const HEAD_REQUEST = new TextEncoder().encode('HEAD / HTTP/1.0\r\n\r\n')

/** Is this hop a box whose page is worth asking for: this host's own router, or one near it with an address of a home or a carrier? */
export function mayHavePage({ ttl, answer, address }: Hop): boolean {
  if (ttl > MAX_TTL || answer !== 'time-exceeded' || address === null) return false
  const scope = scopeOf(address)
  return scope === 'private' || scope === 'shared' || (ttl === 1 && scope === 'global')
}

/** Does the box at `address` let this host open its page on TCP port 80? At most one HEAD request is sent. */
export async function probeRouterPage(
  host: Host,
  box: { readonly address: Address; readonly ttl: number; readonly rttMs: number },
): Promise<RouterPageFact> {
  const { address, ttl, rttMs } = box
  const fact = { family: familyOf(address), address, ttl, port: HTTP_PORT }
  const result = await connectPatiently(host, { address, port: HTTP_PORT }, rttMs)
  if (result.outcome === 'connected') {
    const speaksHttp = await asksForHead(result.connection, 3 * graceMs(rttMs))
    result.connection.reset()
    return { ...fact, outcome: speaksHttp ? 'http' : 'connected' }
  }
  return { ...fact, outcome: FAILURES[result.outcome] }
}

const FAILURES = {
  refused: 'refused',
  reset: 'connected',
  'timed-out': 'silent',
  unreachable: 'unreachable',
  'not-permitted': 'unreachable',
  'address-in-use': 'unreachable',
  'address-not-available': 'unreachable',
} as const

async function asksForHead(connection: TcpConnection, timeoutMs: number): Promise<boolean> {
  if ((await connection.write(HEAD_REQUEST, timeoutMs)) !== 'written') return false
  const read = await connection.read(timeoutMs)
  return read.outcome === 'data' && String.fromCharCode(...read.data.subarray(0, 5)) === 'HTTP/'
}
