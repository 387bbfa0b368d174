import type { Transport } from '../../model/endpoint.ts'

/**
 * What a client of one protocol says first, as a filter that looks for the protocol meets it: one segment or datagram.
 *
 * `random`: `randomLength` unpredictable bytes, drawn by the caller. `encode` makes the same bytes of the same ones, and
 * always as many. Nobody needs to be able to answer it: keys are made up where the protocol would have known some.
 */
export interface Opening {
  readonly transport: Transport
  readonly randomLength: number
  encode(random: Uint8Array): Uint8Array
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Cuts bytes off from the front, one piece after the other. */
export function cutter(bytes: Uint8Array): (length: number) => Uint8Array {
  let at = 0
  return (length) => {
    at += length
    return bytes.subarray(at - length, at)
  }
}
