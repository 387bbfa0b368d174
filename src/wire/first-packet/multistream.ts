/**
 * What both sides of a libp2p connection over TCP say first: the length 19 and multistream-select's own protocol id.
 * Sent to a silent server, it makes a libp2p or Substrate node speak, and most others refuse in their own words.
 */
export const MULTISTREAM_HEADER: Uint8Array = new TextEncoder().encode('\x13/multistream/1.0.0\n')
