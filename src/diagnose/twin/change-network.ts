import type { EndpointKey } from '../../model/endpoint.ts'
import { wayOut } from '../../topology/layout.ts'
import type { Box, Filter, Forward, HostSpec } from '../../topology/topology.ts'
import { NODE, type Scene } from './scene.ts'

// Parts of a scene's network, replaced by others.

export function withNode(scene: Scene, change: (node: HostSpec) => HostSpec): Scene {
  const hosts = scene.topology.hosts.map((host) => (host.name === NODE ? change(host) : host))
  return { ...scene, topology: { ...scene.topology, hosts } }
}

export function withFirewall(scene: Scene, change: (text: string) => string): Scene {
  return withNode(scene, (node) => {
    const { firewall } = node
    return { ...node, firewall: firewall && { ...firewall, text: change(firewall.text) } }
  })
}

export function withBox(scene: Scene, name: string, change: (box: Box) => Box): Scene {
  const boxes = scene.topology.boxes.map((box) => (box.name === name ? change(box) : box))
  return { ...scene, topology: { ...scene.topology, boxes } }
}

export function withFilters(scene: Scene, change: (filter: Filter) => readonly Filter[]): Scene {
  const boxes = scene.topology.boxes.map((box) => ({ ...box, filters: box.filters.flatMap(change) }))
  return { ...scene, topology: { ...scene.topology, boxes } }
}

/** The name of whom a box has next on its inside, towards the node. */
export function inwardsOf({ topology }: Scene, box: Box): string {
  const way = wayOut(topology, NODE)
  return way[way.findIndex(({ name }) => name === box.name) - 1]?.name ?? NODE
}

/** A box takes each port of a transport to one place. */
export function forwarded(scene: Scene, box: Box): Box {
  const { transport, port } = scene.endpoint
  const rest = box.forwards.map((each) => {
    return each.port === port ? { ...each, transports: each.transports.filter((one) => one !== transport) } : each
  })
  const added: Forward = { transports: [transport], port, to: { name: inwardsOf(scene, box), port } }
  return { ...box, forwards: [...rest, added] }
}

/** Takes a box away: whoever was next inside gets its place outside, and its address there. */
export function withoutBox(scene: Scene, name: string): Scene {
  const { topology } = scene
  const gone = topology.boxes.find((box) => box.name === name)
  if (gone === undefined) return scene
  const moved = { network: gone.outside, addresses: gone.addresses }
  const boxes = topology.boxes
    .filter((box) => box !== gone)
    .map((box) => misses(box, name))
    .map((box) => (box.outside === gone.inside ? { ...box, outside: moved.network, addresses: moved.addresses } : box))
  // Others on that network are nobody's concern: they would need an address of their own out there.
  const hosts = topology.hosts
    .filter((host) => host.network !== gone.inside || host.name === NODE)
    .map((host) => (host.network === gone.inside ? { ...host, ...moved } : host))
  const networks = topology.networks.filter((each) => each.name !== gone.inside)
  return { ...scene, topology: { ...topology, networks, hosts, boxes } }
}

/** What was forwarded to a box that is gone goes nowhere: whoever took its place has another address inside. */
function misses(box: Box, gone: string): Box {
  return { ...box, forwards: box.forwards.filter(({ to }) => to.name !== gone), dmz: box.dmz === gone ? null : box.dmz }
}

/** What is left of a filter that spares an endpoint; answers go to ports that nobody can name, so all of them are spared. */
export function lifted(filter: Filter, { transport, port }: EndpointKey): readonly Filter[] {
  const { transports, ports, direction } = filter
  const of = transports === 'any' ? (['udp', 'tcp'] as const) : transports
  if (!of.includes(transport)) return [filter]
  const others = of.filter((each) => each !== transport)
  const kept = others.length === 0 ? [] : [{ ...filter, transports: others }]
  return direction === 'out' ? kept : [...kept, { ...filter, transports: [transport], ports: without(ports, port) }]
}

function without(ports: Filter['ports'], port: number): Filter['ports'] {
  if (ports === 'any') return { except: [port] }
  return 'only' in ports ? { only: ports.only.filter((each) => each !== port) } : { except: [...ports.except, port] }
}
