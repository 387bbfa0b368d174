import type { Clock, Host, TcpConnection, TcpFailure } from '../host/host.ts'
import { MAX_ANSWER_BYTES, MAX_FLOW_BYTES } from '../wire/control/messages.ts'
import { classifyGreeting } from '../wire/first-packet/classify-greeting.ts'
import { MULTISTREAM_HEADER } from '../wire/first-packet/multistream.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import {
  type DialAnswer,
  type DialDone,
  type DialResult,
  type DialTask,
  isNonceReply,
  NO_ANSWER,
  nonceGreeting,
  protocolBytes,
  publicSource,
} from './dial-task.ts'
import { staggered } from './staggered.ts'

type Attempt = { readonly connection: TcpConnection; readonly rttMs: number } | TcpFailure

/** What is read of a greeting, to tell its protocol; fewer bytes are reported. */
const READ_BYTES = 256

/**
 * Dials a TCP port as a stranger: up to six connects 150 ms apart, each from a fresh port, the first success wins. Then
 * finds out who speaks there, reports, and keeps the connection for `holdMs`.
 */
export async function dialTcp(host: Host, task: DialTask): Promise<DialDone> {
  const timeoutMs = (TRANSMISSIONS - 1) * TRANSMISSION_INTERVAL_MS + graceMs(task.rttMs)
  const { result, attempts } = await staggered<Attempt>(
    host.clock,
    { attempts: TRANSMISSIONS, gapMs: TRANSMISSION_INTERVAL_MS, timeoutMs },
    (signal) => connectOnce(host, task, timeoutMs, signal),
    // Another failure than a reset may be of one attempt alone.
    (attempt) => typeof attempt === 'object' || attempt === 'refused' || attempt === 'reset',
    task.signal,
  )
  if (result !== undefined && typeof result !== 'object') return notConnected(result, task, attempts)
  // Called off is not silent: nobody waited long enough.
  if (result === undefined && task.signal.aborted) return { outcome: 'failed' }
  if (result === undefined) return notConnected('timed-out', task, attempts)

  const { connection, rttMs } = result
  const source = publicSource(task.source, connection.local)
  task.onConnected(source)
  const answer = await (task.payload.kind === 'protocol'
    ? exchange(host, connection, task, protocolBytes(host, task.payload))
    : greetingOf(host.clock, connection, task))
  return {
    outcome: 'dialled',
    result: { outcome: 'connected', source, target: task.target, attempts, rttMs, ...answer },
    held: hold(host.clock, connection, task),
  }
}

async function connectOnce(host: Host, task: DialTask, timeoutMs: number, signal: AbortSignal): Promise<Attempt> {
  const local = { address: task.source.bind, port: 0 }
  const result = await host.tcp.connect({ to: task.target, local, timeoutMs, signal })
  if (result.outcome !== 'connected') return result.outcome
  if (signal.aborted) result.connection.reset()
  return result
}

/** `failed` where nothing has left this machine. */
const OUTCOMES: Readonly<Record<TcpFailure, DialResult['outcome'] | 'failed'>> = {
  refused: 'refused',
  // Broken off after the handshake: somebody was there.
  reset: 'connected',
  unreachable: 'unreachable',
  'timed-out': 'silent',
  'not-permitted': 'failed',
  'address-in-use': 'failed',
  'address-not-available': 'failed',
}

function notConnected(failure: TcpFailure, task: DialTask, attempts: number): DialDone {
  const outcome = OUTCOMES[failure]
  if (outcome === 'failed') return { outcome }
  const source = publicSource(task.source, { address: task.source.bind, port: 0 })
  const result = { outcome, source, target: task.target, attempts, rttMs: null, ...NO_ANSWER }
  return { outcome: 'dialled', result, held: Promise.resolve() }
}

/** The kernel sends what is lost again after 0.2 s, 0.6 s and 1.4 s; four transmissions and an answer's three. */
const EXCHANGE_MS = 2500

/** Says `bytes` at once and listens until as many have come back, the far side leaves, or it has been silent long enough. */
async function exchange(
  host: Host,
  connection: TcpConnection,
  { rttMs, signal }: DialTask,
  bytes: Uint8Array,
): Promise<DialAnswer> {
  await connection.write(bytes, EXCHANGE_MS)
  const endMs = host.clock.monotonicMs() + EXCHANGE_MS + 4 * rttMs
  let heard = Buffer.alloc(0)
  let ended: DialAnswer['ended'] = 'open'
  while (heard.length < bytes.length && heard.length < MAX_FLOW_BYTES && !signal.aborted) {
    const read = await connection.read(Math.max(0, endMs - host.clock.monotonicMs()))
    if (read.outcome === 'end' || read.outcome === 'reset') ended = read.outcome
    if (read.outcome !== 'data') break
    heard = Buffer.concat([heard, read.data])
  }
  return { answer: reported(heard), greeting: classifyGreeting(heard), answerBytes: heard.length, ended }
}

async function greetingOf(clock: Clock, connection: TcpConnection, { payload, rttMs }: DialTask): Promise<DialAnswer> {
  const patienceMs = Math.max(150, 2 * rttMs)
  if (payload.kind === 'nonce') {
    // The holder is known to answer, so that waiting out a lost segment or two is worth it.
    await connection.write(Buffer.from(`${nonceGreeting(payload.nonce)}\n`), patienceMs)
    const line = await firstLine(clock, connection, patienceMs + 1000)
    const greeting = isNonceReply(line, payload.nonce) ? 'nonce' : classifyGreeting(line)
    return { ...NO_ANSWER, answer: reported(line), greeting }
  }
  const unasked = await connection.read(patienceMs)
  if (unasked.outcome === 'data') return spoken(unasked.data)
  if (unasked.outcome !== 'timed-out') return NO_ANSWER
  await connection.write(MULTISTREAM_HEADER, patienceMs)
  const asked = await connection.read(patienceMs)
  return asked.outcome === 'data' ? spoken(asked.data) : NO_ANSWER
}

async function firstLine(clock: Clock, connection: TcpConnection, timeoutMs: number): Promise<Uint8Array> {
  const endMs = clock.monotonicMs() + timeoutMs
  let line = Buffer.alloc(0)
  while (line.length < READ_BYTES && !line.includes('\n')) {
    const read = await connection.read(Math.max(0, endMs - clock.monotonicMs()))
    if (read.outcome !== 'data') break
    line = Buffer.concat([line, read.data.subarray(0, READ_BYTES)])
  }
  return line
}

function spoken(data: Uint8Array): DialAnswer {
  return { ...NO_ANSWER, answer: reported(data), greeting: classifyGreeting(data) }
}

function reported(data: Uint8Array): Uint8Array | null {
  return data.length === 0 ? null : data.slice(0, MAX_ANSWER_BYTES)
}

/** The asker finds a connection in its own table only while there is one. */
async function hold(clock: Clock, connection: TcpConnection, { holdMs, signal }: DialTask): Promise<void> {
  await clock.sleep(holdMs, signal)
  await connection.close()
}
