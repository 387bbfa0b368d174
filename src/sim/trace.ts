import { formatEndpoint } from '../model/endpoint.ts'
import type { Machine } from './machine.ts'
import { ACK, FIN, ICMP, type Packet, RST, SYN, TCP } from './packet.ts'
import type { World } from './world.ts'

/** Where in a machine something happened to a packet. */
export type TraceStage = 'link' | 'arrive' | 'policy' | 'nat' | 'filter' | 'route' | 'local' | 'send' | 'forward'

export interface TraceEvent {
  readonly atMs: number
  readonly machine: string
  readonly stage: TraceStage
  /** The packet as it was then, in one line. */
  readonly packet: string
  readonly what: string
}

export type Trace = (event: TraceEvent) => void

/** Tells the trace, if there is one. On the fast path the caller asks first, to save the call. */
export function note(machine: Machine, stage: TraceStage, packet: Packet, what: string): void {
  const { world } = machine
  world.trace?.({ atMs: world.nowMs, machine: machine.name, stage, packet: describePacket(world, packet), what })
}

/** `    12.345 ms  box  nat  udp 192.168.1.10:4001 > 198.51.100.20:3478, 28 bytes: ...`; the width of names is the caller's. */
export function formatTrace(event: TraceEvent, nameWidth: number): string {
  const at = event.atMs.toFixed(3).padStart(11)
  return `${at} ms  ${event.machine.padEnd(nameWidth)}  ${event.stage.padEnd(7)}  ${event.packet}: ${event.what}`
}

const FLAG_NAMES = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [ACK, 'ACK'],
] as const

export function describePacket(world: World, packet: Packet): string {
  const { protocol, ttl } = packet
  const [from, to] = [world.addresses.text(packet.source), world.addresses.text(packet.destination)]
  if (protocol === ICMP) return `icmp ${from} > ${to} ${packet.icmp} ttl ${ttl}${aboutText(world, packet)}`
  const source = formatEndpoint({ address: from, port: packet.sourcePort })
  const destination = formatEndpoint({ address: to, port: packet.destinationPort })
  const flags = FLAG_NAMES.flatMap(([bit, name]) => ((packet.flags & bit) === 0 ? [] : [name]))
  const kind = protocol === TCP ? `tcp ${flags.join('+')}` : 'udp'
  return `${kind} ${source} > ${destination} ttl ${ttl}, ${packet.payload.length} bytes`
}

function aboutText(world: World, { quote }: Packet): string {
  if (quote === null) return ''
  const { addresses } = world
  const about = `${addresses.text(quote.source)}:${quote.sourcePort} > ${addresses.text(quote.destination)}`
  return ` about ${about}:${quote.destinationPort}`
}
