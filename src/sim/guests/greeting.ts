import { viewOf } from '../../wire/bytes.ts'

/** What a libp2p node says first on TCP: its length, then the protocol that chooses protocols. */
export const MULTISTREAM_HEADER = new TextEncoder().encode('\x13/multistream/1.0.0\n')

const NOISE = new TextEncoder().encode('\x07/noise\n')

/**
 * What it says to a peer's first bytes: yes to Noise, where the peer proposes it in the same breath. Undefined for what is
 * no libp2p: there it hangs up.
 */
export function answerToProposal(data: Uint8Array): Uint8Array | undefined {
  const begins = MULTISTREAM_HEADER.every((byte, index) => data[index] === byte)
  if (!begins) return undefined
  const proposal = data.subarray(MULTISTREAM_HEADER.length)
  return proposal.length === NOISE.length && NOISE.every((byte, index) => proposal[index] === byte) ? NOISE : NOTHING
}

const NOTHING = new Uint8Array(0)

const LEAST_INITIAL_BYTES = 1200
const VERSION_2 = 0x6b3343cf

/**
 * What a QUIC server of version 2 alone (RFC 9369) answers to an Initial of any other: Version Negotiation (RFC 9000 §6
 * and §17.2.1) with the connection ids exchanged. Undefined for everything else, as a QUIC server keeps silent then.
 */
export function greetingFor(datagram: Uint8Array): Uint8Array | undefined {
  if (datagram.length < LEAST_INITIAL_BYTES || (datagram[0]! & 0x80) === 0) return undefined
  const version = viewOf(datagram).getUint32(1)
  if (version === VERSION_2 || version === 0) return undefined
  const destination = connectionId(datagram, 5)
  const source = destination === undefined ? undefined : connectionId(datagram, 6 + destination.length)
  if (destination === undefined || source === undefined) return undefined
  const supported = [0x6b, 0x33, 0x43, 0xcf]
  return Uint8Array.from([0xc0, 0, 0, 0, 0, source.length, ...source, destination.length, ...destination, ...supported])
}

/** A connection id with its length before it: at most 20 bytes in QUIC version 1. */
function connectionId(datagram: Uint8Array, at: number): Uint8Array | undefined {
  const length = datagram[at]
  if (length === undefined || length > 20 || at + 1 + length > datagram.length) return undefined
  return datagram.subarray(at + 1, at + 1 + length)
}
