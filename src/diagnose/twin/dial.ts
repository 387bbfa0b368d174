import { familyOf } from '../../model/endpoint.ts'
import type { AddressId } from '../../sim/address-book.ts'
import { buildTopology } from '../../sim/build.ts'
import type { Machine } from '../../sim/machine.ts'
import { externalAddress, layOut } from '../../topology/layout.ts'
import { NODE, RELAY_PORT, type Scene, STRANGER } from './scene.ts'

/** Nothing that decides a fate here is drawn at random. */
const SEED = 1

const OWNER = { process: 'stranger', pid: 1 }
const HELLO = new TextEncoder().encode('hello')

/** Does a stranger, whom nobody there ever spoke to, get an answer of the node? Over UDP a datagram, over TCP a handshake. */
export function strangerGetsIn(scene: Scene): boolean {
  const { topology, endpoint, reach } = scene
  const layout = layOut(topology)
  const { world, machines } = buildTopology(topology, SEED)
  const [node, stranger] = [machines.get(NODE)!, machines.get(STRANGER)!]
  if (reach === 'relay') {
    const server = layout.hosts.get(STRANGER)!.find((each) => familyOf(each) === endpoint.family)!
    return isServed(scene) && dialTcp(node, { address: world.addresses.id(server), port: RELAY_PORT })
  }
  const external = externalAddress(topology, layout, NODE, endpoint.family)
  if (external === undefined) return false
  const to = { address: world.addresses.id(external), port: endpoint.port }
  return endpoint.transport === 'tcp' ? dialTcp(stranger, to) : dialUdp(stranger, to)
}

interface Target {
  readonly address: AddressId
  readonly port: number
}

function dialUdp(from: Machine, to: Target): boolean {
  const source = from.sourceTowards(to.address)
  let answered = false
  const onDatagram = () => {
    answered = true
  }
  const socket = from.udp.bind({ address: source, port: 0, owner: OWNER, onDatagram })!
  from.udp.send(socket, source, HELLO, to)
  from.world.exhaust()
  return answered
}

function dialTcp(from: Machine, to: Target): boolean {
  const local = from.sourceTowards(to.address)
  const connecting = { local, localPort: 0, remote: to.address, remotePort: to.port, owner: OWNER }
  const connection = from.tcp.connect(connecting)
  if (connection === 'in-use') return false
  let connected = false
  connection.onChange = () => {
    connected ||= connection.isOpen
  }
  connection.open()
  from.world.exhaust()
  return connected
}

/** A relay's connections end at the node's own socket, whatever address that listens on. */
function isServed({ topology, endpoint }: Scene): boolean {
  const { listeners } = topology.hosts.find(({ name }) => name === NODE)!
  return listeners.some(({ transport, port }) => transport === endpoint.transport && port === endpoint.port)
}
