import type { Host, TcpConnection, UdpSocket } from '../host/host.ts'
import type { Endpoint, EndpointKey, Transport } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { hex } from '../wire/bytes.ts'
import { encodeReply, parseNonceLine } from './nonce-line.ts'

/**
 * A port that peerway holds open itself while a vantage dials it. It answers the nonces it was told to expect with its
 * secret, and nothing else: a stranger learns nothing from it and gets no more bytes than it sent.
 */
export interface HeldPort {
  readonly key: EndpointKey
  /** What the vantage must report when it really reached us. Hexadecimal. */
  readonly secret: string
  /** Makes the port answer this nonce (hexadecimal). */
  expect(nonce: string): void
  /** Who brought the nonce; undefined while nobody has. */
  bearerOf(nonce: string): Endpoint | undefined
  /** Did a connection or datagram of any content come from this address? */
  heardFrom(address: string): boolean
  close(): Promise<void>
}

const SECRET_BYTES = 16
const MAX_CONNECTIONS = 32
const LINE_TIMEOUT_MS = 3000
/** A vantage sends six transmissions; the rest is for another vantage. */
const MAX_UDP_REPLIES = 32
const MAX_SOURCES = 256
const MAX_LINE_BYTES = 128
const LINE_FEED = 0x0a

/** `busy`: somebody else holds it after all. `impossible`: no permission, or the address is not ours. */
export async function holdPort(
  host: Host,
  key: EndpointKey,
  address: string,
): Promise<HeldPort | 'busy' | 'impossible'> {
  const visits = new Visits(hex(host.random.bytes(SECRET_BYTES)))
  try {
    const close = await OPENERS[key.transport](host, { address, port: key.port }, visits)
    return {
      key,
      secret: visits.secret,
      expect: (nonce) => void visits.expected.add(nonce),
      bearerOf: (nonce) => visits.bearers.get(nonce),
      heardFrom: (source) => visits.sources.has(source),
      close,
    }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return error.code === 'busy' ? 'busy' : 'impossible'
  }
}

/** Who came to a held port, and what it answers them. */
class Visits {
  readonly secret: string
  readonly expected = new Set<string>()
  readonly bearers = new Map<string, Endpoint>()
  readonly sources = new Set<string>()

  constructor(secret: string) {
    this.secret = secret
  }

  note(from: Endpoint): void {
    if (this.sources.size < MAX_SOURCES) this.sources.add(from.address)
  }

  /** The answer to a first line, when it bears a nonce that we expect. */
  answer(data: Uint8Array, from: Endpoint): Uint8Array | undefined {
    const nonce = parseNonceLine(data)
    if (nonce === undefined || !this.expected.has(nonce)) return undefined
    if (!this.bearers.has(nonce)) this.bearers.set(nonce, from)
    return encodeReply(this.secret)
  }
}

type Opener = (host: Host, local: Endpoint, visits: Visits) => Promise<() => Promise<void>>

const OPENERS: Readonly<Record<Transport, Opener>> = {
  tcp: async (host, local, visits) => {
    const open = new Set<TcpConnection>()
    const listener = await host.tcp.listen({
      local,
      maxConnections: MAX_CONNECTIONS,
      onConnection: (connection) => {
        open.add(connection)
        visits.note(connection.remote)
        void serve(connection, visits).finally(() => open.delete(connection))
      },
    })
    return async () => {
      for (const connection of open) connection.reset()
      await listener.close()
    }
  },
  udp: async (host, local, visits) => {
    const socket: UdpSocket = await host.udp.open({ local })
    let replies = 0
    socket.onEvent((event) => {
      if (event.kind !== 'datagram') return
      visits.note(event.from)
      const answer = visits.answer(event.data, event.from)
      if (answer === undefined || replies++ >= MAX_UDP_REPLIES) return
      void socket.send(answer, event.from)
    })
    return () => socket.close()
  },
}

/** One line in, one line out; then the far side closes, or the holder does at the end of the dials. */
async function serve(connection: TcpConnection, visits: Visits): Promise<void> {
  let line = new Uint8Array(0)
  while (line.length < MAX_LINE_BYTES && !line.includes(LINE_FEED)) {
    const read = await connection.read(LINE_TIMEOUT_MS)
    if (read.outcome !== 'data') return connection.reset()
    line = Uint8Array.from([...line, ...read.data.subarray(0, MAX_LINE_BYTES)])
  }
  const answer = visits.answer(line, connection.remote)
  if (answer === undefined) return connection.reset()
  await connection.write(Uint8Array.from([...answer, LINE_FEED]), LINE_TIMEOUT_MS)
  await connection.read(LINE_TIMEOUT_MS)
  await connection.close()
}
