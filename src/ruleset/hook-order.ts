import type { CompiledBase, CompiledRuleset } from './compile.ts'
import type { Hook, TableFamily } from './ruleset.ts'

/** What happens at one hook, in order: chains of rules, and between them the kernel's own tracking and translation. */
export type Station =
  | { readonly kind: 'chain'; readonly base: CompiledBase }
  | { readonly kind: 'tracking' }
  /** All chains of type nat together: they run at the kernel's priority, whatever their own is, until one translates. */
  | { readonly kind: 'translation'; readonly bases: readonly CompiledBase[] }

export type Layer = 'ipv4' | 'ipv6' | 'bridge' | 'device'

const FAMILIES: Readonly<Record<Layer, readonly TableFamily[]>> = {
  ipv4: ['ip', 'inet'],
  ipv6: ['ip6', 'inet'],
  bridge: ['bridge'],
  device: ['netdev', 'inet'],
}

/** Kernel priorities: netfilter_ipv4.h. */
const TRACKING = -200
const TRANSLATION: Readonly<Partial<Record<Hook, number>>> = {
  prerouting: -100,
  input: 100,
  output: -100,
  postrouting: 100,
}

const orders = new WeakMap<CompiledRuleset, Map<string, Stations>>()

export interface Stations {
  readonly list: readonly Station[]
  /**
   * Another order that is as likely, or null: chains of one priority run in the order in which they were registered,
   * which is not told when one of them is nft's and the other of the older tables.
   */
  readonly other: readonly Station[] | null
}

/** The stations of a hook; worked out once for each rule set. */
export function stationsOf(rules: CompiledRuleset, layer: Layer, hook: Hook): Stations {
  const known = orders.get(rules) ?? new Map<string, Stations>()
  orders.set(rules, known)
  const key = `${layer} ${hook}`
  const stations = known.get(key) ?? bothOrders(rules, layer, hook)
  known.set(key, stations)
  return stations
}

function bothOrders(rules: CompiledRuleset, layer: Layer, hook: Hook): Stations {
  const here = rules.bases.filter(({ base, table }) => base.hook === hook && FAMILIES[layer].includes(table.family))
  const legacy = new Set(here.filter(isLegacy).map(({ base }) => base.priority))
  const isTie = here.some((one) => !isLegacy(one) && legacy.has(one.base.priority))
  const sorted = (place: typeof registeredFirst) =>
    sortStations(
      here.map((one) => place(one, rules)),
      layer,
      hook,
    )
  return { list: sorted(registeredLast), other: isTie ? sorted(registeredFirst) : null }
}

function isLegacy({ table }: CompiledBase): boolean {
  return table.backend === 'legacy'
}

/** As if nft's chains had been registered before all others; the youngest chain runs first. */
function registeredFirst(one: CompiledBase, rules: CompiledRuleset): CompiledBase {
  return isLegacy(one) ? one : { ...one, order: one.order - rules.bases.length }
}

/** As if they had been registered after all others. */
function registeredLast(one: CompiledBase, rules: CompiledRuleset): CompiledBase {
  return isLegacy(one) ? one : { ...one, order: one.order + rules.bases.length }
}

interface Placed {
  readonly station: Station
  readonly priority: number
  /** Of equal priorities the kernel runs the one that was registered last. */
  readonly order: number
}

function sortStations(here: readonly CompiledBase[], layer: Layer, hook: Hook): readonly Station[] {
  const isIp = layer === 'ipv4' || layer === 'ipv6'
  const nat = here.filter(({ base }) => isIp && base.type === 'nat').sort(runsBefore)
  const placed: Placed[] = here
    .filter((one) => !nat.includes(one))
    .map((base) => ({ station: { kind: 'chain', base }, priority: base.base.priority, order: base.order }))
  if (isIp && (hook === 'prerouting' || hook === 'output')) {
    placed.push({ station: { kind: 'tracking' }, priority: TRACKING, order: Number.NEGATIVE_INFINITY })
  }
  const priority = TRANSLATION[hook]
  if (isIp && priority !== undefined) {
    const order = nat.reduce((least, one) => Math.min(least, one.order), Number.POSITIVE_INFINITY)
    placed.push({ station: { kind: 'translation', bases: nat }, priority, order })
  }
  return placed.sort((a, b) => a.priority - b.priority || b.order - a.order).map(({ station }) => station)
}

function runsBefore(a: CompiledBase, b: CompiledBase): number {
  return a.base.priority - b.base.priority || b.order - a.order
}
