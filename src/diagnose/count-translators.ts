import type { Address } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'
import { type Findings, ids } from './findings.ts'
import { findFlowBoxes } from './flow-boxes.ts'
import { isNeighbour } from './neighbour.ts'
import type { InsideHop, OwnerSpan } from './owner-span.ts'
import type { ToldByRouter } from './told-by-routers.ts'

export interface TranslatorCount {
  readonly range: { readonly least: number; readonly most: number | null }
  readonly evidence: readonly string[]
}

/** Somebody translates at one of these hops, both included. */
interface Stretch {
  readonly from: number
  readonly to: number
}

interface Seen {
  readonly local: Address
  readonly inside: readonly InsideHop[]
  readonly owner: OwnerSpan
  readonly told: readonly ToldByRouter[]
}

/** RFC 4787 REQ-5 advises five minutes; a translator that remembers idle flows for longer is hardly ever met. */
const LONGEST_MEMORY_SECONDS = 300

/**
 * How many translators there are: at least as many as there are stretches of the way without a hop in common on which
 * somebody is shown to translate, at most as many as there are hops that may.
 *
 * What remembers flows may be a filter that translates nothing, so it is no translator yet. What remembers none is none.
 */
export function countTranslators(findings: Findings, seen: Seen): TranslatorCount {
  const { inside, owner, told } = seen
  const end = owner.high
  const most = end ?? Math.max(owner.low, inside.at(-1)?.ttl ?? 1)
  const none = new Set([...withoutMemory(findings, most), ...withinShared(inside, owner)])
  const outside = answeredOutside(findings, most)
  const stretches = [
    { from: owner.low, to: end ?? Number.POSITIVE_INFINITY },
    ...(outside === undefined ? [] : [{ from: outside.hop, to: end ?? Number.POSITIVE_INFINITY }]),
    ...realms(findings, seen),
    ...told.flatMap(({ hop, opensPorts, privateOutside, seesAnotherAddress }): readonly Stretch[] => [
      ...(opensPorts || privateOutside !== null ? [{ from: hop, to: hop }] : []),
      ...(seesAnotherAddress ? [{ from: 1, to: hop - 1 }] : []),
    ]),
  ]
  const flows = findFlowBoxes(findings, 'ipv4')
  const evidence = [
    ...told.flatMap((each) => each.evidence),
    ...(outside?.evidence ?? []),
    ...(none.size > 0 ? (flows?.evidence ?? []) : []),
  ]
  const least = disjoint(stretches, none)
  const candidates = Array.from({ length: most }, (_, index) => index + 1).filter((hop) => !none.has(hop))
  // One view contradicts another: then neither is believed.
  if (least === null || least > candidates.length) return { range: { least: 1, most: null }, evidence }
  return { range: { least, most: end === null ? null : candidates.length }, evidence }
}

/**
 * Whoever answers the vantage's echo requests in our place stands at the hop where that many routers are left to this host, and
 * nobody farther inside has the external address. Stated only where the way is as long out as back, by two kinds of packets:
 * elsewhere what is counted from the vantage's side may be another way.
 */
function answeredOutside(
  findings: Findings,
  most: number,
): { readonly hop: number; readonly evidence: readonly string[] } | undefined {
  const inbound = findings.inFamily('inbound-hops', 'ipv4')[0]
  const out = findings.inFamily('hops', 'ipv4').find(({ value }) => !isNeighbour(findings, value.toward))
  const routers = inbound?.value.routers ?? null
  const routersOut = out?.value.hops.find(
    ({ answer, address }) => answer === 'echo-reply' && address === out.value.toward,
  )
  const answered = inbound?.value.hops.find(
    ({ answer, address }) => answer === 'echo-reply' && address === inbound.value.toward,
  )
  if (routers === null || answered === undefined || routersOut?.ttl !== routers + 1) return undefined
  const hop = routers + 1 - answered.ttl
  return hop >= 2 && hop <= most ? { hop, evidence: ids([inbound, out]) } : undefined
}

/**
 * Address ranges that cannot be the same on both sides of a plain router, and the carriers' own, in which nobody has a route
 * to customers' private networks (RFC 6598). Any other change of range may be that of a campus or a company.
 */
function realms(findings: Findings, { local, inside, owner: { low } }: Seen): readonly Stretch[] {
  const isShared = (address: Address) => scopeOf(address) === 'shared'
  return inside
    .filter(({ ttl }) => ttl > 1 && ttl <= low)
    .flatMap(({ ttl, address }) => {
      const twin = inside.find((other) => other.ttl < ttl && other.address === address)
      if (twin !== undefined) return [{ from: twin.ttl, to: ttl - 1 }]
      const changes = isNeighbour(findings, address) || (isShared(address) && !isShared(local))
      return changes ? [{ from: 1, to: ttl - 1 }] : []
    })
}

/** RFC 6598 gives carriers 100.64.0.0/10 for between customers and their translator: none stands within. */
function withinShared(inside: readonly InsideHop[], { low }: OwnerSpan): readonly number[] {
  const shared = new Set(inside.filter(({ address }) => scopeOf(address) === 'shared').map(({ ttl }) => ttl))
  return [...shared].filter((ttl) => ttl < low && shared.has(ttl + 1))
}

/** Hops that were seen to remember no flow for as long as translators do. */
function withoutMemory(findings: Findings, most: number): readonly number[] {
  const flows = findFlowBoxes(findings, 'ipv4')
  if (flows === undefined || !flows.isComplete || flows.waitedSeconds < LONGEST_MEMORY_SECONDS) return []
  const remembers = new Set(flows.boxes.map(({ hop }) => hop))
  const hops = Array.from({ length: Math.min(most, flows.hops) }, (_, index) => index + 1)
  // Somebody translates: where nothing was seen to remember anything, it remembers for longer than was waited.
  return hops.some((hop) => remembers.has(hop)) ? hops.filter((hop) => !remembers.has(hop)) : []
}

/** The most stretches of which no two have a hop in common; null where one is left without a hop. */
function disjoint(stretches: readonly Stretch[], none: ReadonlySet<number>): number | null {
  const shrunk = stretches.map(({ from, to }) => {
    let [first, last] = [from, to]
    while (none.has(first)) first++
    while (none.has(last)) last--
    return { from: first, to: last }
  })
  if (shrunk.some(({ from, to }) => from > to)) return null
  let count = 0
  let covered = 0
  for (const { from, to } of shrunk.toSorted((a, b) => a.to - b.to)) {
    if (from <= covered) continue
    count += 1
    covered = to
  }
  return count
}
