import type { Host, TcpConnection } from '../host/host.ts'
import type { Address, Endpoint } from '../model/endpoint.ts'
import { decodeReply, encodeRequest } from '../wire/control/codec.ts'
import { GRANT_LIFETIME_MS, signGrant } from '../wire/control/grant.ts'
import type { ControlReply, ReplyOf, RequestOf } from '../wire/control/messages.ts'
import { graceMs } from '../wire/patience.ts'
import { ControlLink } from './control-link.ts'
import type { DialDone } from './dial-task.ts'
import { staggered } from './staggered.ts'

export interface GrantErrand {
  readonly asker: Address
  readonly via: Endpoint
  readonly request: RequestOf<'dial'>
  readonly token: string
  readonly onConnected: (source: Endpoint) => void
  readonly signal: AbortSignal
}

/** The dial of a second vantage took at most this long, and its connection this much. */
const CONNECT_MS = 3000
const HELLO_MS = 3000
const DIAL_MS = 15_000
/** Its lines before the result: `connected`, and whatever a later version may add. */
const MOST_LINES = 8

/**
 * Lets a second vantage dial our asker: signs that this address has proven itself here, over the nonce of the second
 * one's hello. `grant-failed` says only that no dial came of it: the asker shall not learn what answers at `via`.
 */
export async function forwardGrant(
  host: Host,
  errand: GrantErrand,
): Promise<DialDone | { readonly outcome: 'grant-failed' | 'grant-refused' }> {
  const connection = await connectTo(host, errand)
  if (connection === undefined) return { outcome: 'grant-failed' }
  const link = new ControlLink(connection, host.clock)
  const drop = () => connection.reset()
  errand.signal.addEventListener('abort', drop)
  const reply = await converse(host, link, errand)
  errand.signal.removeEventListener('abort', drop)
  if (reply?.type === 'dialled') {
    const { type: _, id: __, ...result } = reply
    return { outcome: 'dialled', result, held: hold(host, link, errand) }
  }
  await link.close()
  return { outcome: reply?.code === 'grant-refused' ? 'grant-refused' : 'grant-failed' }
}

async function connectTo(host: Host, { via, signal }: GrantErrand): Promise<TcpConnection | undefined> {
  const { result } = await staggered(
    host.clock,
    { attempts: 4, gapMs: 250, timeoutMs: CONNECT_MS },
    async (over) => {
      const attempt = await host.tcp.connect({ to: via, timeoutMs: CONNECT_MS, signal: over })
      if (attempt.outcome === 'connected' && over.aborted) attempt.connection.reset()
      return attempt
    },
    (attempt) => attempt.outcome !== 'timed-out',
    signal,
  )
  return result?.outcome === 'connected' ? result.connection : undefined
}

async function converse(
  host: Host,
  link: ControlLink,
  { asker, request, token, onConnected }: GrantErrand,
): Promise<ReplyOf<'dialled'> | ReplyOf<'error'> | undefined> {
  const hello = await nextReply(link, HELLO_MS)
  if (hello?.type !== 'hello') return undefined
  const { transport, port, payload, rttMs, holdMs, id } = request
  // By the other's clock, for the other will compare it with that.
  const expiresAtMs = hello.nowMs + GRANT_LIFETIME_MS / 2
  const grant = signGrant({ version: 1, asker, transport, port, vantage: hello.nonce, expiresAtMs }, token)
  link.send(encodeRequest({ type: 'granted-dial', id, grant, payload, rttMs, holdMs }))
  const endMs = host.clock.monotonicMs() + Math.min(DIAL_MS, 6000 + 2 * graceMs(rttMs))
  for (let line = 0; line < MOST_LINES; line++) {
    const reply = await nextReply(link, Math.max(0, endMs - host.clock.monotonicMs()))
    if (reply === undefined || reply.type === 'error' || reply.type === 'dialled') return reply
    if (reply.type === 'connected') onConnected(reply.source)
  }
  return undefined
}

async function nextReply(link: ControlLink, timeoutMs: number): Promise<ControlReply | undefined> {
  const read = await link.readLine(timeoutMs)
  const reply = read.outcome === 'line' ? decodeReply(read.line) : undefined
  return reply?.ok ? reply.value : undefined
}

/** The second vantage drops the dialled connection when we leave, so we stay for as long as the asker may want it. */
async function hold(host: Host, link: ControlLink, { request, signal }: GrantErrand): Promise<void> {
  await host.clock.sleep(request.holdMs, signal)
  await link.close()
}
