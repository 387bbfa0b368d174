import type { Transport } from '../../model/endpoint.ts'
import type { ListenerBehavior } from '../../topology/topology.ts'
import { type AddressId, ANY } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import type { Packet } from '../packet.ts'
import type { TcpEndpoint } from '../stack/tcp-endpoint.ts'
import type { Owner, UdpBinding } from '../stack/udp-stack.ts'
import { answerToProposal, greetingFor, MULTISTREAM_HEADER } from './greeting.ts'
import { noSuchName } from './no-such-name.ts'

export interface Listener {
  readonly transport: Transport
  /** `ANY` for every address of both families. */
  readonly address: AddressId
  readonly port: number
  readonly behavior: ListenerBehavior
  readonly contacts: readonly { readonly address: AddressId; readonly port: number }[]
}

const OWNER: Owner = { process: 'node', pid: 1000 }
const CONTACT_MS = 5000

const ANSWERS: Readonly<Record<ListenerBehavior, (datagram: Uint8Array) => Uint8Array | undefined>> = {
  echo: (datagram) => datagram,
  greet: greetingFor,
  silent: () => undefined,
  nxdomain: noSuchName,
}

/** A program of a topology that holds a port. RangeError when somebody else holds it. */
export function holdListener(machine: Machine, listener: Listener): void {
  const held = listener.transport === 'tcp' ? holdTcp(machine, listener) : holdUdp(machine, listener)
  if (!held) throw new RangeError(`${machine.name} has two listeners on ${listener.transport} port ${listener.port}`)
}

function holdUdp(machine: Machine, { address, port, behavior, contacts }: Listener): boolean {
  const onDatagram = ({ payload, source, sourcePort, destination }: Packet) => {
    // Two that answer each other would never end.
    if (contacts.some((peer) => peer.address === source && peer.port === sourcePort)) return
    const answer = ANSWERS[behavior](payload)
    if (answer !== undefined) machine.udp.send(binding!, destination, answer, { address: source, port: sourcePort })
  }
  const binding = machine.udp.bind({ address, port, onDatagram, owner: OWNER })
  if (binding !== undefined) contact(machine, binding, contacts)
  return binding !== undefined
}

/** Says hello to its peers at once and every 5 s, as a node that has peers does. */
function contact(machine: Machine, binding: UdpBinding, peers: Listener['contacts']): void {
  for (const peer of peers) {
    const source = binding.address === ANY ? machine.sourceTowards(peer.address) : binding.address
    machine.udp.send(binding, source, new TextEncoder().encode('hello'), peer)
  }
  if (peers.length > 0) machine.world.timer(CONTACT_MS, () => contact(machine, binding, peers))
}

function holdTcp(machine: Machine, { address, port, behavior }: Listener): boolean {
  const listening = machine.tcp.listen({
    address,
    families: ['ipv4', 'ipv6'],
    port,
    owner: OWNER,
    onConnection: (endpoint) => {
      if (behavior === 'greet') endpoint.write(MULTISTREAM_HEADER)
      serve(endpoint, (data) => {
        if (behavior === 'echo') endpoint.write(data.subarray(0, endpoint.room))
        const answer = behavior === 'greet' ? answerToProposal(data) : undefined
        if (answer !== undefined && answer.length > 0) endpoint.write(answer)
        if (behavior === 'greet' && answer === undefined) endpoint.close()
      })
    },
  })
  return listening !== undefined
}

/** Reads whatever comes, and ends its side when the peer has. */
export function serve(endpoint: TcpEndpoint, onData: (data: Uint8Array) => void): void {
  const pump = () => {
    while (endpoint.readable > 0) onData(endpoint.read())
    if (endpoint.peerEnded) endpoint.close()
  }
  endpoint.onChange = pump
  pump()
}
