import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import type { DialBackFact, LocalAnswerFact } from '../model/evidence.ts'
import { FIRST_PACKETS } from '../wire/first-packet/first-packets.ts'
import { TRANSMISSION_INTERVAL_MS } from '../wire/patience.ts'
import { attempt } from './attempt.ts'

const ROUNDS = 3

/**
 * Was this UDP dial met by silence, and did it come in, or could nothing on this host look into it? Then the node's own
 * ways decide.
 */
export function leavesOpen({ transport, holder, purpose, outcome, arrival }: DialBackFact): boolean {
  return (
    transport === 'udp' &&
    holder === 'node' &&
    purpose === 'endpoint' &&
    outcome === 'silent' &&
    (arrival.wire === 'unknown' || arrival.passed === 'yes')
  )
}

/**
 * Does the node on a UDP port answer a stranger's first packets at all? They are sent from this host to its own
 * `address`, and leave it never.
 */
export async function probeLocalAnswer(host: Host, address: Address, port: number): Promise<LocalAnswerFact> {
  const fact = { transport: 'udp', port, family: familyOf(address) } as const
  const node = { address, port }
  const socket = await attempt(() => host.udp.open({ local: { address, port: 0 }, connect: node }), undefined)
  if (socket === undefined) return { ...fact, answer: 'unknown' }
  await using open = socket
  for (let round = 0; round < ROUNDS; round++) {
    for (const packet of FIRST_PACKETS) await open.send(packet.encode(host.random.bytes(packet.randomLength)), node)
    const event = await open.receive(TRANSMISSION_INTERVAL_MS)
    if (event?.kind === 'datagram') return { ...fact, answer: 'yes' }
  }
  return { ...fact, answer: 'no' }
}
