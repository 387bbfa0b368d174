import { type Endpoint, endpointName, familyOf, formatEndpoint, sameEndpoint } from '../model/endpoint.ts'
import type { NodeAddress } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { type Message, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'
import type { EndpointFinding } from './judge-endpoint.ts'

const MOST_NAMED = 3

/**
 * Does the node tell its peers to dial where nobody gets in, while strangers get in elsewhere? Only where a dial from
 * outside came in can that be said; what stops strangers anywhere else has its own obstacles. It stops the node's work
 * and not an endpoint, which can be reached by whoever knows where.
 */
export function announceClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  const [told] = findings.of('node-addresses')
  if (told === undefined || !told.value.isComplete) return []
  return endpoints.flatMap((endpoint): readonly Claim[] => {
    const missed = missing(findings, endpoint)
    if (missed === undefined) return []
    const { announced, external } = missed
    const wrong = announced.map(({ address, port }) => ({ address: address!, port }))
    const open = wrong.filter(({ address }) => scopeOf(address) === 'global')
    return [
      {
        id: 'announces-unreachable-address',
        subject: endpointName(endpoint),
        endpoints: [],
        evidence: ids([told, ...endpoint.dials.map(({ dial }) => dial)]),
        params: { address: listed(wrong), external: formatEndpoint(external), transport: endpoint.transport },
        ...(open.length === 0 ? {} : { settledBy: dialThem(open) }),
      },
    ]
  })
}

/** Endpoints that its settings will make it announce rightly once it is started again. */
export function announcesAfterRestart(findings: Findings, endpoints: readonly EndpointFinding[]): boolean {
  const told = findings.of('node-addresses')[0]?.value
  return endpoints.some((endpoint) => {
    const external = provenExternal(endpoint)
    if (told === undefined || external === undefined) return false
    const isThere = (list: readonly NodeAddress[]) => list.some((one) => isAt(one, endpoint, external))
    return !isThere(told.announced) && isThere(told.configured ?? [])
  })
}

interface Missing {
  readonly announced: readonly NodeAddress[]
  readonly external: Endpoint
}

function missing(findings: Findings, endpoint: EndpointFinding): Missing | undefined {
  const told = findings.of('node-addresses')[0]?.value
  const external = provenExternal(endpoint)
  const isNodes = findings
    .of('node')[0]
    ?.value.ports.some((one) => one.port === endpoint.port && one.transport === endpoint.transport)
  if (told === undefined || external === undefined || isNodes !== true) return undefined
  const announced = told.announced.filter(
    ({ transport, isDirect, address }) =>
      isDirect && transport === endpoint.transport && (address === null || isForPeers(address, endpoint)),
  )
  // What it tells by name may lead anywhere, and where it tells nothing it tells nothing wrong.
  if (announced.length === 0 || announced.some(({ address }) => address === null)) return undefined
  const known = [...announced, ...(told.configured ?? [])]
  return known.some((one) => isAt(one, endpoint, external)) ? undefined : { announced, external }
}

/** Loopback is told to nobody outside. */
function isForPeers(address: string, { family }: EndpointFinding): boolean {
  return familyOf(address) === family && !['loopback', 'unspecified', 'link-local'].includes(scopeOf(address))
}

/** Where a dial from outside came in. */
function provenExternal({ reachable, dials }: EndpointFinding): Endpoint | undefined {
  if (reachable !== 'yes') return undefined
  return dials.find(({ judgement }) => judgement === 'in')?.dial.value.target ?? undefined
}

function isAt({ transport, address, port, isDirect }: NodeAddress, endpoint: EndpointFinding, external: Endpoint) {
  return isDirect && transport === endpoint.transport && address !== null && sameEndpoint({ address, port }, external)
}

function listed(endpoints: readonly Endpoint[]): string {
  return [...new Set(endpoints.map(formatEndpoint))].slice(0, MOST_NAMED).join(', ')
}

/** Another address of the Internet may lead here too, and another port may be forwarded as well. */
function dialThem(open: readonly Endpoint[]): Message {
  return message('settled-by.dial-announced', { address: listed(open) })
}
