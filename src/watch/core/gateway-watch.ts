import type { Address } from '../../model/endpoint.ts'
import { judgeNatPmpEpoch } from '../../wire/nat-pmp/epoch.ts'
import { type EpochSeen, judgeEpoch } from '../../wire/pcp/epoch.ts'
import { type Happening, happening } from './happening.ts'
import type { Lease, Now } from './lease.ts'
import type { GatewaySaid } from './watcher-io.ts'

interface Known {
  epoch: EpochSeen | null
  external: Address | null
  failures: number
}

export interface GatewayNews {
  readonly told: readonly Happening[]
  /** It has lost all that it was asked for. */
  readonly hasForgotten: boolean
  /** Its address outside is another one. */
  readonly hasMoved: boolean
}

/** Silent for so many questions. */
const SILENT_AFTER = 3

/** What routers that hold mappings of ours told of themselves, by grantor: silence, lost memory, another address. */
export class GatewayWatch {
  readonly #known = new Map<string, Known>()

  /** Have all of them been silent for long? Then they are asked less often. */
  get isHopeless(): boolean {
    return [...this.#known.values()].every(({ failures }) => failures > 10 * SILENT_AFTER)
  }

  /** `leases`: what it granted, for what its epoch was then. */
  said(said: GatewaySaid, leases: readonly Lease[], now: Now): GatewayNews {
    const { grantor, outcome, epochSeconds, externalAddress, missing } = said
    const known = this.#known.get(grantor) ?? { epoch: null, external: null, failures: 0 }
    this.#known.set(grantor, known)
    const address = grantor.split(' ')[0]!
    const told: Happening[] = []
    if (outcome === 'silent') {
      known.failures++
      if (known.failures === SILENT_AFTER) told.push(happening('router-silent', { address }))
      return { told, hasForgotten: false, hasMoved: false }
    }
    if (known.failures >= SILENT_AFTER) told.push(happening('router-back', { address }))
    known.failures = 0
    const epoch = epochSeconds === null ? null : { epochSeconds, atMs: now.ms }
    const hasForgotten = epoch !== null && hasLostState(grantor, known.epoch, epoch, leases, now)
    known.epoch = epoch
    if (hasForgotten || missing.length > 0) told.push(happening('router-forgot', { address }))
    const before = known.external
    if (externalAddress !== null) known.external = externalAddress
    const hasMoved = before !== null && externalAddress !== null && before !== externalAddress
    if (hasMoved) told.push(happening('outside-address-changed', { from: before, external: externalAddress }))
    return { told, hasForgotten, hasMoved }
  }

  /** Others than `grantors` hold nothing of ours any more. */
  keepOnly(grantors: ReadonlySet<string>): void {
    for (const grantor of this.#known.keys()) if (!grantors.has(grantor)) this.#known.delete(grantor)
  }

  forgetEpochs(): void {
    for (const known of this.#known.values()) known.epoch = null
  }

  /** A server outside has seen that the address changed. True where a router has told it already. */
  noteMoved(from: Address, to: Address): boolean {
    const isTold = [...this.#known.values()].some(({ external }) => external === to)
    for (const known of this.#known.values()) if (known.external === from) known.external = to
    return isTold
  }
}

function hasLostState(
  grantor: string,
  before: EpochSeen | null,
  epoch: EpochSeen,
  leases: readonly Lease[],
  now: Now,
): boolean {
  if (before !== null && grantor.endsWith(' pcp')) return judgeEpoch(before, epoch) === 'lost-state'
  if (before !== null) return judgeNatPmpEpoch(before, epoch) === 'lost-state'
  // Never asked before: what it told with its grants tells, by slowness alone, for their time is the wall clock's.
  return leases.some((lease) => {
    if (lease.grantor !== grantor) return false
    const atMs = now.ms - Math.max(0, now.wallMs - lease.grantedAtMs)
    return judgeNatPmpEpoch({ epochSeconds: lease.epochSeconds ?? 0, atMs }, epoch) === 'lost-state'
  })
}
