import type { Host, TcpConnection, UdpSocket } from '../../host/host.ts'
import type { Endpoint, Transport } from '../../model/endpoint.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../../wire/patience.ts'
import { attempt } from '../attempt.ts'
import { connectPatiently } from '../connect-patiently.ts'

/** What became of one flow, seen by the end that opened it and spoke first. */
export interface Spoken {
  /** TCP: the handshake was completed. UDP: a datagram left. */
  readonly isEstablished: boolean
  /** What came back, at most as many bytes as were said. */
  readonly heard: Uint8Array
  readonly ended: 'open' | 'end' | 'reset'
}

/** The kernel sends what is lost again after 0.2 s, 0.6 s and 1.4 s; four transmissions of both sides. */
export const PATIENCE_MS = 2500
const MAX_HEARD_BYTES = 4096
const NOTHING: Spoken = { isEstablished: false, heard: new Uint8Array(0), ended: 'open' }

/**
 * Opens a flow, says `bytes` at once, in one segment or datagram, and listens until as many have come back, or for so
 * long that losses do not count. At most 3.5 s and some round trips.
 */
export async function sayBytes(
  host: Host,
  transport: Transport,
  to: Endpoint,
  bytes: Uint8Array,
  rttMs: number,
): Promise<Spoken> {
  return transport === 'tcp' ? sayTcp(host, to, bytes, rttMs) : sayUdp(host, to, bytes, rttMs)
}

async function sayTcp(host: Host, to: Endpoint, bytes: Uint8Array, rttMs: number): Promise<Spoken> {
  const result = await connectPatiently(host, to, rttMs)
  if (result.outcome === 'reset') return { ...NOTHING, isEstablished: true, ended: 'reset' }
  if (result.outcome !== 'connected') return NOTHING
  const { connection } = result
  await connection.write(bytes, PATIENCE_MS)
  const spoken = await listen(host, connection, bytes.length, PATIENCE_MS + 4 * rttMs)
  connection.reset()
  return spoken
}

/** Until as many bytes have come, the other side leaves, or the time is up. */
export async function listen(
  host: Host,
  connection: TcpConnection,
  enough: number,
  patienceMs: number,
): Promise<Spoken> {
  const endMs = host.clock.monotonicMs() + patienceMs
  let heard = new Uint8Array(0)
  while (heard.length < Math.min(enough, MAX_HEARD_BYTES)) {
    const read = await connection.read(Math.max(0, endMs - host.clock.monotonicMs()))
    if (read.outcome === 'timed-out') break
    if (read.outcome !== 'data') return { isEstablished: true, heard, ended: read.outcome }
    heard = Uint8Array.from([...heard, ...read.data.subarray(0, MAX_HEARD_BYTES)])
  }
  return { isEstablished: true, heard, ended: 'open' }
}

async function sayUdp(host: Host, to: Endpoint, bytes: Uint8Array, rttMs: number): Promise<Spoken> {
  const opened = await attempt<UdpSocket | undefined, undefined>(
    () => host.udp.open({ toward: to, connect: to }),
    undefined,
  )
  if (opened === undefined) return NOTHING
  await using socket = opened
  let isEstablished = false
  for (let sent = 1; sent <= TRANSMISSIONS; sent++) {
    isEstablished = (await socket.send(bytes, to)) === 'sent' || isEstablished
    const event = await socket.receive(sent < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(rttMs))
    if (event?.kind === 'datagram') return { isEstablished: true, heard: event.data, ended: 'open' }
  }
  return { isEstablished, heard: new Uint8Array(0), ended: 'open' }
}
