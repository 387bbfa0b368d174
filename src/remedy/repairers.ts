import type { MapperProtocol } from '../gateway/port-mapper.ts'
import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import type { EndpointKey, Family } from '../model/endpoint.ts'
import type { AddressesFact } from '../model/evidence.ts'
import type { ChangeContent } from './change.ts'
import { type AcceptPlan, planAccepts } from './plan-accept.ts'
import { planForwarding } from './plan-forwarding.ts'
import type { RemedyId } from './remedy-ids.ts'
import { prescribeContext } from './site.ts'

/** What a remedy shall open. */
export interface Wanted {
  readonly diagnosis: Diagnosis
  /** All that were asked for, where it opens none but lets the node work. */
  readonly endpoints: readonly EndpointKey[]
}

type Repairer = (host: Host, wanted: Wanted) => Promise<readonly ChangeContent[]>

/** Asked for by `fix`; `watch` asks for less and renews. */
const LIFETIME_SECONDS = 86_400
const NONCE_BYTES = 12

/** How the remedies that can be automatic become changes; nothing where they cannot be, after all. */
export const REPAIRERS: Readonly<Partial<Record<RemedyId, Repairer>>> = {
  'allow-in-host-firewall': acceptRules,
  'allow-forwarding-in-host-firewall': acceptRules,
  'allow-outbound-in-host-firewall': acceptRules,
  'enable-ip-forwarding': forwardingSettings,
  'map-port-pcp': mapBy('pcp', 'ipv4'),
  'map-port-nat-pmp': mapBy('nat-pmp', 'ipv4'),
  'map-port-upnp': mapBy('igd2', 'ipv4'),
  'open-pinhole-pcp': mapBy('pcp', 'ipv6'),
  'open-pinhole-upnp': mapBy('igd2', 'ipv6'),
}

async function acceptRules(host: Host, wanted: Wanted): Promise<readonly ChangeContent[]> {
  const plans = await acceptPlans(host, wanted)
  return plans.flatMap(({ plan }) => (plan.kind === 'planned' ? plan.changes : []))
}

async function forwardingSettings(host: Host, wanted: Wanted): Promise<readonly ChangeContent[]> {
  const addresses = addressesOf(wanted)
  if (addresses === undefined) return []
  const needed = new Map<Family, Set<string>>()
  for (const { key, plan } of await acceptPlans(host, wanted)) {
    const entrance = addresses.addresses.find(({ address }) => address === addresses.source[key.family])?.interface
    if (plan.kind !== 'planned' || plan.out === null || entrance === undefined) continue
    const names = needed.get(key.family) ?? new Set()
    needed.set(key.family, names.add(entrance).add(plan.out))
  }
  const plans = await Promise.all([...needed].map(([family, names]) => planForwarding(host, family, [...names])))
  return plans.flatMap((plan) => (plan.kind === 'planned' ? plan.changes : []))
}

function acceptPlans(
  host: Host,
  wanted: Wanted,
): Promise<readonly { readonly key: EndpointKey; readonly plan: AcceptPlan }[]> {
  const addresses = addressesOf(wanted)
  if (addresses === undefined) return Promise.resolve([])
  const { evidence, obstacles } = wanted.diagnosis
  const vantages = evidence.flatMap((each) => (each.probe === 'vantage' ? (each.value.address ?? []) : []))
  const own = obstacles.some(({ id, endpoints }) => id === 'host-firewall-drops-outbound' && endpoints.length === 0)
  const requests = wanted.endpoints.map(({ transport, family, port }) => ({ key: { transport, family, port }, own }))
  return planAccepts(host, requests, addresses, vantages)
}

function addressesOf({ diagnosis }: Wanted): AddressesFact | undefined {
  return diagnosis.evidence.find((each) => each.probe === 'addresses')?.value
}

function mapBy(protocol: MapperProtocol, family: Family): Repairer {
  return async (host, { diagnosis, endpoints }) => {
    const { source, gateway } = prescribeContext(diagnosis.evidence)
    const [address, asked] = [source[family], gateway[family]]
    if (address === null || asked === null) return []
    return endpoints
      .filter((each) => each.family === family)
      .map(({ transport, port }) => ({
        kind: 'port-mapping',
        request: {
          protocol,
          gateway: asked,
          transport,
          internal: { address, port },
          suggestedPort: port,
          lifetimeSeconds: LIFETIME_SECONDS,
          nonce: [...host.random.bytes(NONCE_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        },
        mapping: null,
      }))
  }
}
