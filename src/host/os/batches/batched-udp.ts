import type { Endpoint } from '../../../model/endpoint.ts'
import { familyOf, formatEndpoint } from '../../../model/endpoint.ts'
import { errorText } from '../../../model/error.ts'
import type { Datagram, UdpError, UdpSent, UdpSocket } from '../../host.ts'
import { EventQueue } from '../event-queue.ts'
import { requireEndpoint } from '../socket-address.ts'
import { errnoOf, hostError } from '../system-error.ts'
import { MOST_WAITING_EVENTS, requireTtl, SENT } from '../udp-outcomes.ts'
import { type Libc, loadLibc, systemError } from './libc.ts'
import { BATCH, MessageBatch } from './message-batch.ts'
import { Readiness } from './readiness.ts'
import { AF_INET, AF_INET6, NAME_BYTES, readName, writeName } from './socket-name.ts'

/** After so many batches the other sockets, timers and connections have their turn. */
const BATCHES_A_TURN = 16

const MOST_BYTES = 65_507
const [SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC] = [2, 0o4000, 0o2000000]
const [IPPROTO_IP, IP_TTL, IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_V6ONLY] = [0, 2, 41, 16, 26]

/** What all such sockets share: the kernel writes to the batches, one call at a time. */
interface Shared {
  readonly libc: Libc
  readonly incoming: MessageBatch
  readonly outgoing: MessageBatch
  readonly readiness: Readiness
}

let shared: Shared | undefined | null = null

/**
 * Opens a UDP socket that is read and written 64 datagrams to a system call; undefined where that cannot be had
 * (`loadLibc`). `PeerwayError` as `Udp.open`.
 */
export function openBatchedUdp(local: Endpoint): UdpSocket | undefined {
  if (shared === null) shared = share(loadLibc())
  if (shared === undefined) return undefined
  try {
    return new BatchedUdpSocket(shared, ...bound(shared.libc, local))
  } catch (error) {
    throw hostError(errorText('error.of.to-open', { at: formatEndpoint(local) }), error)
  }
}

function share(libc: Libc | undefined): Shared | undefined {
  if (libc === undefined) return undefined
  const [incoming, outgoing] = [new MessageBatch(libc), new MessageBatch(libc)]
  return { libc, incoming, outgoing, readiness: new Readiness(libc) }
}

function bound(libc: Libc, local: Endpoint): [fd: number, local: Endpoint] {
  const isIpv6 = familyOf(local.address) === 'ipv6'
  const fd = libc.socket(isIpv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError(libc, 'socket')
  try {
    if (isIpv6) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
    const name = Buffer.alloc(NAME_BYTES)
    if (libc.bind(fd, name, writeName(name, 0, local)) < 0) throw systemError(libc, 'bind')
    const length = Buffer.from([NAME_BYTES, 0, 0, 0])
    if (libc.getsockname(fd, name, length) < 0) throw systemError(libc, 'getsockname')
    return [fd, readName(name, 0)]
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

function setOption(libc: Libc, fd: number, level: number, option: number, value: number): void {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  libc.setsockopt(fd, level, option, bytes, 4)
}

interface Waiting {
  readonly data: Uint8Array
  readonly to: Endpoint
  readonly ttl: number | undefined
  readonly resolve: (outcome: UdpSent) => void
}

class BatchedUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #shared: Shared
  readonly #fd: number
  readonly #events = new EventQueue<Datagram | UdpError>(MOST_WAITING_EVENTS)
  #waiting: Waiting[] = []
  #closed = false

  constructor(shared: Shared, fd: number, local: Endpoint) {
    this.#shared = shared
    this.#fd = fd
    this.local = local
    shared.readiness.watch(fd, () => this.#read())
  }

  send(data: Uint8Array, to: Endpoint, { ttl }: { readonly ttl?: number } = {}): Promise<UdpSent> {
    requireEndpoint(to, 1)
    requireTtl(ttl)
    if (familyOf(to.address) !== familyOf(this.local.address)) return Promise.resolve('failed')
    if (this.#closed) return Promise.resolve('closed')
    if (data.length > MOST_BYTES) return Promise.resolve('too-big')
    return new Promise((resolve) => {
      // What is sent while a batch is read leaves with the others that answer it.
      if (this.#waiting.push({ data, to, ttl, resolve }) === 1) queueMicrotask(() => this.#write())
    })
  }

  #read(): void {
    const { libc, incoming } = this.#shared
    for (let turn = 0; turn < BATCHES_A_TURN && !this.#closed; turn += 1) {
      incoming.clear()
      const came = libc.recvmmsg(this.#fd, incoming.messages, BATCH, 0)
      const atMs = performance.now()
      for (let index = 0; index < came; index += 1) {
        this.#events.push({ kind: 'datagram', ...incoming.read(index), atMs })
      }
      this.#write()
      if (came < BATCH) return
    }
  }

  #write(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let next = 0; next < waiting.length; ) next += this.#writeBatch(waiting, next)
  }

  /** Sends the datagrams of one TTL from `first` on, at most a batch of them, and returns how many have their outcome. */
  #writeBatch(waiting: readonly Waiting[], first: number): number {
    const { libc, outgoing } = this.#shared
    const { ttl } = waiting[first]!
    let count = 0
    for (; count < BATCH && waiting[first + count]?.ttl === ttl && first + count < waiting.length; count += 1) {
      const { data, to } = waiting[first + count]!
      outgoing.write(count, data, to)
    }
    if (ttl !== undefined) this.#setTtl(ttl)
    const sent = this.#closed ? 0 : libc.sendmmsg(this.#fd, outgoing.messages, count, 0)
    if (ttl !== undefined) this.#setTtl(-1)
    for (let index = 0; index < sent; index += 1) waiting[first + index]!.resolve('sent')
    if (sent > 0) return sent
    // The error is the first one's alone.
    waiting[first]!.resolve(this.#closed ? 'closed' : (SENT[errnoOf(systemError(libc, 'sendmmsg'))] ?? 'failed'))
    return 1
  }

  /** -1: the system's default. */
  #setTtl(ttl: number): void {
    if (familyOf(this.local.address) === 'ipv6') {
      setOption(this.#shared.libc, this.#fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
    } else setOption(this.#shared.libc, this.#fd, IPPROTO_IP, IP_TTL, ttl)
  }

  receive(timeoutMs: number): Promise<Datagram | UdpError | undefined> {
    return this.#events.next(timeoutMs)
  }

  onEvent(handler: (event: Datagram | UdpError) => void): void {
    this.#events.divert(handler)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#write()
    this.#closed = true
    this.#events.close()
    this.#shared.readiness.unwatch(this.#fd)
    this.#shared.libc.close(this.#fd)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
