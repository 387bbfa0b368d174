import type { ArrivalCount } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import type { Address, Transport } from '../model/endpoint.ts'
import type { Arrival, DialOutcome } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import type { FlowSighting } from './connection-watch.ts'

/** Everything that this host saw of one dial. What nothing looked at is undefined. */
export interface ArrivalSigns {
  readonly transport: Transport
  readonly outcome: DialOutcome
  /** The vantage's address that dialled. */
  readonly dialledFrom: Address | null
  /** Packets of this dial alone. */
  readonly count: ArrivalCount | undefined
  readonly flow: FlowSighting | undefined
  /**
   * Only where peerway held the port. `bearer`: who brought the nonce; `heard`: did anything come from `dialledFrom`?
   */
  readonly held: { readonly bearer: Address | null; readonly heard: boolean } | undefined
}

/**
 * What of a dial reached this host, from the strongest sign: the nonce in our own hands, the flow in the connection
 * table, the counters, and at last what a held port that stayed quiet allows to say.
 */
export function judgeArrival(signs: ArrivalSigns): Arrival {
  const { count, held, flow, dialledFrom } = signs
  const anySourcePackets = count?.anySourceOpening ?? null
  const strayPackets = count?.strayOpening ?? null
  const arrived = (how: Arrival['how'], source: Address | null): Arrival => ({
    wire: 'yes',
    passed: 'yes',
    how,
    source,
    anySourcePackets,
    strayPackets,
  })

  if (held?.bearer != null) return arrived('held-socket', held.bearer)
  if (count !== undefined && count.wire > 0) {
    const passed = count.passed > 0 ? 'yes' : 'no'
    return { wire: 'yes', passed, how: 'counters', source: dialledFrom, anySourcePackets, strayPackets }
  }
  if (held?.heard) return arrived('held-socket', dialledFrom)
  if (flow?.source != null && isDialFlow(flow.source, dialledFrom)) return arrived('connection-table', flow.source)
  if (count !== undefined) {
    // Packets under another source may be this dial behind a router that rewrites sources, or somebody else's.
    const answer: Answer = count.anySourceOpening > 0 ? 'unknown' : 'no'
    return {
      wire: answer,
      passed: answer,
      how: 'counters',
      source: flow?.source ?? null,
      anySourcePackets,
      strayPackets,
    }
  }
  if (held !== undefined) return { ...UNSEEN, how: 'held-socket', passed: passedUnheard(signs) }
  if (flow?.looked) {
    const answer: Answer = flow.source === null ? 'no' : 'unknown'
    return { ...UNSEEN, wire: answer, passed: answer, how: 'connection-table', source: flow.source }
  }
  return UNSEEN
}

const UNSEEN: Arrival = {
  wire: 'unknown',
  passed: 'unknown',
  how: 'none',
  source: null,
  anySourcePackets: null,
  strayPackets: null,
}

/**
 * A router that rewrites sources puts its own inside address there; a new flow from a global address may be any peer.
 */
function isDialFlow(source: Address, dialledFrom: Address | null): boolean {
  return source === dialledFrom || scopeOf(source) !== 'global'
}

/** A datagram that passes reaches our socket. A SYN may pass while our answer is lost, and then nothing is accepted. */
function passedUnheard({ transport, outcome }: ArrivalSigns): Answer {
  return transport === 'udp' || outcome === 'connected' ? 'no' : 'unknown'
}
