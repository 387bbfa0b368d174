import { addressText, addressValue } from './address-value.ts'
import type { Outcome } from './compile.ts'
import type { Asked } from './explore.ts'
import { CT_STATES, PACKET_TYPES } from './names.ts'
import type { Connection, Packet, WalkContext } from './packet.ts'
import type { Hook, Translation } from './ruleset.ts'

type Maybe<T> = T | undefined

/** A packet on its way: what rules may ask of it at this moment. Undefined is not known. Changed in place by the walk. */
export interface Flight {
  readonly packet: Packet
  readonly context: WalkContext
  readonly isIpv4: boolean
  readonly protocol: number
  hook: Hook
  saddr: Maybe<number | bigint>
  daddr: Maybe<number | bigint>
  sport: Maybe<number>
  dport: Maybe<number>
  tcpFlags: Maybe<number>
  icmpType: Maybe<number>
  icmpCode: Maybe<number>
  ttl: Maybe<number>
  lengthBytes: Maybe<number>
  packetType: Maybe<number>
  /** Empty where there is none. */
  iif: string
  oif: string
  mark: Maybe<number>
  ctMark: Maybe<number>
  /** Has the packet passed connection tracking (priority -200)? Before it, no rule knows of a connection. */
  tracked: boolean
  untracked: boolean
  ctState: number
  isReply: boolean
  snat: Maybe<boolean>
  dnat: Maybe<boolean>
  original: Maybe<Ends>
  /** As the packet came in. */
  readonly arrived: Ends
  /** A rule sent the packet to this very host, whatever its address is now. */
  redirected: boolean
  /** Sets that this packet itself may have changed. */
  readonly touched: Set<string>
  readonly translations: Translated[]
  readonly oracle: Oracle
  /** What the last step that decided came to. */
  outcome: Outcome
}

export interface Ends {
  readonly saddr: Maybe<number | bigint>
  readonly daddr: Maybe<number | bigint>
  readonly sport: Maybe<number>
  readonly dport: Maybe<number>
}

/** A translation that was done, and what it made of the packet. */
export interface Translated {
  readonly hook: Hook
  readonly translation: Translation
  readonly text: string
}

/** Answers for conditions that cannot be judged, and a limit on the work. */
export interface Oracle {
  answer(asked: Asked): boolean
  /** Rules that may still be looked at; below 0 the walk ends undecided. */
  budget: number
}

export function newFlight(packet: Packet, context: WalkContext, oracle: Oracle): Flight {
  const connection: Connection = context.connection ?? { state: 'new' }
  const isNew = connection.state === 'new'
  const arrived = endsOf(packet)
  const original = connection.original
  return {
    packet,
    context,
    isIpv4: packet.family === 'ipv4',
    protocol: packet.protocol,
    hook: packet.inInterface === null ? 'output' : 'prerouting',
    saddr: arrived.saddr,
    daddr: arrived.daddr,
    sport: arrived.sport,
    dport: arrived.dport,
    tcpFlags: packet.tcpFlags,
    icmpType: packet.icmpType,
    icmpCode: packet.icmpCode,
    ttl: packet.ttl,
    lengthBytes: packet.lengthBytes,
    packetType: packet.packetType === undefined ? undefined : PACKET_TYPES[packet.packetType],
    iif: packet.inInterface ?? '',
    oif: packet.inInterface === null ? (packet.outInterface ?? '') : '',
    mark: packet.mark ?? 0,
    ctMark: connection.mark ?? (isNew ? 0 : undefined),
    tracked: false,
    untracked: connection.state === 'untracked',
    ctState: CT_STATES[connection.state],
    isReply: connection.direction === 'reply',
    snat: connection.sourceTranslated ?? (isNew ? false : undefined),
    dnat: connection.destinationTranslated ?? (isNew ? false : undefined),
    arrived,
    original: isNew ? arrived : original === undefined ? undefined : endsOf(original),
    redirected: false,
    touched: new Set(),
    translations: [],
    oracle,
    outcome: { kind: 'return' },
  }
}

function endsOf(packet: NonNullable<Connection['original']>): Ends {
  return {
    saddr: addressValue(packet.source),
    daddr: addressValue(packet.destination),
    sport: packet.sourcePort,
    dport: packet.destinationPort,
  }
}

/** The packet as it is now; undefined when an address is not known any more. */
export function packetNow(f: Flight): Packet | undefined {
  if (f.saddr === undefined || f.daddr === undefined) return undefined
  const { arrived, packet } = f
  const isSame = f.saddr === arrived.saddr && f.daddr === arrived.daddr
  // Nearly always: writing addresses as text again would cost more than the whole walk.
  if (isSame && f.sport === arrived.sport && f.dport === arrived.dport && f.mark === (packet.mark ?? 0)) return packet
  const { sourcePort: _s, destinationPort: _d, mark: _m, ...rest } = f.packet
  return {
    ...rest,
    source: addressText(f.saddr),
    destination: addressText(f.daddr),
    ...(f.sport === undefined ? {} : { sourcePort: f.sport }),
    ...(f.dport === undefined ? {} : { destinationPort: f.dport }),
    ...(f.mark === undefined ? {} : { mark: f.mark }),
  }
}
