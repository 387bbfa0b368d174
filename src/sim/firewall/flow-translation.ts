import type { Fate } from '../../ruleset/fate.ts'
import type { Translation } from '../../ruleset/ruleset.ts'
import type { AddressBook, AddressId } from '../address-book.ts'
import type { FlowTable } from '../conntrack/flow-table.ts'
import { ICMP, type Packet } from '../packet.ts'
import type { Prng } from '../prng.ts'

type Accepted = Extract<Fate, { kind: 'accept' | 'unroutable' }>

/** Ports from which the kernel chooses another one, by the port that cannot be kept (nf_nat_core.c). */
const RANGES = [
  [1, 511],
  [600, 1023],
  [1024, 65_535],
] as const

/**
 * Gives a new flow's first packet the ends that a host's rules gave it. Where rules leave a port of the source open the
 * kernel keeps it if it can, and so does this. False when the rules name an address or port that they leave open.
 */
export function translateFirst(
  packet: Packet,
  fate: Accepted,
  translations: readonly Translation[],
  around: { readonly addresses: AddressBook; readonly table: FlowTable; readonly random: Prng; readonly nowMs: number },
): boolean {
  const { addresses, table, random, nowMs } = around
  const left = fate.packet
  if (left === null) return false
  const flow = packet.flow!
  const before = { destination: packet.destination, port: packet.destinationPort }
  packet.destination = addresses.id(left.destination)
  if (packet.protocol !== ICMP) {
    if (left.destinationPort === undefined) return false
    packet.destinationPort = left.destinationPort
  }
  flow.redirected = packet.destination !== before.destination || packet.destinationPort !== before.port
  const source = translations.findLast(({ kind }) => kind === 'snat' || kind === 'masquerade')
  if (source === undefined) return true
  const external = addresses.id(left.source)
  const isFree = (port: number) => table.find(answerTo(packet, external, port), nowMs) === null
  const port = left.sourcePort ?? choosePort(packet.sourcePort, source, isFree, random)
  if (port === undefined) return false
  packet.source = external
  packet.sourcePort = port
  if (packet.protocol === ICMP) packet.destinationPort = port
  return true
}

function answerTo({ protocol, destination, destinationPort }: Packet, external: AddressId, port: number) {
  const sourcePort = protocol === ICMP ? port : destinationPort
  return { protocol, source: destination, sourcePort, destination: external, destinationPort: port }
}

function choosePort(
  port: number,
  { port: wanted, unpredictable }: Translation,
  isFree: (port: number) => boolean,
  random: Prng,
): number | undefined {
  const span = wanted?.kind === 'span' ? [Number(wanted.low), Number(wanted.high)] : null
  const [low, high] = span ?? RANGES.find(([, last]) => port <= last)!
  const isWanted = span === null || (port >= low! && port <= high!)
  if (isWanted && !unpredictable && isFree(port)) return port
  const count = high! - low! + 1
  const start = random.below(count)
  for (let step = 0; step < count; step++) {
    const candidate = low! + ((start + step) % count)
    if (isFree(candidate)) return candidate
  }
  return undefined
}
