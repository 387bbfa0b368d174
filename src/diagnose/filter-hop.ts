import type { FilterHopFact } from '../model/evidence.ts'
import { type Message, type MessageParams, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'

/** Adds to what is said of filters on protocols at which hop they stand, where that was found out. */
export function placeFilters(findings: Findings, claims: readonly Claim[]): readonly Claim[] {
  return claims.map((claim) => {
    if (claim.id !== 'provider-filters-protocol') return claim
    const evidence = findings.of('filter-hop').find(({ value }) => value.protocol === claim.subject)
    const place = evidence && placeOf(evidence.value)
    if (place === undefined) return claim
    const hops = findings.inFamily('hops', evidence!.value.family)
    return {
      ...claim,
      evidence: [...claim.evidence, ...ids([evidence, ...hops])],
      params: { ...claim.params, ...named(place, hops[0]?.value.hops ?? []) },
    }
  })
}

/** A note for each protocol that somebody is shown to stop: where, or that it is not known. */
export function filterHopNotes(claims: readonly Claim[]): readonly Message[] {
  const proven = claims.filter(({ id, settledBy }) => id === 'provider-filters-protocol' && settledBy === undefined)
  const protocols = [...new Set(proven.flatMap(({ subject }) => subject ?? []))]
  return protocols.map((protocol) => {
    const params = proven.find(({ subject, params }) => subject === protocol && isPlaced(params))?.params
    if (params === undefined) return message('note.filter-hop-unknown', { protocol })
    return message('note.filter-hop', { protocol, after: params.after ?? null, before: params.before ?? null })
  })
}

function isPlaced(params: MessageParams | undefined): boolean {
  return params?.after !== undefined || params?.before !== undefined
}

interface Place {
  /** The last hop that the protocol's bytes came to; 0: none. It may itself be who filters: many look at the TTL first. */
  readonly after: number
  /** The first one beyond it that neutral bytes came to alone, which may be who filters as well; null: none before the vantage. */
  readonly before: number | null
}

/** Undefined where no hop that comes into question showed itself. */
function placeOf({ hops }: FilterHopFact): Place | undefined {
  const isReset = ({ spoken }: FilterHopFact['hops'][number]) => spoken === 'reset'
  // Who breaks connections off may let what it saw go on: the first hop that brings a reset is not before it, if all farther ones do.
  const reset = hops.find((_, index) => hops.slice(index).every(isReset))
  if (reset === undefined && hops.some(isReset)) return undefined
  const after = hops.findLast(({ ttl, spoken }) => spoken === 'passed' && ttl < (reset?.ttl ?? 256))?.ttl ?? 0
  const silent = hops.find(({ ttl, spoken, neutral }) => ttl > after && spoken === 'silent' && neutral === 'passed')
  const before = silent ?? reset
  if (after === 0 && before === undefined) return undefined
  return { after, before: before?.ttl ?? null }
}

function named(
  { after, before }: Place,
  hops: readonly { readonly ttl: number; readonly address: string | null }[],
): MessageParams {
  const of = (hop: number) => {
    const address = hops.find(({ ttl }) => ttl === hop)?.address ?? null
    return address === null ? `${hop}` : `${hop} (${address})`
  }
  return {
    ...(after > 0 && { after: of(after) }),
    ...(before !== null && { before: of(before) }),
  }
}
