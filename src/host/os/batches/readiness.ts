import type { Libc } from './libc.ts'

/** Also the longest that a program which ends waits for the thread. */
const POLL_MS = 500

const [POLLIN, EFD_NONBLOCK, EFD_CLOEXEC] = [1, 0o4000, 0o2000000]

/**
 * Tells sockets when there is something to read, by one thread for all of them: `poll` blocks, and Node.js has few threads
 * to spare. A descriptor of its own (eventfd) wakes that thread when a socket comes or goes.
 */
export class Readiness {
  readonly #libc: Libc
  readonly #watched = new Map<number, () => void>()
  readonly #wakeUp = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  #waker = -1
  #waiting = false

  constructor(libc: Libc) {
    this.#libc = libc
  }

  /** Calls `onReadable` again and again while `fd` has something to read. */
  watch(fd: number, onReadable: () => void): void {
    this.#watched.set(fd, onReadable)
    if (this.#waiting) this.#libc.write(this.#waker, this.#wakeUp, 8)
    else this.#wait()
  }

  unwatch(fd: number): void {
    this.#watched.delete(fd)
    if (this.#waiting) this.#libc.write(this.#waker, this.#wakeUp, 8)
  }

  #wait(): void {
    if (this.#watched.size === 0) return
    if (this.#waker < 0) this.#waker = this.#libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
    const fds = [this.#waker, ...this.#watched.keys()]
    // `struct pollfd`: descriptor, events asked for, events that happened.
    const asked = Buffer.alloc(fds.length * 8)
    for (const [index, fd] of fds.entries()) {
      asked.writeInt32LE(fd, index * 8)
      asked.writeInt16LE(POLLIN, index * 8 + 4)
    }
    this.#waiting = true
    this.#libc.poll(asked, fds.length, POLL_MS, () => {
      this.#waiting = false
      const ready = fds.filter((_, index) => asked.readInt16LE(index * 8 + 6) !== 0)
      for (const fd of ready) {
        if (fd === this.#waker) this.#libc.read(fd, Buffer.alloc(8), 8)
        else this.#watched.get(fd)?.()
      }
      this.#wait()
    })
  }
}
