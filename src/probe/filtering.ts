import type { Host } from '../host/host.ts'
import { type Endpoint, familyOf, sameEndpoint } from '../model/endpoint.ts'
import type { FilteringFact, InconclusiveReason } from '../model/evidence.ts'
import type { StunServer } from '../vantage/vantage.ts'
import { askStun, type Binding } from './ask-stun.ts'
import { attempt } from './attempt.ts'
import { mappingPlaces } from './mapping.ts'

/** What came of one request that the server should answer from elsewhere. */
type Change = 'passed' | 'stopped' | InconclusiveReason

export interface FilteringResult {
  readonly fact: FilteringFact
  /** Bindings of the sockets used, for the port preservation. */
  readonly bindings: readonly { readonly local: Endpoint; readonly mapped: Endpoint }[]
}

/**
 * Filtering behavior of the path (RFC 5780 §4.4): after a plain Binding, does an answer from the server's other
 * address and port come in, and does one from its other port?
 *
 * Each of the two questions has a fresh socket of its own that has spoken to the primary place alone, so they can be
 * asked at the same time, and a late answer to one is never taken for the other. An answer counts only if it comes
 * from where the request asked; a server that answers from where it was asked ignores CHANGE-REQUEST, and shows
 * nothing.
 */
export async function probeFiltering(host: Host, server: StunServer, rttMs: number): Promise<FilteringResult> {
  const { primary } = server
  const places = mappingPlaces(server)
  const [both, port] = await Promise.all([
    places.other === null ? undefined : askChanged(host, primary, { changeAddress: true, changePort: true }, rttMs),
    places.alternatePort === null
      ? undefined
      : askChanged(host, primary, { changeAddress: false, changePort: true }, rttMs),
  ])
  const fact = { family: familyOf(primary.address), server: primary, ...judgeFiltering(both?.change, port?.change) }
  return { fact, bindings: [both, port].flatMap((asked) => asked?.binding ?? []) }
}

/** `both` and `port` are undefined where the server has no second address, or no second port. */
export function judgeFiltering(
  both: Change | undefined,
  port: Change | undefined,
): Pick<FilteringFact, 'behavior' | 'reason'> {
  if (both === 'passed') return { behavior: 'endpoint-independent', reason: null }
  if (port === 'stopped' && (both === 'stopped' || both === undefined)) {
    return { behavior: 'address-and-port-dependent', reason: null }
  }
  if (both === undefined) {
    const reason = port === undefined || port === 'passed' || port === 'stopped' ? 'one-address' : port
    return { behavior: 'unknown', reason }
  }
  if (both !== 'stopped') return { behavior: 'unknown', reason: both }
  if (port === 'passed') return { behavior: 'address-dependent', reason: null }
  return { behavior: 'unknown', reason: port === undefined || port === 'stopped' ? 'one-port' : port }
}

/**
 * Silence from the server's other address shows a filter only if that address answers when it is asked itself. When the
 * mapping test found that it does not, the filtering is unknown.
 */
export function doubtFiltering(fact: FilteringFact, otherAddressAnswers: boolean): FilteringFact {
  if (otherAddressAnswers || fact.behavior === 'endpoint-independent') return fact
  return { ...fact, behavior: 'unknown', reason: fact.reason ?? 'no-reply' }
}

/**
 * An answer from an address that an earlier run spoke to shows no openness: some filters remember addresses for minutes,
 * for all ports.
 */
export function doubtOpenness(fact: FilteringFact): FilteringFact {
  return fact.behavior === 'endpoint-independent' ? { ...fact, behavior: 'unknown', reason: 'contacted-before' } : fact
}

interface ChangeFlags {
  readonly changeAddress: boolean
  readonly changePort: boolean
}

interface Asked {
  readonly change: Change
  readonly binding?: { readonly local: Endpoint; readonly mapped: Endpoint }
}

async function askChanged(host: Host, server: Endpoint, flags: ChangeFlags, rttMs: number): Promise<Asked> {
  const socket = await attempt(() => host.udp.open({ toward: server }), undefined)
  if (socket === undefined) return { change: 'not-permitted' }
  await using open = socket
  const plain = await askStun(host, open, server, { rttMs })
  if (plain.outcome !== 'answered') return { change: plain.outcome }
  const changed = await askStun(host, open, server, { ...flags, rttMs })
  return { change: judgeChange(server, flags, changed), binding: { local: open.local, mapped: plain.mapped } }
}

/** Did the answer come from where it was asked to come from? */
export function judgeChange(asked: Endpoint, flags: ChangeFlags, answer: Binding): Change {
  if (answer.outcome === 'no-reply') return 'stopped'
  if (answer.outcome !== 'answered') return answer.outcome
  if (sameEndpoint(answer.from, asked)) return 'change-request-ignored'
  const addressChanged = answer.from.address !== asked.address
  const portChanged = answer.from.port !== asked.port
  const asWished = addressChanged === flags.changeAddress && portChanged === flags.changePort
  return asWished ? 'passed' : 'change-request-ignored'
}
