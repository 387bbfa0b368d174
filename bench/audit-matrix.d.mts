import type { Topology } from '../src/topology/topology.ts'

export const KINDS: readonly { readonly kind: string; readonly file: string; readonly reachable: boolean }[]

export interface Series {
  readonly delayMs: number
  readonly lossPercent: number
  readonly autoNat: string | null
}

export const SERIES: readonly Series[]

export function onTheWay(topology: Topology, series: Series): Topology
