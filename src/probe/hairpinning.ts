import type { Host, UdpSocket } from '../host/host.ts'
import { type Endpoint, familyOf, sameEndpoint } from '../model/endpoint.ts'
import type { HairpinningFact } from '../model/evidence.ts'
import { equalBytes } from '../wire/bytes.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import { askStun } from './ask-stun.ts'
import type { MappedPair } from './port-preservation.ts'
import { isRoutable } from './routable.ts'

export interface HairpinningResult {
  readonly fact: HairpinningFact
  readonly bindings: readonly MappedPair[]
}

const TOKEN_BYTES = 16

/**
 * Does the translator pass packets from inside to its own outer address back inside (RFC 4787 §6, RFC 5780 §4.5)?
 *
 * Two sockets of ours send to each other's mapped endpoints: both, so that a filter, which is another question, has let
 * out what it wants to see before it lets in. Where nothing translates the question has no meaning: `unknown`.
 * Throws `PeerwayError` where no socket can be opened.
 */
export async function probeHairpinning(host: Host, server: Endpoint, rttMs: number): Promise<HairpinningResult> {
  await using a = await host.udp.open({ toward: server })
  await using b = await host.udp.open({ toward: server })
  const family = familyOf(server.address)
  const [first, second] = await Promise.all([a, b].map((socket) => askStun(host, socket, server, { rttMs })))
  if (first?.outcome !== 'answered' || second?.outcome !== 'answered') {
    return { fact: { family, answer: 'unknown', mapped: null }, bindings: [] }
  }
  const bindings = [
    { local: a.local, mapped: first.mapped },
    { local: b.local, mapped: second.mapped },
  ]
  const mapped = first.mapped
  const meaningful = !sameEndpoint(mapped, a.local) && [first, second].every((one) => isRoutable(one.mapped.address))
  if (!meaningful) return { fact: { family, answer: 'unknown', mapped }, bindings }
  const answer = (await meet(host, [a, first.mapped], [b, second.mapped], rttMs)) ? 'yes' : 'no'
  return { fact: { family, answer, mapped }, bindings }
}

/** Sends both ways, six times 150 ms apart; true as soon as either socket hears the other. */
async function meet(
  host: Host,
  [a, mappedA]: readonly [UdpSocket, Endpoint],
  [b, mappedB]: readonly [UdpSocket, Endpoint],
  rttMs: number,
): Promise<boolean> {
  const token = host.random.bytes(TOKEN_BYTES)
  const heard = new AbortController()
  for (const socket of [a, b]) {
    socket.onEvent((event) => {
      if (event.kind === 'datagram' && equalBytes(event.data, token)) heard.abort()
    })
  }
  for (let sent = 1; sent <= TRANSMISSIONS && !heard.signal.aborted; sent++) {
    await Promise.all([b.send(token, mappedA), a.send(token, mappedB)])
    await host.clock.sleep(sent < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(rttMs), heard.signal)
  }
  return heard.signal.aborted
}
