import type { Host } from '../../host/host.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { VantageControl } from '../../vantage/vantage.ts'
import { graceMs } from '../../wire/patience.ts'
import { type FlowSocket, openFlow } from './flow-socket.ts'

/** Routers on the way out and on the way back; null where nothing came through with up to 24 hops. */
export interface FlowDistance {
  readonly out: number | null
  readonly back: number | null
}

const MOST_TTL = 24
/** The nearest datagram that gets through must not be lost. */
const ROUNDS = 5
const ROUND_MS = 100
const PAUSE_MS = 500

/** Counts the routers by which datagrams get through, both ways: no box on the way has to say anything. */
export async function measureDistance(
  host: Host,
  control: VantageControl,
  server: Endpoint,
  rttMs: number,
): Promise<FlowDistance> {
  const ttls = Array.from({ length: MOST_TTL }, (_, index) => index + 1)
  const sends = ttls.map((ttl) => ({ afterMs: PAUSE_MS + 2 * ttl, everyMs: ROUND_MS, count: ROUNDS, ttl }))
  const flow = await openFlow(host, control, server, sends)
  if (flow === undefined) return { out: null, back: null }
  await using open = flow
  for (let round = 0; round < ROUNDS; round++) {
    for (const ttl of ttls) await open.send('open', ttl, ttl)
    await host.clock.sleep(ROUND_MS)
  }
  await host.clock.sleep(PAUSE_MS + 2 * MOST_TTL + ROUNDS * ROUND_MS + graceMs(rttMs))
  return { out: least(open, 'seen'), back: least(open, 'sent') }
}

function least({ heard }: FlowSocket, kind: 'seen' | 'sent'): number | null {
  const ttls = heard.filter((one) => one.kind === kind).map(({ number }) => number)
  return ttls.length === 0 ? null : Math.min(...ttls) - 1
}
