/**
 * The same bytes without Node's own methods, some of which do something else under the same name: `slice` of a Buffer
 * does not copy. So code behaves the same on every Host.
 */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
