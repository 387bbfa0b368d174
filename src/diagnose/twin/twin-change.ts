import type { ListenerSpec } from '../../topology/topology.ts'
import { listener } from './build-scene.ts'
import {
  forwarded,
  inwardsOf,
  lifted,
  withBox,
  withFilters,
  withFirewall,
  withNode,
  withoutBox,
} from './change-network.ts'
import { withAccept, withForwarding } from './host-firewall.ts'
import type { Scene } from './scene.ts'

/** One change of a network, for the endpoint that is asked about. `box` is a box's name in the twin, as `router1`. */
export type TwinChange =
  /** A program listens on the port, on every address; a guest's port is published. */
  | { readonly kind: 'listen' }
  /** A rule of the host lets strangers in, or its answers out. */
  | { readonly kind: 'accept-on-host'; readonly direction: 'in' | 'out' }
  | { readonly kind: 'switch-forwarding-on' }
  /** The port is forwarded inwards, to the same port; what was forwarded otherwise no longer is. */
  | { readonly kind: 'forward'; readonly box: string }
  | { readonly kind: 'set-dmz'; readonly box: string }
  /** A box that only filters lets strangers in. */
  | { readonly kind: 'open-filter'; readonly box: string }
  /** Bridge mode, or a public address instead of a carrier's: whoever is next inside takes the box's place. */
  | { readonly kind: 'take-away'; readonly box: string }
  /** Providers no longer stop what goes to the port, or answers. */
  | { readonly kind: 'lift-filter'; readonly direction: 'in' | 'out' }
  | { readonly kind: 'mend-line' }
  /** The node moves to a port that no filter names. */
  | { readonly kind: 'use-another-port' }
  | { readonly kind: 'use-tcp' }
  /** As over IPv6: nobody translates, and the customer's boxes let strangers in. */
  | { readonly kind: 'translate-nowhere' }
  /** Strangers dial a server out there instead, and the node connects to it. */
  | { readonly kind: 'use-relay' }

type Kind = TwinChange['kind']
type ChangeOf<K extends Kind> = Extract<TwinChange, { readonly kind: K }>

/** The same scene with the change made. A change of what is not there changes nothing. */
export function applyChange(scene: Scene, change: TwinChange): Scene {
  const apply = CHANGES[change.kind] as (scene: Scene, change: TwinChange) => Scene
  return apply(scene, change)
}

/** Does it lead by another port, transport or family, or by somebody else's server? Of these nothing was measured. */
export function leavesTheMeasured({ kind }: TwinChange): boolean {
  return ['use-another-port', 'use-tcp', 'translate-nowhere', 'use-relay'].includes(kind)
}

const OTHER_PORTS = [40_001, 40_002] as const

const CHANGES: { readonly [K in Kind]: (scene: Scene, change: ChangeOf<K>) => Scene } = {
  listen: (scene) =>
    withNode(scene, (node) => {
      const isThere = ({ transport, port }: ListenerSpec) =>
        transport === scene.endpoint.transport && port === scene.endpoint.port
      if (node.listeners.some((each) => isThere(each) && each.address === 'any')) return node
      const others = node.listeners.filter((each) => !isThere(each))
      return { ...node, listeners: [...others, listener(scene.endpoint, 'any')] }
    }),
  'accept-on-host': (scene, { direction }) =>
    withFirewall(scene, (text) => withAccept(text, scene.endpoint, direction)),
  'switch-forwarding-on': (scene) => withFirewall(scene, withForwarding),
  forward: (scene, { box }) => withBox(scene, box, (each) => (each.nat === null ? each : forwarded(scene, each))),
  'set-dmz': (scene, { box }) =>
    withBox(scene, box, (each) => (each.nat === null ? each : { ...each, dmz: inwardsOf(scene, each) })),
  'open-filter': (scene, { box }) => withBox(scene, box, (each) => ({ ...each, firewall: 'open' })),
  'take-away': (scene, { box }) => withoutBox(scene, box),
  'lift-filter': (scene, { direction }) =>
    withFilters(scene, (filter) => (filter.direction === direction ? lifted(filter, scene.endpoint) : [filter])),
  'mend-line': (scene) => withFilters(scene, (filter) => (filter.transports === 'any' ? [] : [filter])),
  'use-another-port': (scene) => {
    const port = OTHER_PORTS.find((each) => each !== scene.endpoint.port)!
    return applyChange({ ...scene, endpoint: { ...scene.endpoint, port } }, { kind: 'listen' })
  },
  'use-tcp': (scene) =>
    applyChange({ ...scene, endpoint: { ...scene.endpoint, transport: 'tcp' } }, { kind: 'listen' }),
  'translate-nowhere': (scene) => {
    const boxes = scene.topology.boxes.map((box) => ({ ...box, nat: null, firewall: 'open' as const }))
    return { ...scene, topology: { ...scene.topology, boxes } }
  },
  'use-relay': (scene) => ({ ...scene, reach: 'relay' }),
}
