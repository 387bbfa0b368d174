import type { Address, Endpoint } from '../model/endpoint.ts'
import type { ListenersFact } from '../model/evidence.ts'
import type { DialRequest } from '../vantage/vantage.ts'

/** Where a dial may come from. `clean`: this host has never sent anything there, as far as its memory goes. */
export interface DialSource {
  readonly from: DialRequest['from']
  readonly address: Address
  readonly clean: boolean
  /** Name of the vantage whose address it is. */
  readonly vantage: string
}

export interface DialSourceQuestion {
  /** The vantage that we speak to. `mappingAddress` is where the mapping test will go later. */
  readonly contacted: {
    readonly name: string
    readonly address: Address
    readonly dialSources: readonly Address[]
    readonly canGrant: boolean
    readonly mappingAddress: Address | null
  }
  /** Vantages of the same family that nothing was sent to in this run. */
  readonly others: readonly (Endpoint & { readonly name: string })[]
  readonly isClean: (address: Address) => boolean
}

export interface DialSources {
  /** Best first: the next is taken when no dial came about. Never empty. */
  readonly main: readonly DialSource[]
  /** A second dial of the same endpoints from each of these, so that vantages can disagree. */
  readonly further: readonly DialSource[]
}

/** Sources tried before the last resort: a vantage that fails twice will fail again. */
const MAX_TRIED = 2
/** More would take the time of many dials and tell nothing new. */
const MAX_FURTHER = 2

/**
 * From where the endpoints shall be dialled. An address that this host never spoke to comes first, of those one that
 * the mapping test leaves alone, so that it stays clean for the next run. The contacted address is the last resort.
 */
export function chooseDialSources({ contacted, others, isClean }: DialSourceQuestion): DialSources {
  const own = contacted.dialSources
    .filter((address) => address !== contacted.address)
    .map((address) => ({ from: { source: address }, address, clean: isClean(address), vantage: contacted.name }))
  const granted = (contacted.canGrant ? others : []).map(({ name, address, port }) => ({
    from: { vantage: { address, port } },
    address,
    clean: isClean(address),
    vantage: name,
  }))
  const lastResort: DialSource = {
    from: { source: contacted.address },
    address: contacted.address,
    clean: false,
    vantage: contacted.name,
  }

  const spared = ({ address }: DialSource) => address !== contacted.mappingAddress
  const cleanOwn = own.filter(({ clean }) => clean)
  const ranked: readonly DialSource[] = [
    ...cleanOwn.filter(spared),
    ...cleanOwn.filter((source) => !spared(source)),
    ...granted.filter(({ clean }) => clean),
    ...own.filter(({ clean }) => !clean),
  ]
  const main = [...ranked.slice(0, MAX_TRIED), lastResort]
  return { main, further: granted.filter((source) => source !== main[0]).slice(0, MAX_FURTHER) }
}

/**
 * Who shall hold an endpoint's port while it is dialled. `hold`: nobody is there to answer on the outer address, so we
 * do. What a container holds, or a rule takes elsewhere, is left to whom it goes.
 */
export function chooseHolder({ state, redirected }: Pick<ListenersFact, 'state' | 'redirected'>): 'node' | 'hold' {
  if (redirected === 'yes' || state === 'listening' || state === 'elsewhere-only') return 'node'
  return 'hold'
}
