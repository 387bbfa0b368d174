import type { TcpConnection } from '../host/host.ts'
import { VERSION } from '../model/version.ts'
import { decodeRequest, encodeReply, idOfBadLine } from '../wire/control/codec.ts'
import type { ControlReply, ControlRequest } from '../wire/control/messages.ts'
import { MAX_DIAL_SOURCES, PROTOCOL, PROTOCOL_VERSION } from '../wire/control/messages.ts'
import { type AnsweredRequest, answerRequest } from './answer-request.ts'
import { ControlLink } from './control-link.ts'
import type { Desk, Refusal } from './desk.ts'
import type { Face } from './faces.ts'
import type { Visit } from './visit.ts'

const IDLE_MS = 30_000
/** Requests of one connection that may wait for their answers at the same time. */
const MOST_RUNNING = 64
/** Whoever sends more nonsense than this speaks another protocol. */
const MOST_BAD_LINES = 8

/** Serves one control connection, from our hello to its end. Never rejects. */
export async function serveSession(desk: Desk, face: Face, connection: TcpConnection): Promise<void> {
  const link = new ControlLink(connection, desk.host.clock)
  const over = new AbortController()
  const visit: Visit = {
    desk,
    face,
    asker: connection.remote.address,
    nonce: desk.host.random.bytes(16),
    send: (reply) => link.send(encodeReply(reply)),
    over: over.signal,
    lasting: new Map(),
    opened: [],
    grantUsed: false,
    silentUntilMs: 0,
  }
  visit.send(hello(visit, connection))
  await takeLines(visit, link)
  over.abort()
  for (const each of visit.lasting.values()) each.abort()
  await link.close()
}

function hello({ desk, face, nonce }: Visit, { remote }: TcpConnection): ControlReply {
  const { token, canEcho, port, alternatePort, host } = desk
  return {
    type: 'hello',
    protocol: PROTOCOL,
    version: PROTOCOL_VERSION,
    software: `peerway ${VERSION}`,
    observed: remote,
    address: face.public,
    dialFrom: face.dialSources.map((source) => source.public).slice(0, MAX_DIAL_SOURCES),
    stun: { port, alternatePort, alternateAddress: face.other?.public ?? null },
    capabilities: [
      'dial',
      ...(token === null ? [] : ['grant']),
      ...(canEcho ? ['echo'] : []),
      'open',
      'exchange',
      'rate',
      'router',
      'flow',
      'speak',
    ],
    nonce,
    nowMs: Math.floor(host.clock.nowMs()),
  }
}

/** Until the asker leaves, falls silent for too long, or shows that it speaks something else. */
async function takeLines(visit: Visit, link: ControlLink): Promise<void> {
  const running = { count: 0 }
  let badLines = 0
  while (badLines < MOST_BAD_LINES) {
    const silenceMs = Math.max(0, visit.silentUntilMs - visit.desk.host.clock.monotonicMs())
    const read = await link.readLine(silenceMs + IDLE_MS)
    if (read.outcome === 'too-long') refuse(visit, null, { code: 'too-long', message: 'a line has at most 8192 bytes' })
    if (read.outcome !== 'line') return
    await slowDown(visit)
    const request = decodeRequest(read.line)
    if (request.ok) take(visit, request.value, running)
    else {
      badLines += 1
      refuse(visit, idOfBadLine(read.line), { code: 'bad-request', message: `not a request: ${request.code}` })
    }
  }
}

/** Beyond its rate a prefix is read more slowly, so that its own buffers fill up and not ours. */
async function slowDown({ desk, asker, over }: Visit): Promise<void> {
  const taken = desk.limits.requests.take(asker, 1, desk.host.clock.monotonicMs())
  if (!taken.ok) await desk.host.clock.sleep(Math.min(1000, taken.retryAfterMs), over)
}

function take(visit: Visit, request: ControlRequest, running: { count: number }): void {
  if (request.type === 'hello') return
  if (request.type === 'release') {
    visit.lasting.get(request.id)?.abort()
    return
  }
  if (running.count >= MOST_RUNNING) {
    refuse(visit, request.id, { code: 'busy', message: 'too many requests are unanswered', retryAfterMs: 1000 })
    return
  }
  running.count += 1
  void answer(visit, request).finally(() => {
    running.count -= 1
  })
}

async function answer(visit: Visit, request: AnsweredRequest): Promise<void> {
  const reply = await answerRequest(visit, request)
  if ('code' in reply && !('type' in reply)) refuse(visit, request.id, reply)
  else visit.send(reply)
}

function refuse(visit: Visit, id: number | null, { code, message, retryAfterMs }: Refusal): void {
  visit.desk.log({ kind: 'refusal', code })
  visit.send({ type: 'error', id, code, message, retryAfterMs: retryAfterMs ?? null })
}
