import type { Address, EndpointKey, Family } from '../../model/endpoint.ts'
import type { Connection, Packet } from '../../ruleset/packet.ts'

/** Somebody outside, and the port that he speaks from. */
export interface Stranger {
  readonly address: Address
  readonly port: number
}

/** Addresses of several continents' providers, for rules may let in some countries alone. Nothing is ever sent to them. */
const AFAR: Readonly<Record<Family, readonly Address[]>> = {
  ipv4: ['73.158.64.15', '91.64.33.201', '126.113.7.90', '177.32.81.4', '41.185.20.77'],
  ipv6: ['2601:640:8000:1::15', '2a02:8109:9a80::201', '240d:1a:7:90::1', '2804:14c:81::4', '2c0f:f4c0:20::77'],
}

/** Ports at which peers listen, beside the one that this node listens on. */
const PEER_PORTS = [30_303, 51_413]

const EPHEMERAL_PORTS = [50_321, 33_017, 61_004]

const [TCP, UDP] = [6, 17]
const [SYN, ACK] = [2, 16]

/** Strangers as different as can be: some dial from the port that they listen on, as UDP nodes do. */
export function strangersFor({ family, port }: EndpointKey): readonly Stranger[] {
  const ports = [...EPHEMERAL_PORTS, port]
  return AFAR[family].map((address, index) => ({ address, port: ports[index % ports.length]! }))
}

/** A vantage dials from a port that its kernel chose. */
export function diallerAt(address: Address): Stranger {
  return { address, port: EPHEMERAL_PORTS[0]! }
}

export interface Entrance {
  /** This host's address towards the Internet, and its interface. */
  readonly address: Address
  readonly interface: string
}

/** A stranger's first packet to this endpoint. */
export function firstPacket(key: EndpointKey, entrance: Entrance, stranger: Stranger): Packet {
  return {
    ...common(key),
    source: stranger.address,
    sourcePort: stranger.port,
    destination: entrance.address,
    destinationPort: key.port,
    ...flags(key, SYN),
    inInterface: entrance.interface,
    packetType: 'host',
    ttl: 48,
  }
}

/**
 * The answer to a first packet, which routing saw as `routed` (its destination may be translated by then): from this
 * host itself, or from a guest on interface `guest`. What is rewritten is rewritten back on the way.
 */
export function answerPacket(
  key: EndpointKey,
  { address, interface: towards }: Entrance,
  routed: Packet,
  guest: string | null,
): { readonly packet: Packet; readonly connection: Connection } {
  const { destination, destinationPort, source, sourcePort } = routed
  const isTranslated = destination !== address || destinationPort !== key.port
  const ports = sourcePort === undefined ? {} : { sourcePort }
  const packet: Packet = {
    ...common(key),
    source: destination,
    destination: source,
    ...(destinationPort === undefined ? {} : { sourcePort: destinationPort }),
    ...(sourcePort === undefined ? {} : { destinationPort: sourcePort }),
    ...flags(key, SYN | ACK),
    inInterface: guest,
    ...(guest === null ? { outInterface: towards } : {}),
    ttl: 64,
  }
  const connection: Connection = {
    state: 'established',
    direction: 'reply',
    sourceTranslated: false,
    destinationTranslated: isTranslated,
    original: { source, destination: address, destinationPort: key.port, ...ports },
    ...(isTranslated ? { rewrite: { source: { address, port: key.port } } } : {}),
  }
  return { packet, connection }
}

/** First packets of this node to a peer, at ports where peers listen. */
export function ownPackets(key: EndpointKey, entrance: Entrance, stranger: Stranger): readonly Packet[] {
  const sourcePort = key.transport === 'udp' ? key.port : EPHEMERAL_PORTS[0]!
  return [key.port, ...PEER_PORTS].map((port) => ({
    ...ownPacket({ ...key, port }, entrance, stranger.address),
    sourcePort,
  }))
}

/** A first packet of this host to `server`, from a port that its kernel chose; `key.port` is the server's. */
export function ownPacket(key: EndpointKey, entrance: Entrance, server: Address): Packet {
  return {
    ...common(key),
    source: entrance.address,
    sourcePort: EPHEMERAL_PORTS[0]!,
    destination: server,
    destinationPort: key.port,
    ...flags(key, SYN),
    inInterface: null,
    outInterface: entrance.interface,
    ttl: 64,
  }
}

/** A first packet of a guest of this host to `server`, as it comes in by the guest's interface. */
export function passedPacket(key: EndpointKey, guest: Entrance, server: Address): Packet {
  return {
    ...common(key),
    source: guest.address,
    sourcePort: EPHEMERAL_PORTS[0]!,
    destination: server,
    destinationPort: key.port,
    ...flags(key, SYN),
    inInterface: guest.interface,
    packetType: 'host',
    ttl: 64,
  }
}

/** The answer to it, at this host's own address, under which it left. */
export function answerToGuest(
  key: EndpointKey,
  entrance: Entrance,
  { client, server }: { readonly client: Address; readonly server: Address },
): { readonly packet: Packet; readonly connection: Connection } {
  const port = EPHEMERAL_PORTS[0]!
  const packet: Packet = {
    ...common(key),
    source: server,
    sourcePort: key.port,
    destination: entrance.address,
    destinationPort: port,
    ...flags(key, SYN | ACK),
    inInterface: entrance.interface,
    packetType: 'host',
    ttl: 48,
  }
  const connection: Connection = {
    state: 'established',
    direction: 'reply',
    sourceTranslated: true,
    destinationTranslated: false,
    original: { source: client, sourcePort: port, destination: server, destinationPort: key.port },
    rewrite: { destination: { address: client, port } },
  }
  return { packet, connection }
}

function common({ family, transport }: EndpointKey): Pick<Packet, 'family' | 'protocol'> {
  return { family, protocol: transport === 'tcp' ? TCP : UDP }
}

function flags({ transport }: EndpointKey, tcpFlags: number): Pick<Packet, 'tcpFlags'> {
  return transport === 'tcp' ? { tcpFlags } : {}
}
