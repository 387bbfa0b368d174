import { type Address, type Endpoint, familyOf } from '../model/endpoint.ts'
import { verifyGrant } from '../wire/control/grant.ts'
import type { RequestOf } from '../wire/control/messages.ts'
import { isProtocolName, OPENINGS } from '../wire/first-packet/protocols.ts'
import { mayDial } from './address-rules.ts'
import type { Desk, Refusal } from './desk.ts'
import type { DialDone, DialTask } from './dial-task.ts'
import { dialTcp } from './dial-tcp.ts'
import { dialUdp } from './dial-udp.ts'
import type { Face } from './faces.ts'
import { forwardGrant } from './forward-grant.ts'

/** Who asks, where, and how long the answer is of use to anybody. */
export interface Asking {
  readonly face: Face
  /** The far end of the control connection: it completed a handshake, so it receives there. */
  readonly asker: Address
  readonly signal: AbortSignal
  readonly onConnected: (source: Endpoint) => void
}

type Dialled = Extract<DialDone, { outcome: 'dialled' }>

const BUSY: Refusal = { code: 'busy', message: 'this vantage cannot dial at the moment', retryAfterMs: 1000 }
const FORBIDDEN: Refusal = { code: 'forbidden-address', message: 'this vantage does not dial such an address' }

/** A dial for the asker itself, from one of our addresses or through another vantage. */
export async function dialFor(desk: Desk, asking: Asking, request: RequestOf<'dial'>): Promise<Dialled | Refusal> {
  const { face, asker } = asking
  if (!mayDial(asker, desk.own)) return FORBIDDEN
  if (request.via !== null) return dialThrough(desk, asking, request, request.via)
  if (!isKnown(request)) return UNKNOWN_PROTOCOL
  const from = request.from ?? face.public
  const source = [face, ...face.dialSources].find((one) => one.public === from)
  if (source === undefined) return { code: 'not-a-dial-source', message: `this vantage cannot dial from ${from}` }
  return limited(desk, asker, (signal) => dial(desk, { ...taskOf(request, asking, asker), source, signal }), asking)
}

/** A dial that another vantage has signed for; `nonce` is that of our hello on this very connection. */
export async function dialGranted(
  desk: Desk,
  asking: Asking,
  request: RequestOf<'granted-dial'>,
  nonce: Uint8Array,
): Promise<Dialled | Refusal> {
  const { grant } = request
  if (desk.token === null) return { code: 'grant-unavailable', message: 'this vantage takes no grants' }
  if (!verifyGrant(grant, desk.token, nonce, desk.host.clock.nowMs())) {
    return { code: 'grant-refused', message: 'the grant is not signed with our token, for this connection, or in time' }
  }
  if (familyOf(grant.asker) !== asking.face.family || !mayDial(grant.asker, desk.own)) return FORBIDDEN
  if (!isKnown({ ...request, ...pick(grant) })) return UNKNOWN_PROTOCOL
  const task = { ...taskOf({ ...request, ...pick(grant) }, asking, grant.asker), source: asking.face }
  return limited(desk, grant.asker, (signal) => dial(desk, { ...task, signal }), asking)
}

const UNKNOWN_PROTOCOL: Refusal = { code: 'unknown-protocol', message: 'this vantage does not speak that protocol' }

/** A protocol goes over its own transport alone. */
function isKnown({ payload, transport }: Pick<RequestOf<'dial'>, 'payload' | 'transport'>): boolean {
  if (payload.kind !== 'protocol') return true
  return isProtocolName(payload.protocol) && OPENINGS[payload.protocol].transport === transport
}

function pick({ transport, port }: { transport: 'udp' | 'tcp'; port: number }) {
  return { transport, port }
}

type Task = DialTask & { readonly transport: 'udp' | 'tcp' }

function taskOf(
  request: Pick<RequestOf<'dial'>, 'transport' | 'port' | 'payload' | 'rttMs' | 'holdMs'>,
  { onConnected }: Asking,
  target: Address,
): Omit<Task, 'source' | 'signal'> {
  const { transport, port, payload, rttMs, holdMs } = request
  return { transport, target: { address: target, port }, payload, rttMs, holdMs, onConnected }
}

async function dialThrough(
  desk: Desk,
  asking: Asking,
  request: RequestOf<'dial'>,
  via: Endpoint,
): Promise<Dialled | Refusal> {
  const { token } = desk
  if (token === null) return { code: 'grant-unavailable', message: 'this vantage has no token to sign grants with' }
  if (familyOf(via.address) !== asking.face.family || !mayDial(via.address, desk.own)) return FORBIDDEN
  const errand = { asker: asking.asker, via, request, token, onConnected: asking.onConnected }
  return limited(desk, asking.asker, (signal) => forwardGrant(desk.host, { ...errand, signal }), asking)
}

async function dial(desk: Desk, task: Task): Promise<DialDone> {
  const done = await (task.transport === 'tcp' ? dialTcp(desk.host, task) : dialUdp(desk.host, task))
  const outcome = done.outcome === 'dialled' ? done.result.outcome : 'failed'
  desk.log({ kind: 'dial', transport: task.transport, family: familyOf(task.target.address), outcome })
  return done
}

/** Runs a dial within the limits of its target's prefix; a connection that is held counts until it is closed. */
async function limited(
  desk: Desk,
  target: Address,
  run: (signal: AbortSignal) => Promise<DialDone | { readonly outcome: 'grant-failed' | 'grant-refused' }>,
  { signal }: Asking,
): Promise<Dialled | Refusal> {
  const taken = desk.limits.dials.take(target, 1, desk.host.clock.monotonicMs())
  if (!taken.ok) {
    const { retryAfterMs } = taken
    return { code: 'too-many-requests', message: 'too many dials for this network', retryAfterMs }
  }
  const giveBack = desk.limits.runningDials.take(target)
  if (giveBack === undefined) return BUSY
  const done = await run(signal)
  if (done.outcome === 'dialled') {
    void done.held.then(giveBack)
    return done
  }
  giveBack()
  if (done.outcome === 'failed') return BUSY
  const message = done.outcome === 'grant-refused' ? 'the other vantage refused the grant' : 'no dial came of the grant'
  return { code: done.outcome, message }
}
