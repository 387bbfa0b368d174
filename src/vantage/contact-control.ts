import type { Host, TcpFailure } from '../host/host.ts'
import { type Endpoint, familyOf } from '../model/endpoint.ts'
import type { ContactOutcome } from '../model/evidence.ts'
import { VERSION } from '../model/version.ts'
import { decodeReply, encodeRequest } from '../wire/control/codec.ts'
import { PROTOCOL, PROTOCOL_VERSION, type ReplyOf } from '../wire/control/messages.ts'
import { ControlLink } from './control-link.ts'
import { staggered } from './staggered.ts'

export interface ControlContact {
  readonly outcome: ContactOutcome
  /** Shortest of the handshakes, resets and hellos' round trips; null when none came back. */
  readonly rttMs: number | null
  /** Only with outcome `answered`. */
  readonly link: ControlLink | null
  readonly hello: ReplyOf<'hello'> | null
}

export const CONTROL_TIMEOUT_MS = 3400
const ATTEMPTS = 6
const GAP_MS = 250

type Attempt =
  | { readonly outcome: 'answered'; readonly link: ControlLink; readonly hello: ReplyOf<'hello'> }
  | { readonly outcome: Exclude<ContactOutcome, 'answered'> }

/** Other failures may be of one attempt alone. */
const CONCLUSIVE: ReadonlySet<ContactOutcome> = new Set([
  'answered',
  'refused',
  'unreachable',
  'not-permitted',
  'violated-protocol',
])

/**
 * Opens the control connection. Handshake and hello together are raced, 250 ms apart: either can lose a packet. Once a
 * handshake is done, whoever says no hello within max(3 RTT, 600 ms) is no vantage, provided that `isStun()` tells that it
 * is a STUN server; else it is given 1500 ms, for then this connection is all there is. At most 3.4 s.
 */
export async function contactControl(host: Host, to: Endpoint, isStun: () => boolean): Promise<ControlContact> {
  const giveUp = new AbortController()
  const finished = new AbortController()
  let rttMs: number | null = null
  const onRoundTrip = async (measuredMs: number) => {
    const isFirst = rttMs === null
    rttMs = Math.min(rttMs ?? measuredMs, measuredMs)
    if (!isFirst) return
    const patienceMs = Math.max(600, 3 * measuredMs)
    await host.clock.sleep(patienceMs, finished.signal)
    if (!isStun()) await host.clock.sleep(1500 - patienceMs, finished.signal)
    giveUp.abort()
  }
  const { result } = await staggered<Attempt>(
    host.clock,
    { attempts: ATTEMPTS, gapMs: GAP_MS, timeoutMs: CONTROL_TIMEOUT_MS },
    (signal) => connectAndListen(host, to, signal, onRoundTrip),
    ({ outcome }) => CONCLUSIVE.has(outcome),
    giveUp.signal,
  )
  finished.abort()
  if (result?.outcome === 'answered') return { ...result, rttMs }
  const silence = rttMs === null ? 'timed-out' : 'not-a-vantage'
  return { outcome: result?.outcome ?? silence, rttMs, link: null, hello: null }
}

async function connectAndListen(
  host: Host,
  to: Endpoint,
  signal: AbortSignal,
  onRoundTrip: (rttMs: number) => Promise<void>,
): Promise<Attempt> {
  const attempt = await host.tcp.connect({ to, timeoutMs: CONTROL_TIMEOUT_MS, signal })
  if (attempt.outcome !== 'connected') {
    // A reset is a round trip too: what UDP does not answer in that time will not be answered.
    if (attempt.outcome === 'refused') void onRoundTrip(attempt.afterMs)
    return { outcome: FAILURES[attempt.outcome] }
  }
  const { connection } = attempt
  const drop = () => connection.reset()
  signal.addEventListener('abort', drop)
  if (signal.aborted) drop()
  void onRoundTrip(attempt.rttMs)
  const link = new ControlLink(connection, host.clock)
  // Without data of ours a lost last packet of the handshake would keep the vantage waiting for a second.
  const software = `peerway ${VERSION}`
  link.send(encodeRequest({ type: 'hello', protocol: PROTOCOL, version: PROTOCOL_VERSION, software }))
  const connectedAtMs = host.clock.monotonicMs()
  const heard = await helloOf(link, to)
  // The hello answers our end of the handshake, without the address resolution that may have held that up.
  if (heard.outcome === 'answered') void onRoundTrip(host.clock.monotonicMs() - connectedAtMs)
  if (heard.outcome !== 'answered') drop()
  signal.removeEventListener('abort', drop)
  return heard
}

const FAILURES: Readonly<Record<TcpFailure, Exclude<ContactOutcome, 'answered'>>> = {
  refused: 'refused',
  reset: 'reset',
  'timed-out': 'timed-out',
  unreachable: 'unreachable',
  'not-permitted': 'not-permitted',
  'address-in-use': 'unreachable',
  'address-not-available': 'unreachable',
}

async function helloOf(link: ControlLink, to: Endpoint): Promise<Attempt> {
  const read = await link.readLine(CONTROL_TIMEOUT_MS)
  if (read.outcome === 'reset') return { outcome: 'reset' }
  if (read.outcome === 'too-long') return { outcome: 'violated-protocol' }
  if (read.outcome !== 'line') return { outcome: 'not-a-vantage' }
  const reply = decodeReply(read.line)
  if (!reply.ok) return { outcome: reply.code === 'bad-message' ? 'violated-protocol' : 'not-a-vantage' }
  const hello = reply.value
  if (hello.type !== 'hello' || !speaksFamilyOf(hello, to)) return { outcome: 'violated-protocol' }
  return { outcome: 'answered', link, hello }
}

/** One connection has one family; a vantage that names addresses of the other one cannot be believed. */
function speaksFamilyOf({ observed, address, dialFrom }: ReplyOf<'hello'>, { address: asked }: Endpoint): boolean {
  return [observed.address, address, ...dialFrom].every((one) => familyOf(one) === familyOf(asked))
}
