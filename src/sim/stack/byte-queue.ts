/** Bytes in the order in which they came, taken from the front. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#length += bytes.length
  }

  /** A copy of at most `length` bytes from `offset` on, which stay. */
  peek(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.#length - offset)))
    let skip = offset
    let filled = 0
    for (const chunk of this.#chunks) {
      if (filled === bytes.length) break
      const part = chunk.subarray(Math.min(skip, chunk.length), Math.min(chunk.length, skip + bytes.length - filled))
      bytes.set(part, filled)
      filled += part.length
      skip = Math.max(0, skip - chunk.length)
    }
    return bytes
  }

  drop(length: number): void {
    let left = Math.min(length, this.#length)
    this.#length -= left
    while (left > 0) {
      const first = this.#chunks[0]!
      if (first.length > left) {
        this.#chunks[0] = first.subarray(left)
        return
      }
      left -= first.length
      this.#chunks.shift()
    }
  }

  take(length: number): Uint8Array {
    const bytes = this.peek(0, length)
    this.drop(bytes.length)
    return bytes
  }
}
