import type { Address } from '../model/endpoint.ts'
import type { Hop } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { type Findings, ids } from './findings.ts'
import { type FlowBoxes, findFlowBoxes } from './flow-boxes.ts'
import { routerPages } from './interception.ts'
import { isNeighbour } from './neighbour.ts'

/** Which boxes on this host's IPv4 path translate addresses, as far as the evidence shows. */
export type Translators =
  | { readonly kind: 'unknown'; readonly evidence: readonly string[] }
  /** This host has its external address itself. */
  | { readonly kind: 'none'; readonly evidence: readonly string[] }
  | {
      readonly kind: 'some'
      /** How many; null when the evidence does not tell. */
      readonly count: number | null
      /** The one nearest to the strangers, which decides first whom it lets in. */
      readonly outermost: Translator
      /** The first router passed on what was sent to the external address: it is not its own. */
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

/** There is one, and nothing shows where. */
const NOWHERE: Translator = { stage: null, layer: null, address: null }

/** A round trip that grows by more than this from one hop to the next has crossed an access line. */
const ACCESS_LINE_STEP_MS = 2.5

/**
 * Counts and places the translators between this host and the Internet.
 *
 * It rests on who owns the external address: the box that answers an echo request sent to that address with TTL n is at
 * hop n, and a box that says "time exceeded" does not own it. Where the outermost translator stands decides whose it is:
 * in 100.64.0.0/10 (RFC 6598) or beyond the access line it is the carrier's, before that line the customer's.
 */
export function findTranslators(findings: Findings): Translators {
  const found = findByAddresses(findings)
  if (found.kind !== 'some') return found
  const boxes = findFlowBoxes(findings, 'ipv4')
  const hops = findings.inFamily('hops', 'ipv4').find(({ value }) => !isNeighbour(findings, value.toward))?.value.hops
  const count = boxes === undefined ? found.count : countByFlows(found.count, insideHops(hops ?? []), boxes)
  return count === found.count ? found : { ...found, count, evidence: [...found.evidence, ...boxes!.evidence] }
}

/** RFC 4787 REQ-5 advises five minutes; a translator that remembers idle flows for longer is hardly ever met. */
const LONGEST_MEMORY_SECONDS = 300

/**
 * How many translators there are, now that it is known which of the boxes that may translate remember flows. `byAddress`
 * stays where nothing speaks against it; null where the one view contradicts the other.
 */
function countByFlows(byAddress: number | null, inside: readonly Hop[], flows: FlowBoxes): number | null {
  const last = inside.at(-1)?.ttl
  const found = flows.boxes.filter(({ hop }) => hop > 0 && (last === undefined || hop <= last))
  const isWaited = flows.waitedSeconds >= LONGEST_MEMORY_SECONDS || found.length === last
  const isDecided = flows.isComplete && found.length > 0 && isWaited && (last ?? 0) <= flows.hops
  // Without addresses, a second box may be a filter that translates nothing.
  if (!isDecided || (last === undefined && found.length > 1)) return byAddress
  if (byAddress === null) return found.length
  return found.length < byAddress ? null : byAddress
}

function findByAddresses(findings: Findings): Translators {
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

  const hopEvidence = findings.inFamily('hops', 'ipv4').find(({ value }) => !isNeighbour(findings, value.toward))
  const ownerEvidence = findings.inFamily('external-owner', 'ipv4')[0]
  const pages = routerPages(findings, 'ipv4')
  const evidence = [...seenBy, ...ids([hopEvidence, ownerEvidence])]
  const hops = hopEvidence?.value.hops ?? []
  const firstRouter = answering(hops, 1)?.address ?? null
  const ownerHops = ownerEvidence?.value.hops ?? []
  const firstDisowns = ownerHops[0]?.answer === 'time-exceeded'
  const gateway = addresses?.value.defaultRoutes.find(({ family }) => family === 'ipv4')?.gateway ?? null
  const some = (count: number | null, outermost: Translator, more: readonly string[] = []): Translators => ({
    kind: 'some',
    count,
    outermost,
    firstRouter: firstRouter ?? gateway,
    firstDisowns,
    evidence: [...evidence, ...more],
  })

  if (scopeOf(local) === 'shared') return some(1, { stage: 'carrier', layer: null, address: firstRouter ?? gateway })
  if (ownerHops[0]?.answer === 'echo-reply')
    return some(1, { stage: 'router', layer: 1, address: firstRouter ?? gateway })

  const inside = insideHops(hops)
  const last = inside.at(-1)
  if (last === undefined || last.ttl === 1) {
    if (firstDisowns) return some(null, NOWHERE)
    const beyond = hops.find(({ ttl, address }) => ttl === 2 && address !== null)
    return beyond === undefined
      ? some(null, NOWHERE)
      : some(1, { stage: 'router', layer: 1, address: firstRouter ?? gateway })
  }
  const page = pages.find(({ value }) => value.address === last.address && isOpenPage(value.outcome))
  const { stage, by } = whose(inside, hops, page?.id)
  // A private address of its own on either side: the first router translates as well.
  const count = last.ttl === 2 ? 2 : null
  return some(count, { stage, layer: stage === 'carrier' ? null : last.ttl, address: last.address }, by)
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
function insideHops(hops: readonly Hop[]): readonly (Hop & { readonly address: Address })[] {
  const answered = hops.filter((hop): hop is Hop & { readonly address: Address } => hop.address !== null)
  const end = answered.findIndex(({ address }) => !['private', 'shared'].includes(scopeOf(address)))
  return end === -1 ? answered : answered.slice(0, end)
}

function whose(
  inside: readonly (Hop & { readonly address: Address })[],
  hops: readonly Hop[],
  page: string | undefined,
): { stage: Translator['stage']; by: readonly string[] } {
  const last = inside.at(-1)!
  if (inside.some(({ address }) => scopeOf(address) === 'shared')) return { stage: 'carrier', by: [] }
  const step = accessLineStep(hops)
  if (step !== null && last.ttl >= step) return { stage: 'carrier', by: [] }
  if (page !== undefined) return { stage: 'router', by: [page] }
  if (step !== null) return { stage: 'router', by: [] }
  return { stage: null, by: [] }
}

/** TTL of the first hop behind the access line: where the round trip first grows by more than a home network explains. */
export function accessLineStep(hops: readonly Hop[]): number | null {
  let before = 0
  for (const { ttl, rttMs } of hops) {
    if (rttMs === null) continue
    if (ttl > 1 && rttMs - before > ACCESS_LINE_STEP_MS && rttMs > before * 3) return ttl
    before = Math.max(before, rttMs)
  }
  return null
}

function answering(hops: readonly Hop[], ttl: number): Hop | undefined {
  return hops.find((hop) => hop.ttl === ttl && hop.address !== null)
}

function isOpenPage(outcome: string): boolean {
  return outcome === 'http' || outcome === 'connected'
}
