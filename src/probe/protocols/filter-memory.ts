import type { Host, TcpConnection, UdpSocket } from '../../host/host.ts'
import type { Endpoint, Transport } from '../../model/endpoint.ts'
import type { FilterMemoryTally } from '../../model/evidence.ts'
import { equalBytes } from '../../wire/bytes.ts'
import { INVERTED, masked } from '../../wire/first-packet/protocols.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../../wire/patience.ts'
import { attempt } from '../attempt.ts'
import { connectPatiently } from '../connect-patiently.ts'
import { listen, PATIENCE_MS } from './say-bytes.ts'

/** As many as leave no room for chance; a filter was seen already. */
const TRIES = 4
const GAP_MS = 40

export interface MemoryQuestion {
  readonly transport: Transport
  /** Gives back inverted what it gets. */
  readonly to: Endpoint
  /** What somebody on the way stops, and what passes. */
  readonly stopped: Uint8Array
  readonly neutral: Uint8Array
  readonly rttMs: number
}

/**
 * Does whoever stops these bytes look at the first packet of a flow alone? Then they pass behind neutral ones. And is it the
 * flow that is stopped from there on? Then neutral ones do not pass behind them; over TCP nobody can tell, for what comes behind a gap
 * is not seen by programs. Some seconds.
 */
export async function probeFilterMemory(
  host: Host,
  question: MemoryQuestion,
): Promise<{ readonly later: FilterMemoryTally; readonly rest: FilterMemoryTally | null }> {
  const { transport, stopped, neutral } = question
  const later = await tally(host, () => passesBehind(host, question, neutral, stopped))
  if (transport === 'tcp') return { later, rest: null }
  return { later, rest: await tally(host, () => passesBehind(host, question, stopped, neutral)) }
}

async function tally(host: Host, passes: () => Promise<boolean>): Promise<FilterMemoryTally> {
  const results = await Promise.all(
    Array.from({ length: TRIES }, async (_, index) => {
      await host.clock.sleep(index * GAP_MS)
      return passes()
    }),
  )
  return { tries: TRIES, passed: results.filter(Boolean).length }
}

/** Says `first` and then `second` in one flow: does the second come back? */
async function passesBehind(
  host: Host,
  { transport, to, rttMs }: MemoryQuestion,
  first: Uint8Array,
  second: Uint8Array,
): Promise<boolean> {
  if (transport === 'tcp') {
    const result = await connectPatiently(host, to, rttMs)
    if (result.outcome !== 'connected') return false
    const passes =
      (await returnsTcp(host, result.connection, first, rttMs)) &&
      (await returnsTcp(host, result.connection, second, rttMs))
    result.connection.reset()
    return passes
  }
  const socket = await attempt<UdpSocket | undefined, undefined>(
    () => host.udp.open({ toward: to, connect: to }),
    undefined,
  )
  if (socket === undefined) return false
  await using open = socket
  await returnsUdp(open, to, first, rttMs)
  // Awaited here: the socket is closed at the end of this block.
  return await returnsUdp(open, to, second, rttMs)
}

async function returnsTcp(host: Host, connection: TcpConnection, bytes: Uint8Array, rttMs: number): Promise<boolean> {
  await connection.write(bytes, PATIENCE_MS)
  const { heard } = await listen(host, connection, bytes.length, PATIENCE_MS + 4 * rttMs)
  return equalBytes(heard, masked(bytes, INVERTED))
}

async function returnsUdp(socket: UdpSocket, to: Endpoint, bytes: Uint8Array, rttMs: number): Promise<boolean> {
  const wanted = masked(bytes, INVERTED)
  for (let sent = 1; sent <= TRANSMISSIONS; sent++) {
    await socket.send(bytes, to)
    const event = await socket.receive(sent < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(rttMs))
    // An earlier answer may have come twice, or late.
    if (event?.kind === 'datagram' && equalBytes(event.data, wanted)) return true
  }
  return false
}
