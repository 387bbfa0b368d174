import type { Endpoint } from '../../model/endpoint.ts'
import { type Libc, loadLibc } from './batches/libc.ts'
import { AF_INET, NAME_BYTES, writeName } from './batches/socket-name.ts'

/** `struct msghdr` with room for its length, as `recvmmsg` takes it, and where in it the parts stand. */
const MESSAGE_BYTES = 64
const [IOVEC_AT, IOVECS_AT, CONTROL_AT, CONTROL_LENGTH_AT] = [16, 24, 32, 40]
const IOVEC_BYTES = 16
const CONTROL_BYTES = 512

const [SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC] = [2, 0o4000, 0o2000000]
const [IPPROTO_IP, IP_RECVERR] = [0, 11]
const [MSG_ERRQUEUE, MSG_DONTWAIT] = [0x2000, 0x40]
/** Of `struct sock_extended_err`: it came by ICMP. */
const SO_EE_ORIGIN_ICMP = 2

/** More never wait at the same time: each is of a datagram of ours. */
const MOST_ERRORS = 64

/** What ICMP said of one datagram. */
export interface IcmpOfDatagram {
  readonly type: number
  readonly code: number
}

let libc: Libc | undefined | null = null

/**
 * The queue of errors that Linux keeps for one IPv4 socket (`IP_RECVERR` in ip(7)), in which those stand that it tells no
 * socket of otherwise, time exceeded among them. It has to be emptied whenever the socket reports an error.
 */
export class HopErrors {
  readonly #libc: Libc
  /** Whoever takes it over closes it. */
  readonly fd: number
  // The kernel writes into these: they live as long as this does.
  readonly #message = Buffer.alloc(MESSAGE_BYTES)
  readonly #iovec = Buffer.alloc(IOVEC_BYTES)
  readonly #control = Buffer.alloc(CONTROL_BYTES)

  private constructor(libc: Libc, fd: number) {
    this.#libc = libc
    this.fd = fd
    this.#message.writeBigUInt64LE(libc.addressOf(this.#iovec), IOVEC_AT)
    this.#message.writeBigUInt64LE(1n, IOVECS_AT)
    this.#message.writeBigUInt64LE(libc.addressOf(this.#control), CONTROL_AT)
  }

  /**
   * A new socket with such a queue, bound to `local`: Node.js tells no descriptor of its own, and takes one over. Undefined
   * where it cannot be had, or nothing is there to ask the system with.
   */
  static open(local: Endpoint): HopErrors | undefined {
    libc = libc === null ? loadLibc() : libc
    if (libc === undefined) return undefined
    const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if (fd < 0) return undefined
    const on = Buffer.from([1, 0, 0, 0])
    const name = Buffer.alloc(NAME_BYTES)
    const isReady =
      libc.setsockopt(fd, IPPROTO_IP, IP_RECVERR, on, on.length) === 0 &&
      libc.bind(fd, name, writeName(name, 0, local)) === 0
    if (isReady) return new HopErrors(libc, fd)
    libc.close(fd)
    return undefined
  }

  /** Takes out all that wait. */
  take(): readonly IcmpOfDatagram[] {
    const taken: IcmpOfDatagram[] = []
    for (let count = 0; count < MOST_ERRORS; count++) {
      this.#message.writeBigUInt64LE(BigInt(CONTROL_BYTES), CONTROL_LENGTH_AT)
      if (this.#libc.recvmmsg(this.fd, this.#message, 1, MSG_ERRQUEUE | MSG_DONTWAIT) < 1) break
      taken.push(...this.#read())
    }
    return taken
  }

  #read(): readonly IcmpOfDatagram[] {
    const end = Number(this.#message.readBigUInt64LE(CONTROL_LENGTH_AT))
    const found: IcmpOfDatagram[] = []
    // `struct cmsghdr`: its length with the header of 16 bytes, level, type; the next one begins at a multiple of 8.
    for (let at = 0; at + 32 <= end; ) {
      const length = Number(this.#control.readBigUInt64LE(at))
      const [level, type] = [this.#control.readInt32LE(at + 8), this.#control.readInt32LE(at + 12)]
      const isIcmp = this.#control[at + 20] === SO_EE_ORIGIN_ICMP
      if (level === IPPROTO_IP && type === IP_RECVERR && isIcmp) {
        found.push({ type: this.#control[at + 21]!, code: this.#control[at + 22]! })
      }
      if (length < 16) break
      at += Math.ceil(length / 8) * 8
    }
    return found
  }
}
