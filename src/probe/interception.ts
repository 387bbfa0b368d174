import type { Host, Random, TcpConnection } from '../host/host.ts'
import { type Address, type Endpoint, type Family, familyOf } from '../model/endpoint.ts'
import type { InterceptionFact } from '../model/evidence.ts'
import { formatAddress } from '../model/ip.ts'
import { encodeHttpRequest } from '../wire/http1/request.ts'
import { HttpResponseReader } from '../wire/http1/response-reader.ts'
import { attempt } from './attempt.ts'
import { connectPatiently } from './connect-patiently.ts'

type Asked = InterceptionFact['asked'][number]

const HTTP_PORT = 80
/** Nobody was met yet whose round trip would be known. */
const USUAL_RTT_MS = 100
const PAGE_MS = 2000
const LONGEST_LOCATION = 200
/** One may be somebody's by chance. */
const ADDRESSES = 2

/**
 * Does somebody on the way answer TCP in everybody's place, as a captive portal or a proxy does? Connects to web servers at
 * addresses that nobody has: of the block that was never given out (240.0.0.0/4, RFC 1112 §4), or that is meant to be thrown
 * away (100::/64, RFC 6666). Undefined where nobody answers there.
 */
export async function probeInterception(host: Host, family: Family): Promise<InterceptionFact | undefined> {
  const addresses = Array.from({ length: ADDRESSES }, () => NOBODYS[family](host.random))
  const asked = await Promise.all(addresses.map((address) => askForPage(host, { address, port: HTTP_PORT })))
  return asked.every(({ outcome }) => outcome === 'connected') ? { family, whose: 'nobody', asked } : undefined
}

const NOBODYS: Readonly<Record<Family, (random: Random) => Address>> = {
  // Neither the first addresses of the block, which some use inside, nor broadcast.
  ipv4: (random) => {
    const [a, b, c, d] = random.bytes(4)
    return [241 + (a! % 14), b, c, 1 + (d! % 254)].join('.')
  },
  ipv6: (random) => formatAddress(Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, ...random.bytes(8)])),
}

async function askForPage(host: Host, to: Endpoint): Promise<Asked> {
  const result = await connectPatiently(host, to, USUAL_RTT_MS)
  if (result.outcome !== 'connected') return { ...to, outcome: 'not-connected', page: null }
  const page = await attempt(() => pageOf(host, result.connection, to), null)
  result.connection.reset()
  return { ...to, outcome: 'connected', page }
}

async function pageOf(host: Host, connection: TcpConnection, to: Endpoint): Promise<Asked['page']> {
  await connection.write(encodeHttpRequest({ method: 'GET', path: '/', to }), PAGE_MS)
  const endMs = host.clock.monotonicMs() + PAGE_MS
  const reader = new HttpResponseReader()
  for (;;) {
    const read = await connection.read(Math.max(0, endMs - host.clock.monotonicMs()))
    if (read.outcome !== 'data' && read.outcome !== 'end') return null
    const state = read.outcome === 'data' ? reader.push(read.data) : reader.end()
    if (state.state === 'failed' || (state.state === 'more' && read.outcome === 'end')) return null
    if (state.state === 'done') {
      // What stands behind the path says who this host is: to the portal, and to nobody else.
      const [location = ''] = (state.response.fields.get('location') ?? '').split(/[?#]/)
      return { status: state.response.status, location: isPlain(location) ? location : null }
    }
  }
}

/** What a stranger wrote is shown to people: printable, and not too long. */
function isPlain(location: string): boolean {
  return location.length > 0 && location.length <= LONGEST_LOCATION && /^[\x21-\x7e]+$/.test(location)
}

const LOWEST_PORT = 20_000
const PORTS = 40_000
const CLOSED_PORTS = 3

/**
 * Does somebody complete handshakes on the way to a vantage's ports that nobody opened? Undefined where the first of them is
 * not connected to until `signal`: it does not pay to wait for a firewall's silence.
 */
export async function probeClosedPorts(
  host: Host,
  server: Address,
  opened: readonly number[],
  signal: AbortSignal,
): Promise<InterceptionFact | undefined> {
  const asked: Asked[] = []
  for (let count = 0; count < CLOSED_PORTS; count++) {
    const to = { address: server, port: closedPort(host.random, opened) }
    const options = { to, timeoutMs: PAGE_MS, ...(count === 0 && { signal }) }
    const result = await attempt(() => host.tcp.connect(options), undefined)
    if (result?.outcome === 'connected') result.connection.reset()
    // A proxy may break off at once what it took before it asked.
    else if (result?.outcome !== 'reset') return undefined
    asked.push({ ...to, outcome: 'connected', page: null })
  }
  return { family: familyOf(server), whose: 'closed', asked }
}

function closedPort(random: Random, opened: readonly number[]): number {
  for (;;) {
    const [high, low] = random.bytes(2)
    const port = LOWEST_PORT + ((high! * 256 + low!) % PORTS)
    if (!opened.includes(port)) return port
  }
}
