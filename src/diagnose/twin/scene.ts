import type { EndpointKey } from '../../model/endpoint.ts'
import type { Topology } from '../../topology/topology.ts'

/** A network with a host called `node` in it, and what a stranger there dials. */
export interface Scene {
  readonly topology: Topology
  readonly endpoint: EndpointKey
  /** `relay`: strangers dial a server out there, and the node holds a connection to it. */
  readonly reach: 'direct' | 'relay'
}

export const NODE = 'node'
export const STRANGER = 'stranger'
export const PROVIDER = 'provider'

/** Where a server on the Internet waits for nodes whose connections it shall take in. */
export const RELAY_PORT = 443
