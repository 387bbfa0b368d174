import type { Host, LimitedFlows, TcpConnection } from '../../host/host.ts'
import type { FilterHopFact } from '../../model/evidence.ts'
import { attempt } from '../attempt.ts'
import { connectPatiently } from '../connect-patiently.ts'
import type { FilterHopQuestion } from './filter-hop.ts'
import { listen, PATIENCE_MS } from './say-bytes.ts'

/** What is not acknowledged is sent again after 0.2 s, 0.6 s and 1.4 s, or some round trips: a hop tells of it each time. */
const LEAST_TOLD = 3
const ROUND_TRIPS = 8

interface Flow {
  readonly ttl: number
  readonly kind: 'spoken' | 'neutral'
  readonly connection: TcpConnection
}

/**
 * Connections whose handshake goes all the way, and whose first bytes end at one hop each. The hops tell of them, or a reset
 * comes of who saw them. None where a connection did not come about, or this host may not limit its TTL.
 */
export async function probeTcpHops(
  host: Host,
  question: FilterHopQuestion,
  ttls: readonly number[],
): Promise<FilterHopFact['hops']> {
  // The protocol's first: where a hop tells of few alone, it is the others that go untold.
  const wanted = (['spoken', 'neutral'] as const).flatMap((kind) => ttls.map((ttl) => ({ ttl, kind })))
  const connected = await Promise.all(
    wanted.map(async ({ ttl, kind }): Promise<readonly Flow[]> => {
      const result = await connectPatiently(host, question.to, question.rttMs)
      return result.outcome === 'connected' ? [{ ttl, kind, connection: result.connection }] : []
    }),
  )
  const flows = connected.flat()
  try {
    if (flows.length < wanted.length || flows.length === 0) return []
    const limits = flows.map(({ ttl, connection: { local, remote } }) => ({ local, remote, ttl }))
    const limited = await attempt<LimitedFlows | undefined, undefined>(() => host.netfilter.limitTtl(limits), undefined)
    if (limited === undefined) return []
    await using open = limited
    return readHops(await sayAll(host, question, flows), await open.read(), flows, ttls)
  } finally {
    for (const { connection } of flows) connection.reset()
  }
}

type Ended = Awaited<ReturnType<typeof listen>>

/** Says the bytes on every flow, and waits for what becomes of it. */
function sayAll(host: Host, question: FilterHopQuestion, flows: readonly Flow[]): Promise<readonly Ended[]> {
  const patienceMs = PATIENCE_MS + ROUND_TRIPS * question.rttMs
  return Promise.all(
    flows.map(async ({ kind, connection }) => {
      await connection.write(question[kind], patienceMs)
      return listen(host, connection, 1, patienceMs)
    }),
  )
}

function readHops(
  ended: readonly Ended[],
  told: readonly number[],
  flows: readonly Flow[],
  ttls: readonly number[],
): FilterHopFact['hops'] {
  const of = (ttl: number, kind: Flow['kind']) => flows.findIndex((flow) => flow.ttl === ttl && flow.kind === kind)
  const isAnswered = (index: number) => ended[index]!.heard.length > 0
  // What was answered came all the way: the vantage is no farther, or the rules limit nothing.
  const end = ttls.find((ttl) => isAnswered(of(ttl, 'spoken')) || isAnswered(of(ttl, 'neutral')))
  return ttls
    .filter((ttl) => end === undefined || ttl < end)
    .map((ttl) => {
      const [spoken, neutral] = [of(ttl, 'spoken'), of(ttl, 'neutral')]
      // Who breaks off whatever comes does not mean the protocol.
      if (ended[neutral]!.ended !== 'open') return { ttl, spoken: 'silent', neutral: 'silent' } as const
      return {
        ttl,
        spoken: ended[spoken]!.ended === 'reset' ? 'reset' : told[spoken]! > 0 ? 'passed' : 'silent',
        neutral: told[neutral]! >= LEAST_TOLD ? 'passed' : 'silent',
      } as const
    })
}
