import type { Clock, Host, TcpConnection, TcpFailure } from '../host/host.ts'
import { MAX_FLOW_BYTES } from '../wire/control/messages.ts'
import { classifyGreeting } from '../wire/first-packet/classify-greeting.ts'
import { MULTISTREAM_HEADER } from '../wire/first-packet/multistream.ts'
import { encodeHttpRequest } from '../wire/http1/request.ts'
import { HttpResponseReader } from '../wire/http1/response-reader.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import {
  type DialAnswer,
  type DialDone,
  type DialResult,
  type DialTask,
  isNonceReply,
  mostAnswerBytes,
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
async function exchange(host: Host, connection: TcpConnection, task: DialTask, bytes: Uint8Array): Promise<DialAnswer> {
  const { rttMs, signal } = task
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
  return { answer: reported(heard, task), greeting: classifyGreeting(heard), answerBytes: heard.length, ended }
}

async function greetingOf(clock: Clock, connection: TcpConnection, task: DialTask): Promise<DialAnswer> {
  const { payload, rttMs, target } = task
  const patienceMs = Math.max(150, 2 * rttMs)
  if (payload.kind === 'nonce') {
    // The holder is known to answer, so that waiting out a lost segment or two is worth it.
    await connection.write(Buffer.from(`${nonceGreeting(payload.nonce)}\n`), patienceMs)
    const line = await readUntil(clock, connection, patienceMs + 1000, READ_BYTES, (bytes) => bytes.includes('\n'))
    const greeting = isNonceReply(line, payload.nonce) ? 'nonce' : classifyGreeting(line)
    return { ...NO_ANSWER, answer: reported(line, task), greeting }
  }
  if (payload.kind === 'description') {
    await connection.write(encodeHttpRequest({ method: 'GET', path: payload.path, to: target }), patienceMs)
    return spoken(
      await readUntil(clock, connection, patienceMs + 1000, mostAnswerBytes(payload), isWholeResponse),
      task,
    )
  }
  const unasked = await connection.read(patienceMs)
  if (unasked.outcome === 'data') return spoken(unasked.data, task)
  if (unasked.outcome !== 'timed-out') return NO_ANSWER
  await connection.write(MULTISTREAM_HEADER, patienceMs)
  const asked = await connection.read(patienceMs)
  return asked.outcome === 'data' ? spoken(asked.data, task) : NO_ANSWER
}

/** Until there are `most` bytes, it `isWhole`, the other side ends, or the time is up. */
async function readUntil(
  clock: Clock,
  connection: TcpConnection,
  timeoutMs: number,
  most: number,
  isWhole: (bytes: Buffer) => boolean,
): Promise<Uint8Array> {
  const endMs = clock.monotonicMs() + timeoutMs
  let bytes = Buffer.alloc(0)
  while (bytes.length < most && !isWhole(bytes)) {
    const read = await connection.read(Math.max(0, endMs - clock.monotonicMs()))
    if (read.outcome !== 'data') break
    bytes = Buffer.concat([bytes, read.data.subarray(0, most)])
  }
  return bytes
}

/** Some keep a connection open after they have said all. What is no response at all will not become one. */
function isWholeResponse(bytes: Uint8Array): boolean {
  const isHttp = classifyGreeting(bytes) === 'http'
  return isHttp ? new HttpResponseReader().push(bytes).state !== 'more' : bytes.length >= 'HTTP/1.'.length
}

function spoken(data: Uint8Array, task: DialTask): DialAnswer {
  return { ...NO_ANSWER, answer: reported(data, task), greeting: classifyGreeting(data) }
}

function reported(data: Uint8Array, { payload }: DialTask): Uint8Array | null {
  return data.length === 0 ? null : data.slice(0, mostAnswerBytes(payload))
}

/** The asker finds a connection in its own table only while there is one. */
async function hold(clock: Clock, connection: TcpConnection, { holdMs, signal }: DialTask): Promise<void> {
  await clock.sleep(holdMs, signal)
  await connection.close()
}
