import type { Endpoint } from '../../../model/endpoint.ts'
import type { Libc } from './libc.ts'
import { NAME_BYTES, readName, writeName } from './socket-name.ts'

/** Datagrams that one system call takes. */
export const BATCH = 64

/** As long as a datagram can be. */
const DATA_BYTES = 65_536

/** `struct mmsghdr`: a `struct msghdr` of 56 bytes (name, length of it, iovec, count of them), and the length at 56. */
const MESSAGE_BYTES = 64
const [NAME_AT, NAME_LENGTH_AT, IOVEC_AT, IOVECS_AT, LENGTH_AT] = [0, 8, 16, 24, 56]

/** `struct iovec`: where, and how long. */
const IOVEC_BYTES = 16

/** Room for 64 messages of `recvmmsg` or `sendmmsg`. Its buffers live as long as it does, for the kernel writes there. */
export class MessageBatch {
  readonly messages = Buffer.alloc(BATCH * MESSAGE_BYTES)
  readonly #names = Buffer.alloc(BATCH * NAME_BYTES)
  readonly #iovecs = Buffer.alloc(BATCH * IOVEC_BYTES)
  readonly #data = Buffer.alloc(BATCH * DATA_BYTES)

  constructor(libc: Libc) {
    const [names, iovecs, data] = [this.#names, this.#iovecs, this.#data].map((buffer) => libc.addressOf(buffer))
    for (let index = 0; index < BATCH; index += 1) {
      const at = index * MESSAGE_BYTES
      this.messages.writeBigUInt64LE(names! + BigInt(index * NAME_BYTES), at + NAME_AT)
      this.messages.writeBigUInt64LE(iovecs! + BigInt(index * IOVEC_BYTES), at + IOVEC_AT)
      this.messages.writeBigUInt64LE(1n, at + IOVECS_AT)
      this.#iovecs.writeBigUInt64LE(data! + BigInt(index * DATA_BYTES), index * IOVEC_BYTES)
    }
  }

  /** Makes every message ready to be received into. */
  clear(): void {
    for (let index = 0; index < BATCH; index += 1) {
      this.messages.writeUInt32LE(NAME_BYTES, index * MESSAGE_BYTES + NAME_LENGTH_AT)
      this.#iovecs.writeUInt32LE(DATA_BYTES, index * IOVEC_BYTES + 8)
    }
  }

  /** What `recvmmsg` wrote; the bytes are a copy. */
  read(index: number): { readonly from: Endpoint; readonly data: Uint8Array } {
    const start = index * DATA_BYTES
    const length = this.messages.readUInt32LE(index * MESSAGE_BYTES + LENGTH_AT)
    return {
      from: readName(this.#names, index * NAME_BYTES),
      data: new Uint8Array(this.#data.subarray(start, start + length)),
    }
  }

  /** What `sendmmsg` shall send; at most 65507 bytes. */
  write(index: number, data: Uint8Array, to: Endpoint): void {
    const length = writeName(this.#names, index * NAME_BYTES, to)
    this.messages.writeUInt32LE(length, index * MESSAGE_BYTES + NAME_LENGTH_AT)
    this.#iovecs.writeUInt32LE(data.length, index * IOVEC_BYTES + 8)
    this.#data.set(data, index * DATA_BYTES)
  }
}
