import type { Endpoint, PortSpec } from '../model/endpoint.ts'
import type { ControlReply, ControlRequest, RequestOf } from '../wire/control/messages.ts'
import { MAX_FLOW_DATAGRAMS, MAX_FLOW_MS, MAX_OPEN_PORTS, MAX_SILENCE_MS } from '../wire/control/messages.ts'
import type { Refusal } from './desk.ts'
import { dialFor, dialGranted } from './dial-desk.ts'
import { echoHops } from './echo-hops.ts'
import { datagramsOf, lastAtMs } from './flows.ts'
import { OPEN_MS } from './open-ports.ts'
import type { Visit } from './visit.ts'

/** Requests that are answered, with their own id. */
export type AnsweredRequest = Exclude<ControlRequest, { type: 'hello' | 'release' }>

/** Does what is asked, within the limits. Never rejects for anything that the network or the asker does. */
export async function answerRequest(visit: Visit, request: AnsweredRequest): Promise<ControlReply | Refusal> {
  switch (request.type) {
    case 'dial':
    case 'granted-dial':
      return dial(visit, request)
    case 'echo':
      return echo(visit, request)
    case 'open':
      return open(visit, request)
    case 'flow':
      return flow(visit, request)
    case 'speak':
      return speakLater(visit, request)
    case 'arrivals': {
      const { desk, face, asker, opened } = visit
      return { type: 'arrived', id: request.id, ...(await desk.openPorts.arrivals(face.bind, opened, asker)) }
    }
  }
}

async function dial(
  visit: Visit,
  request: RequestOf<'dial'> | RequestOf<'granted-dial'>,
): Promise<ControlReply | Refusal> {
  const { id } = request
  const lasting = startLasting(visit, id)
  if (lasting === undefined) return ID_IN_USE
  const { signal, forget } = lasting
  const onConnected = (source: Endpoint) => visit.send({ type: 'connected', id, source })
  const asking = { face: visit.face, asker: visit.asker, signal, onConnected }
  const done = await (request.type === 'dial'
    ? dialFor(visit.desk, asking, request)
    : burnNonce(visit, () => dialGranted(visit.desk, asking, request, visit.nonce)))
  if ('code' in done) {
    forget()
    return done
  }
  void done.held.then(forget)
  return { type: 'dialled', id, ...done.result }
}

const ID_IN_USE: Refusal = { code: 'bad-request', message: 'what was asked with this id still lasts' }

/** What outlives its answer until it is released; undefined where the id is taken. */
function startLasting(visit: Visit, id: number) {
  if (visit.lasting.has(id)) return undefined
  const stop = new AbortController()
  visit.lasting.set(id, stop)
  return { signal: stop.signal, forget: () => visit.lasting.delete(id) }
}

/** A nonce is good for one grant. */
async function burnNonce<T>(visit: Visit, run: () => Promise<T>): Promise<T | Refusal> {
  if (visit.grantUsed) return { code: 'grant-refused', message: 'a connection takes one grant' }
  visit.grantUsed = true
  return run()
}

async function echo(visit: Visit, { id, maxTtl, rttMs }: RequestOf<'echo'>): Promise<ControlReply | Refusal> {
  const { host, limits, canEcho } = visit.desk
  const unavailable: Refusal = { code: 'echo-unavailable', message: 'this vantage cannot send echo requests' }
  if (!canEcho) return unavailable
  const taken = limits.dials.take(visit.asker, 1, host.clock.monotonicMs())
  if (!taken.ok) {
    return { code: 'too-many-requests', message: 'too much asked for this network', retryAfterMs: taken.retryAfterMs }
  }
  const giveBack = limits.runningEchoes.take(visit.asker)
  if (giveBack === undefined) return { code: 'busy', message: 'other echoes are running', retryAfterMs: 500 }
  const hops = await echoHops(host, visit.asker, maxTtl, rttMs)
  giveBack()
  return hops === null ? unavailable : { type: 'echoed', id, hops }
}

async function open(visit: Visit, { id, tcp, udp, returns }: RequestOf<'open'>): Promise<ControlReply | Refusal> {
  const { limits, openPorts } = visit.desk
  const wanted: readonly PortSpec[] = [
    ...tcp.map((port) => ({ transport: 'tcp', port }) as const),
    ...udp.map((port) => ({ transport: 'udp', port }) as const),
  ]
  const lasting = startLasting(visit, id)
  if (lasting === undefined) return ID_IN_USE
  const giveBack = limits.openPorts.take(visit.asker, Math.max(1, wanted.length))
  if (giveBack === undefined) {
    lasting.forget()
    return { code: 'too-many-requests', message: 'too many ports are open for this network', retryAfterMs: OPEN_MS }
  }
  const guest = { asker: visit.asker, inverts: returns === 'inverted' }
  const { opened, closed } = await openPorts.open(visit.face.bind, wanted, guest, lasting.signal)
  void closed.then(giveBack).then(lasting.forget)
  if (opened.length === 0) return { code: 'port-unavailable', message: 'none of these ports can be opened here' }
  visit.opened = [...opened, ...visit.opened].slice(0, 2 * MAX_OPEN_PORTS)
  const portsOf = (transport: string) => opened.filter((one) => one.transport === transport).map(({ port }) => port)
  return { type: 'opened', id, tcp: portsOf('tcp'), udp: portsOf('udp') }
}

/** Until then, and as long as usual after it, the asker may say nothing. */
async function speakLater(visit: Visit, { id, afterMs }: RequestOf<'speak'>): Promise<ControlReply | Refusal> {
  const { host, limits } = visit.desk
  const giveBack = limits.silences.take(visit.asker)
  if (giveBack === undefined) {
    return { code: 'too-many-requests', message: 'too many silences of this network', retryAfterMs: MAX_SILENCE_MS }
  }
  visit.silentUntilMs = Math.max(visit.silentUntilMs, host.clock.monotonicMs() + afterMs)
  await host.clock.sleep(afterMs, visit.over)
  giveBack()
  return { type: 'spoken', id }
}

function flow(visit: Visit, { id, nonce, sends }: RequestOf<'flow'>): ControlReply | Refusal {
  const { host, limits, flows } = visit.desk
  if (datagramsOf(sends) > MAX_FLOW_DATAGRAMS || sends.some((send) => lastAtMs(send) > MAX_FLOW_MS)) {
    return { code: 'bad-request', message: 'too much is to be sent on this flow, or too late' }
  }
  const taken = limits.flowDatagrams.take(visit.asker, datagramsOf(sends), host.clock.monotonicMs())
  if (!taken.ok) {
    return { code: 'too-many-requests', message: 'too much asked for this network', retryAfterMs: taken.retryAfterMs }
  }
  const lasting = startLasting(visit, id)
  if (lasting === undefined) return ID_IN_USE
  const giveBack = limits.flows.take(visit.asker)
  if (giveBack === undefined) {
    lasting.forget()
    return { code: 'too-many-requests', message: 'too many flows of this network are open', retryAfterMs: MAX_FLOW_MS }
  }
  const order = { bind: visit.face.bind, asker: visit.asker, nonce: Buffer.from(nonce).toString('hex'), sends }
  const over = flows.expect(order, lasting.signal)
  void (over ?? Promise.resolve()).then(giveBack).then(lasting.forget)
  return over === undefined ? { code: 'bad-request', message: 'this nonce is in use' } : { type: 'flow-ready', id }
}
