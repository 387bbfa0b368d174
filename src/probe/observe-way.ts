import type { Address } from '../model/endpoint.ts'
import type { Hop, HopsFact, OutboundFact } from '../model/evidence.ts'
import type { Dialler } from './dial-backs.ts'
import { probeExternalOwner } from './external-owner.ts'
import type { FamilyContext } from './family-context.ts'
import { measureHops, probeHops } from './hops.ts'
import { probeInboundHops } from './inbound-hops.ts'
import { probeClosedPorts } from './interception.ts'
import { chooseOutboundPorts, probeOutbound } from './outbound.ts'
import { isAlsoNearer } from './outer-routers.ts'
import { isRoutable } from './routable.ts'
import { mayHavePage, probeRouterPage } from './router-page.ts'

const MAX_TTL = 8
/** The access line is among the first hops, and so is every translator that a customer could reach. */
const COMPARED_TTL = 4

/**
 * What lies on the way to a vantage and back, and which ports get out to it. Speaks to its contacted address, to the
 * boxes on the way and to our own external address, and to nobody else.
 */
export async function observeWay(context: FamilyContext, dialler: Dialler): Promise<void> {
  const { host, notebook } = context
  const { rttMs } = dialler
  const hops = notebook.step('hops', () => observeHops(context, dialler))
  const owner = notebook.step('external-owner', async () => {
    const external = foreignExternalAddress(context, dialler)
    const fact = external === undefined ? undefined : await probeExternalOwner(host, external, rttMs)
    if (fact !== undefined) notebook.add('external-owner', fact)
  })
  await Promise.all([
    Promise.all([hops, owner]).then(context.onWayMeasured),
    notebook.step('inbound-hops', async () => {
      const fact = await probeInboundHops(host, dialler)
      if (fact !== undefined) notebook.add('inbound-hops', fact)
    }),
    notebook.step('outbound', async () => {
      const facts = [...contactPorts(dialler), ...(await observeOutbound(context, dialler))]
      for (const [rank, fact] of facts.entries()) notebook.add('outbound', fact, rank)
    }),
  ])
}

/** What gets out, and, as long as that takes, whether handshakes are completed that the vantage cannot have completed. */
async function observeOutbound(
  { host, notebook, ports }: FamilyContext,
  { control, rttMs, fact: { address, port } }: Dialler,
): Promise<readonly OutboundFact[]> {
  const done = new AbortController()
  const opened = [port, ...chooseOutboundPorts(ports).map((one) => one.port)]
  const closed = address === null ? undefined : probeClosedPorts(host, address, opened, done.signal)
  const facts = await probeOutbound(host, control, ports, rttMs)
  done.abort()
  const intercepted = await closed
  if (intercepted !== undefined) notebook.add('interception', intercepted)
  return facts
}

/** The hops, and the page of every near box as soon as it has shown itself. */
async function observeHops(context: FamilyContext, { fact, rttMs }: Dialler): Promise<void> {
  if (fact.address === null) return
  const { host, notebook, addresses } = context
  const pages: Promise<void>[] = []
  const asked = new Set<Address>()
  const isNeighbours = (hop: Hop) => isAlsoNearer(hop, [], addresses)
  const hops: HopsFact | undefined = await probeHops(host, {
    toward: fact.address,
    maxTtl: MAX_TTL,
    rttMs,
    onHop: (hop) => {
      const { address, ttl } = hop
      if (address === null || !mayHavePage(hop) || isNeighbours(hop) || asked.has(address)) return
      asked.add(address)
      const box = { address, ttl, rttMs: hop.rttMs ?? rttMs }
      pages.push(probeRouterPage(host, box).then((page) => notebook.add('router-page', page, ttl)))
    },
  })
  if (hops !== undefined) notebook.add('hops', await measureHops(host, hops, addresses, COMPARED_TTL, rttMs))
  await Promise.all(pages)
}

/** Our address as the vantage sees it, where another box owns it. Only IPv4 is translated on the way. */
function foreignExternalAddress({ family, addresses }: FamilyContext, { control }: Dialler): Address | undefined {
  const external = control.observed.address
  const own = addresses.addresses.some(({ address }) => address === external)
  return family === 'ipv4' && !own && isRoutable(external) ? external : undefined
}

/** The contact itself was a question about two outbound ports. */
function contactPorts({ fact }: Dialler): readonly OutboundFact[] {
  const { family, address, port, stun } = fact
  if (address === null) return []
  const asked = { family, port, server: address, listening: 'yes', fromOthers: false } as const
  const tcp: OutboundFact = { ...asked, transport: 'tcp', outcome: 'answered', arrived: 'yes' }
  if (stun === 'not-asked') return [tcp]
  const answered = stun === 'answered' || stun === 'error-answer' || stun === 'garbage'
  const outcome = answered ? 'answered' : stun === 'silent' ? 'silent' : 'not-permitted'
  return [tcp, { ...asked, transport: 'udp', outcome, arrived: answered ? 'yes' : 'unknown' }]
}
