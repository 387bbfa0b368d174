import type { Host, TcpConnection, UdpSocket } from '../../host/host.ts'
import type { Endpoint, Transport } from '../../model/endpoint.ts'
import { FAST_KBPS } from '../../model/slower.ts'
import { equalBytes } from '../../wire/bytes.ts'
import { INVERTED, masked } from '../../wire/first-packet/protocols.ts'
import { graceMs } from '../../wire/patience.ts'
import { attempt } from '../attempt.ts'
import { connectPatiently } from '../connect-patiently.ts'

/** Less than a vantage gives back of one connection, and some seconds' worth for whoever slows a flow down. */
const TCP_BYTES = 196_608
const TCP_LIMIT_MS = 1500
/** Six round trips are what TCP needs to become fast. */
const ROUND_TRIPS = 6
const PIECE_BYTES = 16_384

/** 1.2 megabits a second, for 0.4 s: what a line that carries a node carries too. */
const UDP_DATAGRAMS = 48
const UDP_BYTES = 1200
const UDP_GAP_MS = 8
/** Who looks for the first packet must not miss it because it was lost. */
const UDP_OPENINGS = 2

export interface RateQuestion {
  readonly transport: Transport
  /** Gives back inverted what it gets. */
  readonly to: Endpoint
  /** What the flow says first. */
  readonly opening: Uint8Array
  readonly rttMs: number
}

/**
 * How fast a flow that begins so gives back what it is sent, in kilobits a second; null where it did not come about, or was
 * broken off. Beyond `FAST_KBPS` it is that. At most 1.5 s and some round trips.
 */
export async function measureRate(host: Host, question: RateQuestion): Promise<number | null> {
  const rate = await (question.transport === 'tcp' ? measureTcp(host, question) : measureUdp(host, question))
  return rate === null ? null : Math.min(FAST_KBPS, Math.round(rate))
}

async function measureTcp(host: Host, { to, opening, rttMs }: RateQuestion): Promise<number | null> {
  const result = await connectPatiently(host, to, rttMs)
  if (result.outcome !== 'connected') return null
  const { connection } = result
  const said = new Uint8Array(TCP_BYTES)
  const filler = host.random.bytes(PIECE_BYTES)
  for (let at = 0; at < TCP_BYTES; at += PIECE_BYTES) said.set(filler, at)
  said.set(opening)
  const limitMs = TCP_LIMIT_MS + ROUND_TRIPS * rttMs
  const startMs = host.clock.monotonicMs()
  const leftMs = () => Math.max(0, startMs + limitMs - host.clock.monotonicMs())
  const [heardBytes] = await Promise.all([
    hearBack(connection, said, leftMs),
    sayAll(connection, said, opening.length, leftMs),
  ])
  const tookMs = heardBytes === said.length ? host.clock.monotonicMs() - startMs : limitMs
  connection.reset()
  return heardBytes === null ? null : (8 * heardBytes) / Math.max(1, tookMs)
}

/** The opening alone first, in a segment of its own. */
async function sayAll(connection: TcpConnection, said: Uint8Array, first: number, leftMs: () => number): Promise<void> {
  for (let from = 0, to = first; from < said.length; from = to, to = Math.min(said.length, to + PIECE_BYTES)) {
    if ((await connection.write(said.subarray(from, to), leftMs())) !== 'written') return
  }
}

/** How many bytes came back in time; null where others came, or the far side left. */
async function hearBack(connection: TcpConnection, said: Uint8Array, leftMs: () => number): Promise<number | null> {
  let heard = 0
  while (heard < said.length) {
    const read = await connection.read(leftMs())
    if (read.outcome === 'timed-out') return heard
    if (read.outcome !== 'data') return null
    if (!equalBytes(read.data, masked(said.subarray(heard, heard + read.data.length), INVERTED))) return null
    heard += read.data.length
  }
  return heard
}

async function measureUdp(host: Host, { to, opening, rttMs }: RateQuestion): Promise<number | null> {
  const socket = await attempt<UdpSocket | undefined, undefined>(
    () => host.udp.open({ toward: to, connect: to }),
    undefined,
  )
  if (socket === undefined) return null
  await using open = socket
  const filler = host.random.bytes(UDP_BYTES)
  const wanted = masked(filler, INVERTED)
  let heardBytes = 0
  open.onEvent((event) => {
    if (event.kind === 'datagram' && equalBytes(event.data, wanted)) heardBytes += event.data.length
  })
  const datagrams = [
    ...Array(UDP_OPENINGS).fill(opening),
    ...Array(UDP_DATAGRAMS).fill(filler),
  ] as readonly Uint8Array[]
  for (const datagram of datagrams) {
    await open.send(datagram, to)
    await host.clock.sleep(UDP_GAP_MS)
  }
  await host.clock.sleep(graceMs(rttMs))
  // Nothing at all is no rate: the flow may have left by another address than the one that is answered.
  return heardBytes === 0 ? null : (8 * heardBytes) / (UDP_DATAGRAMS * UDP_GAP_MS)
}
