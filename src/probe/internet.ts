import type { Host } from '../host/host.ts'
import { type Address, type Endpoint, familyOf, formatEndpoint } from '../model/endpoint.ts'
import type { InternetFact, VantageFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { encodeDnsQuery, isDnsAnswer } from '../wire/dns/dns-query.ts'
import { attempt } from './attempt.ts'

type Asked = InternetFact['asked'][number]

const TRIES = 3
const TRY_MS = 700
const MAX_RESOLVERS = 4
/** A router calls a host unreachable that has not answered it for three seconds. */
const UNREACHABLE_AFTER_MS = 3300
/**
 * Answer codes (RFC 1035 §4.1.1) of somebody who knows: no error, no such name. Others say only that the resolver is
 * there.
 */
const KNOWING: ReadonlySet<number> = new Set([0, 3])

/**
 * Asks each configured resolver at most three times, all at once; not those on this very host, whose answers prove no
 * line.
 */
export async function askResolvers(host: Host): Promise<readonly Asked[]> {
  const resolvers = await attempt(() => host.network.resolvers(), [])
  const outside = resolvers.filter(({ address }) => scopeOf(address) !== 'loopback')
  return Promise.all(outside.slice(0, MAX_RESOLVERS).map((resolver) => askResolver(host, resolver)))
}

/** By a query, an echo request and a connection at once: a refusal or an ICMP error from afar is a sign of life, too. */
async function askResolver(host: Host, resolver: Endpoint): Promise<Asked> {
  const asked = { what: 'resolver', server: formatEndpoint(resolver), family: familyOf(resolver.address) } as const
  const signs = [askByQuery(host, resolver), askByEcho(host, resolver)]
  // A resolver inside the home lets itself be connected to, whether or not the line behind it lives.
  if (scopeOf(resolver.address) === 'global') signs.push(askByConnecting(host, resolver))
  const outcome = await firstSign(signs)
  return { ...asked, tries: outcome === 'silent' ? TRIES : 1, outcome }
}

type Sign = Asked['outcome']

/** The first outcome that is not silence, as soon as it is there; silence when all are silent. */
async function firstSign(signs: readonly Promise<Sign>[]): Promise<Sign> {
  return new Promise((resolve) => {
    for (const sign of signs) void sign.then((outcome) => outcome !== 'silent' && resolve(outcome))
    void Promise.all(signs).then(() => resolve('silent'))
  })
}

async function askByQuery(host: Host, resolver: Endpoint): Promise<Sign> {
  const socket = await attempt(() => host.udp.open({ toward: resolver, connect: resolver }), undefined)
  if (socket === undefined) return 'silent'
  await using open = socket
  const [high, low] = host.random.bytes(2)
  const query = encodeDnsQuery({ id: high! * 256 + low!, name: '.', type: 'NS' })
  for (let tries = 1; tries <= TRIES; tries++) {
    if ((await open.send(query, resolver)) === 'not-permitted') return 'not-permitted'
    const event = await open.receive(TRY_MS)
    if (event === undefined) continue
    const answers = event.kind === 'datagram' && isDnsAnswer(event.data, query)
    return answers && KNOWING.has(event.data[3]! & 0x0f) ? 'answered' : 'rejected'
  }
  return 'silent'
}

async function askByConnecting(host: Host, resolver: Endpoint): Promise<Sign> {
  const result = await attempt(() => host.tcp.connect({ to: resolver, timeoutMs: UNREACHABLE_AFTER_MS }), undefined)
  if (result?.outcome === 'refused' || result?.outcome === 'reset') return 'rejected'
  // "Unreachable" may be this host's own word, when its router is gone; the echo request tells who says it.
  if (result?.outcome !== 'connected') return 'silent'
  result.connection.reset()
  return 'answered'
}

/** Whose word is it that a server is unreachable? Only a far one's shows a living line. */
async function askByEcho(host: Host, server: Endpoint): Promise<Sign> {
  for (let tries = 1; tries < TRIES; tries++) {
    const sign = await askByOneEcho(host, server, TRY_MS)
    if (sign !== 'silent') return sign
  }
  return askByOneEcho(host, server, UNREACHABLE_AFTER_MS)
}

async function askByOneEcho(host: Host, { address }: Endpoint, timeoutMs: number): Promise<Sign> {
  const result = await attempt(() => host.icmp.echo({ to: address, timeoutMs }), undefined)
  const fromAfar = result !== undefined && result.from !== null && !(await isOwn(host, result.from))
  if (!fromAfar) return 'silent'
  if (result.answer !== 'echo-reply') return 'rejected'
  return scopeOf(address) === 'global' ? 'answered' : 'silent'
}

/** This host itself says "host unreachable" where the last router is gone: that is nobody's answer. */
async function isOwn(host: Host, address: Address): Promise<boolean> {
  const own = await attempt(() => host.network.addresses(), [])
  return own.some((local) => local.address === address)
}

/**
 * What a vantage or public server that was contacted says about the access line. One whose name was not found was not
 * asked.
 */
export async function askedServer(host: Host, fact: VantageFact): Promise<readonly Asked[]> {
  const { address, port, family, origin, control } = fact
  if (address === null) return []
  const what = origin === 'user' ? 'vantage' : 'stun-server'
  const contacted = contactOutcome(fact)
  const outcome =
    contacted === 'silent' && control === 'unreachable' ? await askByEcho(host, { address, port }) : contacted
  return [{ what, server: formatEndpoint({ address, port }), family, tries: TRIES, outcome }]
}

function contactOutcome({ control, stun }: VantageFact): Sign {
  if (['answered', 'error-answer', 'garbage'].includes(stun)) return 'answered'
  if (['answered', 'not-a-vantage', 'violated-protocol'].includes(control)) return 'answered'
  if (['refused', 'reset'].includes(control)) return 'rejected'
  return control === 'not-permitted' || stun === 'send-not-permitted' ? 'not-permitted' : 'silent'
}

/** Did the server answer well enough to tell us anything? */
export function answeredAtAll({ control, stun }: VantageFact): boolean {
  return control === 'answered' || stun === 'answered'
}
