import type { Host } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import { type Address, type Endpoint, familyOf, type PortSpec } from '../model/endpoint.ts'
import type { OutboundFact } from '../model/evidence.ts'
import type { OpenedPorts, VantageControl } from '../vantage/vantage.ts'
import { equalBytes } from '../wire/bytes.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import { attempt } from './attempt.ts'
import { connectPatiently } from './connect-patiently.ts'

/** Ports that peer-to-peer nodes dial, and those that nearly every network lets out, or answers in the place of others. */
const USUAL: readonly PortSpec[] = [
  { transport: 'udp', port: 443 },
  { transport: 'udp', port: 4001 },
  { transport: 'udp', port: 30333 },
  { transport: 'tcp', port: 4001 },
  { transport: 'tcp', port: 30333 },
  { transport: 'tcp', port: 8080 },
  { transport: 'tcp', port: 443 },
  { transport: 'tcp', port: 80 },
]

/** What a vantage opens for one asker. */
const MAX_PORTS_PER_TRANSPORT = 8

/** The ports that the vantage shall open: those asked for first, each once, at most 8 of a transport. */
export function chooseOutboundPorts(asked: readonly PortSpec[]): readonly PortSpec[] {
  const names = new Set<string>()
  const unique = [...asked, ...USUAL].filter(({ transport, port }) => {
    const name = `${transport}/${port}`
    return !names.has(name) && names.add(name)
  })
  return (['udp', 'tcp'] as const).flatMap((wanted) =>
    unique.filter(({ transport }) => transport === wanted).slice(0, MAX_PORTS_PER_TRANSPORT),
  )
}

/**
 * Do packets to ordinary ports get out? The vantage opens them and tells what reached it, so that silence is evidence.
 * Ports that it could not open are not asked. Empty where it opens none.
 */
export async function probeOutbound(
  host: Host,
  control: VantageControl,
  asked: readonly PortSpec[],
  rttMs: number,
): Promise<readonly OutboundFact[]> {
  const opened = await control.open(chooseOutboundPorts(asked))
  if (opened === null) return []
  const ports = [
    ...opened.udp.map((port) => ({ transport: 'udp' as const, port })),
    ...opened.tcp.map((port) => ({ transport: 'tcp' as const, port })),
  ]
  const outcomes = await Promise.all(
    ports.map(({ transport, port }) => ASK[transport](host, { address: opened.address, port }, rttMs)),
  )
  const isUnseen = (arrived: Arrived) => (spec: PortSpec, index: number) =>
    spec.transport === 'tcp' && outcomes[index] === 'answered' && (arrived(spec) === 'no' || arrived(spec) === 'others')
  const arrived = await askArrivals(opened)
  const unseen = ports.filter(isUnseen(arrived))
  if (unseen.length === 0) return factsOf(opened, ports, outcomes, arrived)
  await Promise.all(unseen.map(({ port }) => insist(host, { address: opened.address, port }, rttMs)))
  return factsOf(opened, ports, outcomes, await askArrivals(opened))
}

/** `others`: not from this host's address, but from somebody's. A carrier may send one host's flows from several of its own. */
type Arrived = (spec: PortSpec) => Answer | 'others'

async function askArrivals(opened: OpenedPorts): Promise<Arrived> {
  const arrivals = await opened.arrivals()
  return ({ transport, port }) => {
    const known = arrivals?.find((arrival) => arrival.transport === transport && arrival.port === port)
    if (known === undefined) return 'unknown'
    return known.count > 0 ? 'yes' : (known.strangers ?? 0) > 0 ? 'others' : 'no'
  }
}

const INSISTENT_TRIES = 4
const INSIST_MS = 1500

/**
 * The vantage has not seen a connection that was answered: the last packet of the handshake may have been lost, and the reset
 * behind it ends what it never knew of. So a few more, each with a byte that the kernel repeats, and held until the vantage ends it.
 */
async function insist(host: Host, to: Endpoint, rttMs: number): Promise<void> {
  const tries = Array.from({ length: INSISTENT_TRIES }, async () => {
    const result = await connectPatiently(host, to, rttMs)
    if (result.outcome !== 'connected') return
    await result.connection.write(Uint8Array.of(0), INSIST_MS)
    await result.connection.read(INSIST_MS + 2 * rttMs)
    result.connection.reset()
  })
  await Promise.all(tries)
}

function factsOf(
  opened: OpenedPorts,
  ports: readonly PortSpec[],
  outcomes: readonly OutboundFact['outcome'][],
  arrived: Arrived,
): readonly OutboundFact[] {
  return ports.map((spec, index) => {
    // A datagram came back as it was sent; a handshake may be anybody's.
    const came = outcomes[index] === 'answered' && spec.transport === 'udp' ? 'yes' : arrived(spec)
    return {
      ...spec,
      family: familyOf(opened.address),
      server: opened.address satisfies Address,
      listening: 'yes',
      outcome: outcomes[index]!,
      arrived: came === 'others' ? 'unknown' : came,
      fromOthers: came === 'others',
    }
  })
}

type Ask = (host: Host, to: Endpoint, rttMs: number) => Promise<OutboundFact['outcome']>

const ASK: Readonly<Record<PortSpec['transport'], Ask>> = { udp: askUdp, tcp: askTcp }

/** Six datagrams 150 ms apart from one connected socket, so that ICMP errors are seen too. */
async function askUdp(host: Host, to: Endpoint, rttMs: number): Promise<OutboundFact['outcome']> {
  const socket = await attempt(() => host.udp.open({ toward: to, connect: to }), undefined)
  if (socket === undefined) return 'unreachable'
  await using open = socket
  const question = host.random.bytes(16)
  for (let sent = 1; sent <= TRANSMISSIONS; sent++) {
    const result = await open.send(question, to)
    if (result === 'not-permitted') return 'not-permitted'
    const event = await open.receive(sent < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(rttMs))
    if (event?.kind === 'datagram' && equalBytes(event.data, question)) return 'answered'
    if (event?.kind === 'error') return event.code === 'refused' ? 'refused' : 'unreachable'
  }
  return 'silent'
}

async function askTcp(host: Host, to: Endpoint, rttMs: number): Promise<OutboundFact['outcome']> {
  const result = await connectPatiently(host, to, rttMs)
  if (result.outcome !== 'connected') return TCP_OUTCOMES[result.outcome]
  result.connection.reset()
  return 'answered'
}

const TCP_OUTCOMES = {
  refused: 'refused',
  reset: 'answered',
  'timed-out': 'silent',
  unreachable: 'unreachable',
  'not-permitted': 'not-permitted',
  'address-in-use': 'unreachable',
  'address-not-available': 'unreachable',
} as const
