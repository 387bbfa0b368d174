import { joined } from '../bytes.ts'
import { MULTISTREAM_HEADER } from './multistream.ts'
import { ascii, type Opening } from './opening.ts'

/** multistream-select's messages have their length before them and a line feed at the end (libp2p specs, connections). */
const NOISE_PROPOSAL = ascii('\x07/noise\n')
const NOISE_KEY_BYTES = 32

/** A libp2p node over TCP, as go-libp2p dials: the header, and the proposal to speak Noise, in one segment. */
export const multistreamOpening: Opening = {
  transport: 'tcp',
  randomLength: 0,
  encode: () => joined(MULTISTREAM_HEADER, NOISE_PROPOSAL),
}

/**
 * Noise alone, as where the header went before: the proposal, then the first message of the XX handshake, which is an
 * ephemeral key behind its length of two bytes (libp2p specs, noise).
 */
export const noiseOpening: Opening = {
  transport: 'tcp',
  randomLength: NOISE_KEY_BYTES,
  encode: (random) => joined(NOISE_PROPOSAL, [0, NOISE_KEY_BYTES], random),
}

/**
 * libp2p over WebSocket, as Substrate nodes listen: the upgrade (RFC 6455 §4.1). What comes then is masked, so that no
 * filter recognises multistream in it by its bytes.
 */
export const websocketOpening: Opening = {
  transport: 'tcp',
  randomLength: 16,
  encode: (random) =>
    ascii(
      [
        'GET / HTTP/1.1',
        'Host: 127.0.0.1',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${Buffer.from(random).toString('base64')}`,
        '',
        '',
      ].join('\r\n'),
    ),
}
