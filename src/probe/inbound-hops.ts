import type { Host } from '../host/host.ts'
import { type Address, type Endpoint, familyOf } from '../model/endpoint.ts'
import type { InboundHopsFact } from '../model/evidence.ts'
import { TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import type { Dialler } from './dial-backs.ts'
import { type FlowSocket, openFlow } from './idle-flows/flow-socket.ts'

const MAX_TTL = 16

/**
 * How far do the vantage's own echo requests come on their way to us, and how far is it to this host itself? Undefined where it cannot
 * send any.
 */
export async function probeInboundHops(
  host: Host,
  { name, control, fact, rttMs }: Dialler,
): Promise<InboundHopsFact | undefined> {
  const toward: Address = control.observed.address
  const server = fact.address === null ? null : { address: fact.address, port: fact.port }
  // Who stands at which place is a question about translators, and there are none over IPv6.
  const isAsked = control.canSendOnFlows && familyOf(toward) === 'ipv4'
  const [hops, routers] = await Promise.all([
    control.echo({ maxTtl: MAX_TTL }),
    server === null || !isAsked ? null : countRoutersBack({ host, control, server, rttMs }),
  ])
  return hops === null ? undefined : { family: familyOf(toward), toward, hops, routers, vantage: name }
}

const ROUNDS = 6
const ROUND_MS = 60
/** Each TTL a little later than the one before. */
const STEP_MS = 2
const AFTER_MS = 20
/** The nearest datagrams that come through must come in nearly all rounds, or the nearest of them may have been lost. */
const LEAST_ROUNDS = ROUNDS - 1
const NEAREST = 3
const LATE_MS = 80

interface Question {
  readonly host: Host
  readonly control: Dialler['control']
  readonly server: Endpoint
  readonly rttMs: number
}

/** Datagrams of the vantage on a flow of ours, with one TTL after another: two round trips and half a second. */
async function countRoutersBack({ host, control, server, rttMs }: Question): Promise<number | null> {
  const ttls = Array.from({ length: MAX_TTL }, (_, index) => index + 1)
  const sends = ttls.map((ttl) => ({ afterMs: AFTER_MS + STEP_MS * ttl, everyMs: ROUND_MS, count: ROUNDS, ttl }))
  const flow = await openFlow(host, control, server, sends)
  if (flow === undefined) return null
  await using open = flow
  const isSeen = () => open.heard.some(({ kind }) => kind === 'seen')
  const waitMs = Math.max(TRANSMISSION_INTERVAL_MS, 1.5 * rttMs)
  for (let sent = 0; sent < TRANSMISSIONS && !isSeen(); sent++) {
    // What is sent begins anew with every opening, so the answer is waited for.
    await open.send('open', 1)
    await host.clock.sleep(waitMs)
  }
  if (!isSeen()) return null
  await host.clock.sleep(AFTER_MS + STEP_MS * MAX_TTL + ROUNDS * ROUND_MS + LATE_MS)
  return nearest(open)
}

function nearest({ heard }: FlowSocket): number | null {
  const times = (ttl: number) => heard.filter(({ kind, number }) => kind === 'sent' && number === ttl).length
  const first = Math.min(...heard.filter(({ kind }) => kind === 'sent').map(({ number }) => number))
  const all = Array.from({ length: NEAREST }, (_, index) => first + index)
  return Number.isFinite(first) && all.every((ttl) => times(ttl) >= LEAST_ROUNDS) ? first - 1 : null
}
