import type { Host, Resolution } from '../host/host.ts'
import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import type { VantageFact } from '../model/evidence.ts'
import { parseAddress } from '../model/ip.ts'
import type { ServerSpec } from '../model/plan.ts'
import { attempt } from './attempt.ts'

/** A server under one of its addresses. `rank` is its place in the user's list. */
export interface Candidate {
  readonly name: string
  readonly address: Address
  readonly port: number
  readonly family: Family
  readonly origin: VantageFact['origin']
  readonly rank: number
}

export interface ResolvedServers {
  /** At most one per family and server, in the order of the list. */
  readonly candidates: readonly Candidate[]
  readonly notFound: readonly { readonly spec: ServerSpec; readonly outcome: Exclude<Resolution['outcome'], 'found'> }[]
}

const RESOLVE_TIMEOUT_MS = 3000

/** Looks all names up at the same time, at most 3 s. Literal addresses ask nobody. */
export async function resolveServers(
  host: Host,
  specs: readonly ServerSpec[],
  origin: VantageFact['origin'],
): Promise<ResolvedServers> {
  const resolutions = await Promise.all(specs.map(({ host: name }) => resolve(host, name)))
  const candidates = specs.flatMap(({ name, port }, rank) =>
    (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const resolution = resolutions[rank]!
      const addresses = resolution.outcome === 'found' ? resolution.addresses : []
      const address = addresses.find((candidate) => familyOf(candidate) === family)
      return address === undefined ? [] : [{ name, address, port, family, origin, rank }]
    }),
  )
  const notFound = specs.flatMap((spec, rank) => {
    const { outcome } = resolutions[rank]!
    return outcome === 'found' ? [] : [{ spec, outcome }]
  })
  return { candidates, notFound }
}

async function resolve(host: Host, name: string): Promise<Resolution> {
  const literal = parseAddress(name)
  if (literal !== undefined) return { outcome: 'found', addresses: [literal] }
  return attempt<Resolution, Resolution>(() => host.network.resolve(name, { timeoutMs: RESOLVE_TIMEOUT_MS }), {
    outcome: 'failed',
  })
}

/** Facts about servers whose name has no address. What the resolver did not answer says nothing about the name. */
export function unresolved({ notFound }: ResolvedServers, family: Family): readonly VantageFact[] {
  return notFound.map(({ spec, outcome }) => ({
    name: spec.name,
    family,
    address: null,
    port: spec.port,
    origin: 'user',
    kind: 'unknown',
    control: outcome === 'not-found' ? 'name-not-found' : 'not-asked',
    stun: 'not-asked',
    observed: null,
    local: null,
    rttMs: null,
    dialSources: [],
    canGrant: false,
  }))
}
