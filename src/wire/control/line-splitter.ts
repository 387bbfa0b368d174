import { joined } from '../bytes.ts'
import { MAX_LINE_BYTES } from './messages.ts'

const LINE_FEED = 0x0a
const NOTHING = new Uint8Array(0)

/**
 * Cuts a byte stream into lines at line feeds. Holds one chunk and at most `maxBytes` of an unfinished line; no input
 * makes it throw. After `too-long` nothing more comes out: the stream has no trustworthy boundary left.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #held: Uint8Array = NOTHING
  #tooLong = false

  constructor(maxBytes: number = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Uint8Array): void {
    if (this.#tooLong) return
    if (this.#held.length === 0) {
      this.#held = chunk
      return
    }
    this.#held = joined(this.#held, chunk)
  }

  /** The next line without its line feed; `more` when the bytes so far hold no whole line. */
  next(): Uint8Array | 'more' | 'too-long' {
    if (this.#tooLong) return 'too-long'
    const end = this.#held.indexOf(LINE_FEED)
    const length = end === -1 ? this.#held.length : end
    if (length > this.#maxBytes) {
      this.#tooLong = true
      this.#held = NOTHING
      return 'too-long'
    }
    if (end === -1) return 'more'
    const line = this.#held.subarray(0, end)
    this.#held = this.#held.subarray(end + 1)
    return line
  }
}
