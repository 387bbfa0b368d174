import type { Host, UdpSent, UdpSocket } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { StunAttribute } from '../wire/stun/attributes.ts'
import { BINDING } from '../wire/stun/header.ts'
import { type StunMessage, stunAttribute } from '../wire/stun/message.ts'
import { StunTransaction, type StunTransactionAction, type StunTransactionOutcome } from '../wire/stun/transaction.ts'

export interface StunBindingOptions {
  readonly changeAddress?: boolean
  readonly changePort?: boolean
  /** Round trip to this server, as far as it has been measured: it decides how long silence is waited for. */
  readonly rttMs?: number
  /** Ends the wait; the result is then `no-reply`. */
  readonly signal?: AbortSignal
}

/**
 * `from`: where the answer came from; whether it may have come from there is the caller's to judge. `mapped`: this
 * socket as the server saw it. `other`: OTHER-ADDRESS; `origin`: RESPONSE-ORIGIN, null when it was not told.
 */
export type StunBindingResult =
  | {
      readonly outcome: 'answered'
      readonly mapped: Endpoint
      readonly from: Endpoint
      readonly other: Endpoint | null
      readonly origin: Endpoint | null
      readonly rttMs: number
    }
  | { readonly outcome: 'error-answer'; readonly code: number; readonly from: Endpoint }
  | 'no-reply'
  | 'send-not-permitted'

/** As long as the longest answer to be expected (four IPv6 addresses), so that no server must send more than it got. */
const REQUEST_BYTES = 116

/**
 * One Binding transaction (RFC 8489 §3, RFC 5780 §6) on a socket that nobody else reads meanwhile: six transmissions
 * 150 ms apart. Answers to anything but this very transaction are dropped, however late they come. A success
 * without any mapped address counts as an error answer with code 0.
 */
export async function stunBinding(
  host: Host,
  socket: UdpSocket,
  server: Endpoint,
  options: StunBindingOptions = {},
): Promise<StunBindingResult> {
  const request = {
    messageClass: 'request',
    method: BINDING,
    transactionId: host.random.bytes(12),
    attributes: attributesOf(options),
  } as const
  const transaction = new StunTransaction(request, { rttMs: options.rttMs ?? null })
  const now = () => host.clock.monotonicMs()
  const sent: UdpSent[] = []
  let actions: readonly StunTransactionAction[] = transaction.step({ kind: 'start' }, now())
  for (;;) {
    let wakeAtMs = now()
    for (const action of actions) {
      if (action.kind === 'done') return resultOf(action.outcome, sent)
      if (action.kind === 'wake') wakeAtMs = action.atMs
      else sent.push(await socket.send(action.datagram, server))
    }
    const next = await nextStep(host, socket, transaction, wakeAtMs, options.signal)
    if (next === undefined) return 'no-reply'
    actions = next
  }
}

function attributesOf({ changeAddress = false, changePort = false }: StunBindingOptions): readonly StunAttribute[] {
  const change: StunAttribute[] =
    changeAddress || changePort ? [{ name: 'CHANGE-REQUEST', value: { address: changeAddress, port: changePort } }] : []
  const filledBytes = REQUEST_BYTES - 20 - 8 * change.length - 4
  return [...change, { name: 'SOFTWARE', value: 'peerway'.padEnd(filledBytes, '.') }]
}

/** How often a wait looks whether it has been called off. */
const SLICE_MS = 50

/** Waits for whatever comes first, and tells the transaction; undefined when the wait is over for us. */
async function nextStep(
  host: Host,
  socket: UdpSocket,
  transaction: StunTransaction,
  wakeAtMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly StunTransactionAction[] | undefined> {
  const now = () => host.clock.monotonicMs()
  while (!signal?.aborted) {
    const leftMs = wakeAtMs - now()
    if (leftMs <= 0) return transaction.step({ kind: 'timer' }, now())
    const waitMs = signal === undefined ? leftMs : Math.min(leftMs, SLICE_MS)
    const startMs = now()
    const event = await socket.receive(waitMs)
    if (event?.kind === 'datagram') {
      const actions = transaction.step({ kind: 'datagram', data: event.data, from: event.from }, event.atMs)
      if (actions.length > 0) return actions
    }
    // A closed socket returns at once, and for ever.
    if (event === undefined && now() - startMs < waitMs - 2) return undefined
  }
  return undefined
}

function resultOf(outcome: StunTransactionOutcome, sent: readonly UdpSent[]): StunBindingResult {
  if (outcome.kind === 'silent')
    return sent.every((each) => each === 'not-permitted') ? 'send-not-permitted' : 'no-reply'
  const { message, from, afterMs } = outcome
  if (outcome.kind === 'error')
    return { outcome: 'error-answer', code: stunAttribute(message, 'ERROR-CODE')?.code ?? 0, from }
  const mapped = mappedIn(message)
  if (mapped === undefined) return { outcome: 'error-answer', code: 0, from }
  return {
    outcome: 'answered',
    mapped,
    from,
    other: stunAttribute(message, 'OTHER-ADDRESS') ?? stunAttribute(message, 'CHANGED-ADDRESS') ?? null,
    origin: stunAttribute(message, 'RESPONSE-ORIGIN') ?? stunAttribute(message, 'SOURCE-ADDRESS') ?? null,
    rttMs: afterMs,
  }
}

/** XOR-MAPPED-ADDRESS goes before: some NATs rewrite what they find in the plain one. */
function mappedIn(message: StunMessage): Endpoint | undefined {
  return stunAttribute(message, 'XOR-MAPPED-ADDRESS') ?? stunAttribute(message, 'MAPPED-ADDRESS')
}
