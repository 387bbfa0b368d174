import type { PortSpec } from './endpoint.ts'
import type { Evidence } from './evidence.ts'

/** `name` is what the user typed; `host` a name or an address without brackets. */
export interface ServerSpec {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** What to find out: the ports asked for and the servers that may be spoken to. Pure data, made from flags and settings. */
export interface ObservePlan {
  /** Empty: those of the node that is found here. */
  readonly ports: readonly PortSpec[]
  readonly vantages: readonly ServerSpec[]
  /** Asked where no vantage is given, and to tell a dead vantage from a dead access line. RFC 5780 capable ones first. */
  readonly publicStunServers: readonly ServerSpec[]
  /** Are the questions asked too that take minutes? */
  readonly deep?: boolean
  /** Folder for what must outlive a run (contacted addresses); null when there is none that can be written. */
  readonly stateFolder: string | null
  /** Such folders of other users of this host. */
  readonly otherStateFolders?: readonly string[]
  /** IPv4 ports that a router forwards from another port of its own, by mappings that peerway made. */
  readonly externalPorts?: readonly ExternalPort[]
  /**
   * Speak to the vantages that are needed, and leave their other addresses alone, so that strangers can still dial from
   * there after a repair. What would ask those is left for a run with `earlier`.
   */
  readonly sparing?: boolean
  /** What was seen moments ago. Where that run was sparing it is completed, and asked again where it may have changed. */
  readonly earlier?: EarlierRun
  /** Dials of a run of moments ago by which strangers were seen to get in, after which nothing was taken away again. */
  readonly proofs?: readonly Evidence[]
}

export interface EarlierRun {
  readonly evidence: readonly Evidence[]
  /** Has a repair changed something since? Then the endpoints are dialled again. */
  readonly isChanged: boolean
}

/** Strangers dial `externalPort` for what listens on `port`. */
export interface ExternalPort extends PortSpec {
  readonly externalPort: number
}

/**
 * What a run is doing, for a progress line. `step` is the probe's name, or `change` or `take-back` of a repair; `state` when it starts and ends, and, where it
 * takes long, how long it will at most still take.
 */
export type Progress =
  | { readonly step: string; readonly state: 'started' | 'finished' }
  | { readonly step: string; readonly state: 'running'; readonly leftSeconds: number }
