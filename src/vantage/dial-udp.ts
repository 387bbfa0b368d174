import type { Host, UdpError, UdpSocket } from '../host/host.ts'
import { PeerwayError } from '../model/error.ts'
import { MAX_ANSWER_BYTES } from '../wire/control/messages.ts'
import type { FirstPacket } from '../wire/first-packet/first-packet.ts'
import { FIRST_PACKETS } from '../wire/first-packet/first-packets.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import {
  type DialDone,
  type DialResult,
  type DialTask,
  isNonceReply,
  NO_ANSWER,
  nonceGreeting,
  protocolBytes,
  publicSource,
} from './dial-task.ts'

/** What is sent in every round, and what an answer to it would be called. */
interface Question {
  readonly name: string
  readonly datagram: Uint8Array
  readonly isAnswer: (datagram: Uint8Array) => boolean
}

/**
 * Sends a stranger's first packets from one fresh socket: six rounds 150 ms apart, about 8 kB in all. Any datagram that
 * comes back is an answer. A port unreachable ends nothing, for hosts limit how many they send, and a box on the way may
 * send one of its own: `refused` is told when nothing better has come by the end.
 */
export async function dialUdp(host: Host, task: DialTask): Promise<DialDone> {
  const socket = await openFrom(host, task)
  if (socket === undefined) return { outcome: 'failed' }
  await using _ = socket
  const questions = questionsOf(host, task)
  const startMs = host.clock.monotonicMs()
  const silent = {
    source: publicSource(task.source, socket.local),
    target: task.target,
    attempts: 0,
    rttMs: null,
    ...NO_ANSWER,
  }
  let worst: UdpError['code'] | undefined
  let anySent = false
  for (let round = 1; round <= TRANSMISSIONS && !task.signal.aborted; round++) {
    for (const { datagram } of questions) {
      anySent = (await socket.send(datagram, task.target)) === 'sent' || anySent
    }
    const waitMs = round < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(task.rttMs)
    const heard = await listen(host, socket, waitMs, task.signal)
    if (heard.answer !== undefined) {
      const { data, atMs } = heard.answer
      const greeting = questions.find(({ isAnswer }) => isAnswer(data))?.name ?? null
      const answer = data.slice(0, MAX_ANSWER_BYTES)
      const rttMs = Math.max(0, atMs - startMs)
      const came = { answer, greeting, answerBytes: data.length }
      return dialled({ ...silent, outcome: 'answered', attempts: round, rttMs, ...came })
    }
    worst = heard.error === 'refused' ? 'refused' : (worst ?? heard.error)
  }
  // Called off is not silent: nobody waited long enough.
  if (task.signal.aborted || (!anySent && worst === undefined)) return { outcome: 'failed' }
  const outcome = worst === undefined ? 'silent' : worst === 'refused' ? 'refused' : 'unreachable'
  return dialled({ ...silent, outcome, attempts: TRANSMISSIONS })
}

function dialled(result: DialResult): DialDone {
  return { outcome: 'dialled', result, held: Promise.resolve() }
}

async function openFrom(host: Host, task: DialTask): Promise<UdpSocket | undefined> {
  try {
    return await host.udp.open({ local: { address: task.source.bind, port: 0 }, connect: task.target })
  } catch (error) {
    if (error instanceof PeerwayError) return undefined
    throw error
  }
}

function questionsOf(host: Host, { payload }: DialTask): readonly Question[] {
  if (payload.kind === 'nonce') {
    const datagram = new Uint8Array(Buffer.from(nonceGreeting(payload.nonce)))
    return [{ name: 'nonce', datagram, isAnswer: (answer) => isNonceReply(answer, payload.nonce) }]
  }
  if (payload.kind === 'protocol') {
    return [{ name: payload.protocol, datagram: protocolBytes(host, payload), isAnswer: () => true }]
  }
  return FIRST_PACKETS.map((packet: FirstPacket) => {
    const random = host.random.bytes(packet.randomLength)
    return {
      name: packet.name,
      datagram: packet.encode(random),
      isAnswer: (answer: Uint8Array) => packet.isAnswer(answer, random),
    }
  })
}

interface Heard {
  readonly answer?: { readonly data: Uint8Array; readonly atMs: number }
  readonly error?: UdpError['code']
}

/** The first datagram within `waitMs`, or the worst error met on the way. */
async function listen(host: Host, socket: UdpSocket, waitMs: number, signal: AbortSignal): Promise<Heard> {
  const endMs = host.clock.monotonicMs() + waitMs
  let error: UdpError['code'] | undefined
  while (!signal.aborted) {
    const event = await socket.receive(Math.max(0, endMs - host.clock.monotonicMs()))
    if (event === undefined) break
    if (event.kind === 'datagram') return { answer: event }
    if (error !== 'refused') error = event.code
  }
  return error === undefined ? {} : { error }
}
