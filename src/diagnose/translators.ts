import { accessLineStep } from '../model/access-line.ts'
import type { Address } from '../model/endpoint.ts'
import type { Hop } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { countTranslators } from './count-translators.ts'
import { type Findings, ids } from './findings.ts'
import { routerPages } from './interception.ts'
import { isNeighbour } from './neighbour.ts'
import { type InsideHop, type OwnerSpan, ownerSpan } from './owner-span.ts'
import { toldByRouters } from './told-by-routers.ts'

/** Which boxes on this host's IPv4 path translate addresses, as far as the evidence shows. */
export type Translators =
  | { readonly kind: 'unknown'; readonly evidence: readonly string[] }
  /** This host has its external address itself. */
  | { readonly kind: 'none'; readonly evidence: readonly string[] }
  | {
      readonly kind: 'some'
      /** How many; null when the evidence does not tell. */
      readonly count: number | null
      /** There are at least, and at most, so many; `most` is null where nothing bounds them. */
      readonly least: number
      readonly most: number | null
      /** The one nearest to the strangers, which decides first whom it lets in. */
      readonly outermost: Translator
      /** The external address is not the first router's own: it passed on what was sent there, or says so. */
      readonly firstDisowns: boolean
      /** This host's first router; null where its first hop did not show itself. */
      readonly firstRouter: Address | null
      readonly evidence: readonly string[]
    }

export interface Translator {
  /** Whose it is; null when the evidence does not tell. */
  readonly stage: 'router' | 'carrier' | null
  /** Counted from the node; null when not known, and for a carrier's. */
  readonly layer: number | null
  readonly address: Address | null
}

/**
 * Counts and places the translators between this host and the Internet.
 *
 * The outermost one is placed by who owns the external address (`owner-span.ts`). Whose it is follows from where it stands:
 * in 100.64.0.0/10 (RFC 6598) or beyond the access line it is the carrier's, before that line the customer's. How many
 * there are follows from what shows that somebody translates on some part of the way (`count-translators.ts`).
 */
export function findTranslators(findings: Findings): Translators {
  const addresses = findings.of('addresses')[0]
  const local = addresses?.value.source.ipv4 ?? null
  const external = externalAddresses(findings)
  const seenBy = ids([
    addresses,
    ...findings.inFamily('external-address', 'ipv4'),
    ...findings.inFamily('vantage', 'ipv4').filter(({ value }) => value.observed !== null),
  ])
  if (local === null || external.length === 0) return { kind: 'unknown', evidence: seenBy }
  const own = new Set(addresses?.value.addresses.map(({ address }) => address))
  if (external.every((address) => own.has(address))) return { kind: 'none', evidence: seenBy }
  // Datagrams are seen to come from here and connections from elsewhere, or the other way round: a proxy is no translator.
  if (external.some((address) => own.has(address))) return { kind: 'unknown', evidence: seenBy }

  const hopEvidence = findings.inFamily('hops', 'ipv4').find(({ value }) => !isNeighbour(findings, value.toward))
  const hops = hopEvidence?.value.hops ?? []
  const gateway = addresses?.value.defaultRoutes.find(({ family }) => family === 'ipv4')?.gateway ?? null
  const firstRouter = answering(hops, 1)?.address ?? gateway
  const inside = insideHops(hops)
  const told = toldByRouters(findings, firstRouter)
  const owner = ownerSpan(findings, { hops, inside, told })
  const bounds = countTranslators(findings, { local, inside, owner, told })
  const outermost = placeOutermost(findings, { local, firstRouter, hops, inside, owner })
  const evidence = [...seenBy, ...ids([hopEvidence]), ...owner.evidence, ...bounds.evidence, ...outermost.evidence]
  return {
    kind: 'some',
    ...bounds.range,
    count: bounds.range.least === bounds.range.most ? bounds.range.least : null,
    outermost: outermost.translator,
    firstDisowns: owner.isBeyondFirst,
    firstRouter,
    evidence: [...new Set(evidence)],
  }
}

interface Placing {
  readonly local: Address
  readonly firstRouter: Address | null
  readonly hops: readonly Hop[]
  readonly inside: readonly InsideHop[]
  readonly owner: OwnerSpan
}

/** Where the outermost translator stands, and whose it is. */
function placeOutermost(
  findings: Findings,
  { local, firstRouter, hops, inside, owner }: Placing,
): { readonly translator: Translator; readonly evidence: readonly string[] } {
  const { low, high } = owner
  const hop = low === high ? low : null
  const address = inside.find(({ ttl }) => ttl === hop)?.address ?? null
  if (scopeOf(local) === 'shared') {
    return { translator: { stage: 'carrier', layer: null, address: address ?? firstRouter }, evidence: [] }
  }
  if (hop === 1) return { translator: { stage: 'router', layer: 1, address: firstRouter }, evidence: [] }
  if (low === 1) return { translator: { stage: null, layer: null, address: null }, evidence: [] }
  // Several may be it: of those that showed themselves, the farthest stands for them.
  const farthest = inside.findLast(({ ttl }) => ttl >= low && (high === null || ttl <= high))?.address ?? null
  const { stage, by } = whose(findings, hops, inside, owner)
  return { translator: { stage, layer: stage === 'carrier' ? null : hop, address: address ?? farthest }, evidence: by }
}

/** Mapped and observed IPv4 addresses, each once; what a neighbour on our own private network saw is no external address. */
export function externalAddresses(findings: Findings): readonly Address[] {
  const isOutside = (address: Address | null) => address === null || !isNeighbour(findings, address)
  const mapped = findings
    .inFamily('external-address', 'ipv4')
    .flatMap(({ value }) => (isOutside(value.server.address) ? value.mapped.address : []))
  const observed = findings
    .inFamily('vantage', 'ipv4')
    .flatMap(({ value }) => (isOutside(value.address) ? (value.observed?.address ?? []) : []))
  return [...new Set([...observed, ...mapped])]
}

/** The hops before the first one with a global address; silent ones are passed over. */
function insideHops(hops: readonly Hop[]): readonly InsideHop[] {
  const answered = hops.filter((hop): hop is InsideHop => hop.address !== null)
  const end = answered.findIndex(({ address }) => !['private', 'shared'].includes(scopeOf(address)))
  return end === -1 ? answered : answered.slice(0, end)
}

function whose(
  findings: Findings,
  hops: readonly Hop[],
  inside: readonly InsideHop[],
  { low, high }: OwnerSpan,
): { readonly stage: Translator['stage']; readonly by: readonly string[] } {
  const isShared = inside.some(({ ttl, address }) => scopeOf(address) === 'shared' && ttl <= low)
  if (isShared) return { stage: 'carrier', by: [] }
  const step = accessLineStep(hops)
  if (step !== null && low >= step) return { stage: 'carrier', by: [] }
  const page = routerPages(findings, 'ipv4').find(
    ({ value }) => value.ttl === low && low === high && isOpenPage(value.outcome),
  )
  if (page !== undefined) return { stage: 'router', by: [page.id] }
  // The line may lie before a hop that was not measured.
  const isMeasured = hops.every(({ ttl, rttMs }) => ttl > (high ?? ttl) || rttMs !== null)
  if (step !== null && high !== null && high < step && isMeasured) return { stage: 'router', by: [] }
  return { stage: null, by: [] }
}

function answering(hops: readonly Hop[], ttl: number): Hop | undefined {
  return hops.find((hop) => hop.ttl === ttl && hop.address !== null)
}

function isOpenPage(outcome: string): boolean {
  return outcome === 'http' || outcome === 'connected'
}
