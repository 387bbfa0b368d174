import type { DialBackFact } from '../model/evidence.ts'

/**
 * What one dial from outside shows about the way to this host.
 *
 * `in`: a stranger's packet gets to the port. `out`: it does not. `elsewhere`: it does not, yet something answered in
 * this host's place. `unclear`: the dial does not decide.
 */
export type DialJudgement = 'in' | 'out' | 'elsewhere' | 'unclear'

export interface JudgementContext {
  /** Something completes TCP handshakes even on a port that nobody holds: then a handshake proves nothing. */
  readonly handshakesForEverybody: boolean
  /** And some of those connections came to this host: then it may be chance that another did not. */
  readonly handshakesPassedOn: boolean
  /** UDP from this host is known to get out, to whatever port, so that an answer of the node would too. */
  readonly udpGetsOut: boolean
  /** A rule of this host drops strangers' packets, or the answers to them. */
  readonly strangersStopped: boolean
  /** A rule of this host drops its answers to whoever dialled. */
  readonly answersStopped: boolean
  /** This host's rules were read, and what they do to answers could not be told. */
  readonly answersInDoubt: boolean
  /** The node is known to answer a stranger's first packets over UDP: then silence outside means that none came, or no answer got out. */
  readonly nodeAnswersStrangers: boolean
  /** An answer from another UDP port of this host came to the dialler. */
  readonly answersHeardBeside: boolean
  /** Somebody answered for the port, and no program of this host had read anything. */
  readonly readByNobody: boolean
  /** Over TCP somebody else answers for the same port. */
  readonly neighbourElsewhere: boolean
  /** A proxy for containers holds the port on this host: it takes what comes before anybody in the container was asked. */
  readonly heldByProxy: boolean
  /** Rules take the port to a guest, and nobody was seen to listen there. */
  readonly guestUnseen: boolean
  /** No program of this host holds the port, as far as is known, but one in another network: what arrives here arrives at nobody. */
  readonly heldElsewhere: boolean
  /** May the port be served by a guest, where this host's own tables show nothing of it? */
  readonly mayBeRedirected: boolean
}

/** Counters saw packets come in from the wire, and not come out of this host's filters. */
export function eatenByHost({ how, wire, passed }: DialBackFact['arrival']): boolean {
  return how === 'counters' && wire === 'yes' && passed === 'no'
}

/** Did packets of the dial come in from the wire? A reset that a box on the way sends to both ends comes here too, and opens nothing. */
export function arrived({ transport, arrival }: DialBackFact): boolean {
  return arrival.wire === 'yes' && !(transport === 'tcp' && arrival.anySourcePackets === 0)
}

export function judgeDial(dial: DialBackFact, context: JudgementContext): DialJudgement {
  if (dial.outcome === 'not-dialled') return 'unclear'
  if (dial.holder === 'peerway') return judgeHeldPort(dial, context)
  if (dial.outcome === 'connected' || dial.outcome === 'answered') return judgeAnswered(dial, context)
  return dial.transport === 'udp' ? judgeQuietUdp(dial, context) : 'out'
}

/** We hold the port: nothing but our own secret, returned, is our answer. */
function judgeHeldPort(dial: DialBackFact, context: JudgementContext): DialJudgement {
  if (dial.greeting === 'nonce') return 'in'
  if (dial.arrival.how === 'held-socket' && dial.arrival.passed === 'yes') return 'in'
  const somebodyAnswered = dial.outcome === 'connected' || dial.outcome === 'answered'
  // A rule of this host may take the port to a guest, past our socket.
  if (context.mayBeRedirected && dial.arrival.how !== 'counters') {
    return somebodyAnswered || dial.transport === 'udp' ? 'unclear' : 'out'
  }
  if (!somebodyAnswered) return dial.arrival.passed === 'yes' ? 'unclear' : 'out'
  // It came through this host, past our socket: a guest answered.
  if (context.mayBeRedirected && dial.arrival.passed === 'yes') {
    return context.handshakesForEverybody && dial.greeting === null ? 'unclear' : 'in'
  }
  return context.handshakesForEverybody ? lostBehindHandshake(context) : 'elsewhere'
}

/**
 * The handshake was not this host's, and nothing came. Whoever completed it asks this host once and for all: a single packet that
 * was lost looks like a port that is stopped, where others got through.
 */
function lostBehindHandshake({ handshakesPassedOn }: JudgementContext): DialJudgement {
  return handshakesPassedOn ? 'unclear' : 'out'
}

/** Somebody answered the vantage. Was it this host? A handshake alone does not say so. */
function judgeAnswered(dial: DialBackFact, context: JudgementContext): DialJudgement {
  const { arrival } = dial
  // What this host cannot have said, another said; unless its rules were misread.
  if (context.answersStopped) {
    return dial.transport === 'tcp' && arrival.passed === 'yes' && dial.greeting === null ? 'out' : 'unclear'
  }
  // The handshake was another's: only what the node said shows that its answers get out.
  const isOthers = dial.transport === 'tcp' && context.handshakesForEverybody && dial.greeting === null
  if (isOthers && arrival.passed === 'yes') return 'unclear'
  // So it may be before a proxy for containers on this host, and before a guest, on whose behalf one far away can have answered.
  const isProxys = dial.transport === 'tcp' && (context.heldByProxy || context.guestUnseen) && dial.greeting === null
  if (isProxys && arrival.wire !== 'no') return 'unclear'
  if (arrival.passed === 'yes') return 'in'
  if (arrival.wire === 'yes' && arrival.how === 'connection-table') return 'in'
  if (arrival.wire === 'yes') return 'unclear'
  if (arrival.wire === 'no') {
    if (context.mayBeRedirected && arrival.how !== 'counters') return 'unclear'
    if (arrival.anySourcePackets !== null && arrival.anySourcePackets > 0) return 'unclear'
    const isOthersHandshake = context.handshakesForEverybody && dial.transport === 'tcp'
    return isOthersHandshake ? lostBehindHandshake(context) : 'elsewhere'
  }
  // Counters saw packets of others alone: whose answer it was is open, for another host may have answered in our place.
  if (arrival.how === 'counters') return 'unclear'
  if (dial.transport === 'udp' && context.readByNobody && !context.mayBeRedirected) return 'elsewhere'
  if (dial.transport === 'udp' && context.neighbourElsewhere) return 'unclear'
  if (dial.transport === 'udp') return 'in' // the vantage saw a datagram come back, which no handshake machine makes
  return dial.greeting !== null && !context.handshakesForEverybody ? 'in' : 'unclear'
}

/** A UDP node may stay silent to what it does not know, so silence decides only with what this host saw of the dial. */
function judgeQuietUdp(dial: DialBackFact, context: JudgementContext): DialJudgement {
  const { arrival, outcome } = dial
  if (arrival.passed === 'yes') {
    // It came in, and a node that answers strangers was not heard: the answer was stopped.
    if (outcome === 'refused' || context.strangersStopped) return 'out'
    // Where another port's answer was heard, nothing known stops this one: all of its rounds may have been lost by chance.
    if (context.nodeAnswersStrangers) return context.answersHeardBeside ? 'unclear' : 'out'
    if (context.heldByProxy || context.heldElsewhere) return 'unclear'
    return context.udpGetsOut && !context.answersInDoubt ? 'in' : 'unclear'
  }
  if (arrival.wire === 'no' || arrival.passed === 'no') return 'out'
  return outcome === 'silent' && !context.nodeAnswersStrangers ? 'unclear' : 'out'
}
