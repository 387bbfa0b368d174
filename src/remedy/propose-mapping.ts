import type { MapperProtocol } from '../gateway/port-mapper.ts'
import type { Host } from '../host/host.ts'
import type { EndpointName, Family, Transport } from '../model/endpoint.ts'
import { hex } from '../wire/bytes.ts'
import type { PortMappingChange } from './change.ts'
import type { RemedyId } from './remedy-ids.ts'
import type { PrescribeContext } from './site.ts'

/** Which protocol a remedy asks a router by. UPnP is one conversation, in which the router says its version itself. */
const PROTOCOLS: ReadonlyMap<RemedyId, MapperProtocol> = new Map([
  ['map-port-pcp', 'pcp'],
  ['map-port-nat-pmp', 'nat-pmp'],
  ['map-port-upnp', 'igd2'],
  ['open-pinhole-pcp', 'pcp'],
  ['open-pinhole-upnp', 'igd2'],
])

/** `fix` asks for a day; `watch` asks for less, and renews. */
const LIFETIME_SECONDS = 86_400
const NONCE_BYTES = 12

/**
 * The mapping of one endpoint that a remedy asks the router for; undefined for a remedy that asks no router, and where this
 * host or the router has no address of the family.
 */
export function proposeMapping(
  host: Host,
  remedy: RemedyId,
  endpoint: EndpointName,
  { source, gateway }: PrescribeContext,
  lifetimeSeconds: number = LIFETIME_SECONDS,
): PortMappingChange | undefined {
  const protocol = PROTOCOLS.get(remedy)
  const [transport, family, port] = endpoint.split('/') as [Transport, Family, string]
  const [address, asked] = [source[family], gateway[family]]
  if (protocol === undefined || address === null || asked === null) return undefined
  return {
    kind: 'port-mapping',
    request: {
      protocol,
      gateway: asked,
      transport,
      internal: { address, port: Number(port) },
      suggestedPort: Number(port),
      lifetimeSeconds,
      nonce: hex(host.random.bytes(NONCE_BYTES)),
    },
    mapping: null,
  }
}

/** The remedies that ask a router to open a port. */
export const ROUTER_REMEDIES: readonly RemedyId[] = [...PROTOCOLS.keys()]

export function asksRouter(remedy: RemedyId): boolean {
  return PROTOCOLS.has(remedy)
}
