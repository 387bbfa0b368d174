/** What a decoder returns: the value, or why the bytes are not one, and at which offset. Never an exception. */
export type Decoded<Value, Code extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: Code; readonly offset: number }

export function decoded<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value }
}

export function malformed<Code extends string>(
  code: Code,
  offset: number,
): { readonly ok: false; readonly code: Code; readonly offset: number } {
  return { ok: false, code, offset }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/*
 * Numbers in network order at an offset, which must lie inside. By hand: a DataView moves the bytes of a small array elsewhere first, and
 * costs as much as the rest of a STUN answer.
 */

export function uint16At(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!
}

export function uint32At(bytes: Uint8Array, offset: number): number {
  return uint16At(bytes, offset) * 0x10000 + uint16At(bytes, offset + 2)
}

export function putUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8
  bytes[offset + 1] = value
}

export function putUint32(bytes: Uint8Array, offset: number, value: number): void {
  putUint16(bytes, offset, value >>> 16)
  putUint16(bytes, offset + 2, value)
}

/** One after the other, copied. */
export function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Two lower-case hexadecimal digits for each byte. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
