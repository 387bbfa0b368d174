import type { StageState } from '../model/diagnosis.ts'
import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import type { Container } from '../model/evidence.ts'
import { type MessageParams, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import type { EndpointFinding } from './judge-endpoint.ts'

/** A container that listens, and to which nothing on this host takes strangers. */
export function containerClaims(endpoints: readonly EndpointFinding[]): readonly Claim[] {
  return endpoints.flatMap((endpoint): readonly Claim[] => {
    const { container: part, evidence, redirected } = endpoint
    if (part === undefined) return unpublishedGuest(endpoint)
    if (part.role !== 'unpublished') return []
    const published = publishedParams(endpoint)
    const claim: Claim = {
      id: 'port-not-published',
      subject: [part.container.id, ...Object.entries(published).flat()].join(' '),
      endpoints: [endpoint],
      evidence,
      params: { ...containerParams(part.container), ...published },
    }
    return [redirected === 'no' ? claim : { ...claim, settledBy: message('settled-by.run-as-root') }]
  })
}

/** No engine told of it; but its namespace goes out through this host, and no rule of this host takes the port there. */
function unpublishedGuest(endpoint: EndpointFinding): readonly Claim[] {
  const { listeners, process, evidence } = endpoint
  if (process !== 'unpublished') return []
  const guest = listeners?.value.sockets.find(({ isGuest }) => isGuest === true)
  const params = guest?.namespace == null ? {} : { container: guest.namespace }
  return [{ id: 'port-not-published', endpoints: [endpoint], evidence, params }]
}

/** What messages and remedies tell of a container. */
function containerParams({ name, image, engine, compose, networkMode }: Container): MessageParams {
  return {
    container: name,
    image,
    engine,
    network: networkMode,
    ...(compose === null ? {} : { service: compose.service }),
    ...(compose?.file == null ? {} : { file: compose.file }),
  }
}

/** How the port is published after all, where that is of no use to strangers. */
function publishedParams({ port, family, container }: EndpointFinding): MessageParams {
  if (container?.role !== 'unpublished' || container.published === undefined) return {}
  const { address, hostPort } = container.published
  if (hostPort !== port) return { published: hostPort }
  return address === (family === 'ipv4' ? '0.0.0.0' : '::') ? { ineffective: 1 } : { only: address }
}

/** The container on the way of these endpoints, if there is one. What is proven to block is known already. */
export function containerState(endpoints: readonly EndpointFinding[]): { state: StageState; address: Address | null } {
  const parts = endpoints.flatMap(({ container }) => container ?? [])
  const addresses = new Set(parts.flatMap(({ container }) => addressOf(container, endpoints[0]!.family) ?? []))
  const address = addresses.size === 1 ? [...addresses][0]! : null
  const isServed = ({ container, wayIn, process }: EndpointFinding) =>
    container === undefined || (container.role === 'serves' && wayIn === 'yes' && process === 'listening')
  const elsewhere = endpoints.some(
    ({ container, listeners }) => container === undefined && listeners?.value.state === 'elsewhere-only',
  )
  if (elsewhere) return { state: 'unknown', address }
  if (parts.length === 0) return { state: 'absent', address: null }
  return { state: endpoints.every(isServed) ? 'pass' : 'unknown', address }
}

function addressOf({ networks }: Container, family: Family): Address | undefined {
  return networks.flatMap(({ addresses }) => addresses).find((address) => familyOf(address) === family)
}
