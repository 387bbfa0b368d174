import type { Host, UdpSocket } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PCP_PORT } from '../wire/pcp/message.ts'
import { linkTowards } from './link-towards.ts'
import { type Patience, transmissionGaps } from './patience.ts'

export interface GatewayQuestion<Answer> {
  readonly gateway: Address
  /** This host's own address: the gateway maps for whom the question comes from, and for nobody else. */
  readonly local: Address
  readonly datagram: Uint8Array
  readonly patience: Patience
  /** What a datagram of the gateway answers; undefined when it does not answer this question. Throws on nothing. */
  readonly read: (datagram: Uint8Array) => Answer | undefined
  /** Ends the wait; what has not come by then counts as silence. */
  readonly signal?: AbortSignal
}

/**
 * `closed`: nobody listens on the gateway's port, as it says itself. `garbage`: it said something, and nothing that
 * answers the question. `not-permitted`: this host may not send.
 */
export type GatewayReply<Answer> =
  | {
      readonly outcome: 'answered'
      readonly answer: Answer
      readonly rttMs: number
      readonly atMs: number
      /** Was it asked more than once? Then it may have done before what it now answers. */
      readonly isRepeated: boolean
    }
  | { readonly outcome: 'silent' | 'closed' | 'garbage' | 'not-permitted' }

/** How often a wait looks whether it has been called off. */
const SLICE_MS = 50

/**
 * Asks a gateway one question by UDP on port 5351, where PCP and NAT-PMP live, again and again until it answers or the
 * patience ends. The socket is connected, so that only the gateway's own port is heard, and its port unreachable ends
 * the wait at once. `PeerwayError` when this host cannot send from `local`.
 */
export async function askGateway<Answer>(host: Host, question: GatewayQuestion<Answer>): Promise<GatewayReply<Answer>> {
  const { gateway, local, patience } = question
  const to = { address: gateway, port: PCP_PORT }
  const link = await linkTowards(host, gateway)
  await using socket = await host.udp.open({ local: { address: local, port: 0 }, connect: to, ...link })
  const startMs = host.clock.monotonicMs()
  const draws = host.random.bytes(MOST_TRANSMISSIONS)
  let drawn = 0
  const gaps = transmissionGaps(patience, () => draws[drawn++ % MOST_TRANSMISSIONS]! / 256)
  let heard: 'silent' | 'garbage' = 'silent'
  for (const [index, gapMs] of gaps.entries()) {
    if ((await socket.send(question.datagram, to)) === 'not-permitted') return { outcome: 'not-permitted' }
    const reply = await listen(host, socket, question, gapMs)
    if (reply === 'closed') return { outcome: 'closed' }
    if (reply === 'garbage') heard = 'garbage'
    else if (reply !== 'silent') {
      return { outcome: 'answered', rttMs: reply.atMs - startMs, isRepeated: index > 0, ...reply }
    }
    if (question.signal?.aborted) break
  }
  return { outcome: heard }
}

/** Of 3 s, with gaps that double from 100 ms on, five; more than that is never drawn for. */
const MOST_TRANSMISSIONS = 16

/** Waits `gapMs` for an answer, and passes over all else. */
async function listen<Answer>(
  host: Host,
  socket: UdpSocket,
  { read, signal }: GatewayQuestion<Answer>,
  gapMs: number,
): Promise<{ readonly answer: Answer; readonly atMs: number } | 'silent' | 'closed' | 'garbage'> {
  const endMs = host.clock.monotonicMs() + gapMs
  let heard: 'silent' | 'garbage' = 'silent'
  while (!signal?.aborted) {
    const leftMs = endMs - host.clock.monotonicMs()
    if (leftMs <= 0) break
    const event = await socket.receive(signal === undefined ? leftMs : Math.min(leftMs, SLICE_MS))
    if (event?.kind === 'error') return 'closed'
    const answer = event && read(event.data)
    if (event !== undefined && answer !== undefined) return { answer, atMs: event.atMs }
    if (event !== undefined) heard = 'garbage'
  }
  return heard
}
