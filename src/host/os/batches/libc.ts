import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'

/** The system calls of Linux that Node.js has no name for. Numbers below 0 are errors; then `errno` says which. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array, length: number): number
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number
  recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number
  eventfd(initial: number, flags: number): number
  read(fd: number, into: Uint8Array, length: number): number
  write(fd: number, from: Uint8Array, length: number): number
  close(fd: number): number
  errno(): number
  /** Waits on a thread of its own until a descriptor is ready or `timeoutMs` have passed. */
  poll(descriptors: Uint8Array, count: number, timeoutMs: number, done: () => void): void
  /** Where the bytes of `buffer` are; they must be kept reachable as long as the system may write there. */
  addressOf(buffer: Uint8Array): bigint
}

/**
 * The C library through koffi's package for this system, which is optional; undefined where it is not installed, or the
 * system is no Linux of 64 bits in little-endian order, which the structures in `message-batch.ts` are laid out for.
 * The package called koffi itself is not needed: it chooses among these, and has an install script.
 */
export function loadLibc(): Libc | undefined {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  try {
    const koffi = createRequire(import.meta.url)(`@koromix/koffi-linux-${process.arch}`) as Koffi
    return declare(koffi, koffi.load('libc.so.6'))
  } catch {
    return undefined
  }
}

/** What of koffi is used. */
interface Koffi {
  load(library: string): { func(prototype: string): Native }
  errno(): number
  address(buffer: Uint8Array): bigint
}

type Argument = number | Uint8Array | null

interface Native {
  (...args: readonly Argument[]): number
  async(...args: readonly (Argument | (() => void))[]): void
}

function declare(koffi: Koffi, library: ReturnType<Koffi['load']>): Libc {
  const poll = library.func('int poll(void *, unsigned long, int)')
  const recvmmsg = library.func('int recvmmsg(int, void *, unsigned int, int, void *)')
  return {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, unsigned int)'),
    getsockname: library.func('int getsockname(int, void *, void *)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, unsigned int)'),
    recvmmsg: (fd, messages, count, flags) => recvmmsg(fd, messages, count, flags, null),
    sendmmsg: library.func('int sendmmsg(int, void *, unsigned int, int)'),
    eventfd: library.func('int eventfd(unsigned int, int)'),
    read: library.func('long read(int, void *, unsigned long)'),
    write: library.func('long write(int, void *, unsigned long)'),
    close: library.func('int close(int)'),
    errno: () => koffi.errno(),
    poll: (descriptors, count, timeoutMs, done) => poll.async(descriptors, count, timeoutMs, done),
    addressOf: (buffer) => koffi.address(buffer),
  }
}

/** What a call that returned less than 0 failed with, as Node.js would have thrown it. */
export function systemError(libc: Libc, call: string): Error {
  const code = getSystemErrorName(-libc.errno())
  return Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}
