/**
 * The first datagram that a stranger sends to a node of one protocol, chosen so that the node must answer before it
 * knows anything about the stranger.
 *
 * `random`: `randomLength` unpredictable bytes, drawn by the caller and kept for the time of the dial. `encode` makes the
 * same datagram of the same bytes, `isAnswer` says whether a datagram from the node answers exactly that one; it takes
 * any bytes and throws on none.
 */
export interface FirstPacket {
  readonly name: string
  readonly randomLength: number
  encode(random: Uint8Array): Uint8Array
  isAnswer(datagram: Uint8Array, random: Uint8Array): boolean
}
