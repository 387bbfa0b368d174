import type { Host, TcpConnection, TcpListener, UdpSocket } from '../../src/host/host.ts'
import { Prng } from '../../src/sim/prng.ts'
import { changeAddress, rebootRouter, setPlugged } from '../../src/sim/world-events.ts'
import { LEASE_SECONDS, type Pace } from '../../src/watch/core/pace.ts'
import { MemoryStore } from '../../src/watch/store/memory-store.ts'
import type { Store } from '../../src/watch/store/store.ts'
import { HOUR, type Home, home, MINUTE, type RunningWatch } from './home.ts'

/** What a router and a vantage were sent by the node, by hours of the world. */
interface Sent {
  readonly toRouter: number
  readonly toVantage: number
}

export interface Month {
  readonly faults: readonly string[]
  /** What was not as it should be, and after which fault. Empty where all is well. */
  readonly wrong: readonly string[]
  readonly most: Sent
  readonly openings: number
  readonly journal: number
  /** Of the last watch, after its end. */
  readonly left: { readonly sockets: number; readonly sleeps: number; readonly locks: number }
  /** Packets in the hour after its end. */
  readonly packetsAfter: number
}

interface Fault {
  readonly name: string
  /** Resolves once the fault is over; the watch may be another by then. */
  readonly happen: (month: Running) => Promise<void>
  /** `late`: nobody outside answered for long, so it asks seldom. */
  readonly patience: Patience
}

/** How long until all must be well again. `soon`: it is noticed by the next questions, mended, and shown by two checks. */
type Patience = 'soon' | 'late'

const FAULTS: readonly Fault[] = [
  { name: 'the router restarts', happen: async ({ h }) => rebootRouter(h, 'box'), patience: 'soon' },
  {
    name: 'the router restarts three times in a row',
    happen: async ({ h }) => {
      for (let times = 0; times < 3; times++) {
        rebootRouter(h, 'box')
        await h.world.pass(20_000)
      }
    },
    patience: 'soon',
  },
  {
    name: 'another address outside',
    happen: async ({ h, random }) => changeAddress(h, 'box', 'access', `45.67.89.${between(random, 10, 250)}`),
    patience: 'soon',
  },
  {
    name: 'another address of this host',
    happen: async ({ h, random }) => changeAddress(h, 'node', 'home', `192.168.1.${between(random, 20, 250)}`),
    patience: 'soon',
  },
  {
    name: 'the vantage is gone for hours',
    happen: async ({ h, random }) => {
      setPlugged(h, 'vantage', 'internet', false)
      await h.world.pass(between(random, 1, 5) * HOUR)
      setPlugged(h, 'vantage', 'internet', true)
    },
    patience: 'late',
  },
  {
    name: 'the line is gone for minutes',
    happen: async ({ h, random }) => {
      setPlugged(h, 'box', 'access', false)
      await h.world.pass(between(random, 1, 50) * MINUTE)
      setPlugged(h, 'box', 'access', true)
    },
    patience: 'late',
  },
  {
    name: 'the cable of this host is pulled',
    happen: async ({ h, random }) => {
      setPlugged(h, 'node', 'home', false)
      await h.world.pass(between(random, 1, 50) * MINUTE)
      setPlugged(h, 'node', 'home', true)
    },
    patience: 'late',
  },
  {
    name: 'the disk of the history is full',
    happen: async (month) => {
      month.isDiskFull = true
      await month.h.world.pass(2 * HOUR)
      month.isDiskFull = false
    },
    patience: 'soon',
  },
  {
    name: 'the clock is set forward, or back',
    happen: async (month) => {
      month.clockOffsetMs += between(month.random, -40, 40) * HOUR + 30 * MINUTE
    },
    patience: 'soon',
  },
  {
    name: 'it is killed, and started again',
    happen: async (month) => {
      month.kill()
      await month.h.world.pass(between(month.random, 0, 180) * MINUTE)
      month.start()
    },
    patience: 'soon',
  },
  {
    name: 'it is killed in the midst of a repair, as the router restarts, and started again',
    happen: async (month) => {
      rebootRouter(month.h, 'box')
      await month.h.world.pass(between(month.random, 1, 40_000))
      month.kill()
      month.start()
    },
    patience: 'soon',
  },
  {
    name: 'it is stopped, and started again',
    happen: async (month) => {
      await month.watch.stop()
      month.start()
    },
    patience: 'soon',
  },
]

/** A watch through `days` of faults, each followed by hours of nothing. All of it comes from `seed`. */
export async function liveThrough(seed: number, days: number, pace: Pace, protocols: string): Promise<Month> {
  const h = await home(protocols, undefined, seed)
  const month = new Running(h, new Prng(`month/${seed}`), pace)
  const sent = countSent(h)
  month.start()
  const soonMs = 1.2 * Math.max(pace.askGatewayMs, pace.askOutsideMs, pace.lookMs) + 5 * MINUTE
  await h.world.pass(soonMs)
  const faults: string[] = []
  const wrong: string[] = []
  while (h.world.nowMs < days * 24 * HOUR) {
    const fault = FAULTS[month.random.below(FAULTS.length)]!
    const day = (h.world.nowMs / (24 * HOUR)).toFixed(2)
    faults.push(fault.name)
    await fault.happen(month)
    await h.world.pass(fault.patience === 'late' ? pace.longestCheckMs * 1.2 + soonMs : soonMs)
    wrong.push(...month.complaints().map((what) => `day ${day}: ${fault.name}: ${what}`))
    await h.world.pass(between(month.random, 2, 12) * HOUR)
  }
  await month.watch.stop()
  // TCP takes leave after its program has.
  await h.world.pass(10_000)
  const hops = h.world.hops
  await h.world.pass(LEASE_SECONDS * 1000)
  return {
    faults,
    wrong,
    most: sent(),
    openings: h.openings().length,
    journal: (await h.journal()).length,
    left: month.machine.left(),
    packetsAfter: h.world.hops - hops,
  }
}

class Running {
  readonly h: Home
  readonly random: Prng
  readonly #pace: Pace
  readonly #store: Store
  watch!: RunningWatch
  machine!: CountingHost
  isDiskFull = false
  clockOffsetMs = 0

  constructor(h: Home, random: Prng, pace: Pace) {
    this.h = h
    this.random = random
    this.#pace = pace
    this.#store = this.#failing(new MemoryStore())
  }

  start(): void {
    this.machine = new CountingHost(this.h.own, () => this.clockOffsetMs)
    this.watch = this.h.start({ pace: this.#pace, store: this.#store, host: this.machine.host })
  }

  /** What its sockets held is free, as after any process. */
  kill(): void {
    this.watch.kill()
    this.machine.closeAll()
  }

  complaints(): readonly string[] {
    const { view } = this.watch.daemon
    const stated = [...view.stated.values()].map(({ answer }) => answer)
    const own = this.h.machines.get('node')!.interfaces[0]!.address(false)
    // One for an address that this host had before ends by itself: a router takes it back from nobody else.
    const openings = this.h.openings().filter(({ internal }) => internal.address === own)
    return [
      ...(openings.length === 2 ? [] : [`${openings.length} openings`]),
      ...(view.measured?.report.verdict === 'reachable'
        ? []
        : [`the last check says ${view.measured?.report.verdict}`]),
      ...(stated.length === 2 && stated.every((answer) => answer === 'yes') ? [] : [`told: ${stated.join(', ')}`]),
      ...(view.entries.length === 2 ? [] : [`${view.entries.length} changes in the journal`]),
    ]
  }

  #failing(store: Store): Store {
    const refuse = (write: (...args: never[]) => unknown) => {
      return (...args: never[]) => {
        if (this.isDiskFull) throw new Error('database or disk is full')
        return write.apply(store, args)
      }
    }
    return Object.assign(Object.create(store) as Store, {
      addEvent: refuse(store.addEvent),
      addSamples: refuse(store.addSamples),
      prune: refuse(store.prune),
    })
  }
}

/** A host that counts what its program holds, and whose wall clock can be set. */
class CountingHost {
  readonly host: Host
  readonly #sockets = new Set<UdpSocket | TcpListener | TcpConnection>()
  #sleeps = 0
  #locks = 0

  constructor(own: Host, offsetMs: () => number) {
    const { clock, udp, tcp, files } = own
    this.host = {
      ...own,
      clock: {
        monotonicMs: () => clock.monotonicMs(),
        nowMs: () => clock.nowMs() + offsetMs(),
        sleep: async (ms, signal) => {
          this.#sleeps++
          await clock.sleep(ms, signal)
          this.#sleeps--
        },
      },
      udp: { open: async (options) => this.#held(await udp.open(options)) },
      tcp: {
        listen: async (options) => this.#held(await tcp.listen(options)),
        connect: async (options) => {
          const result = await tcp.connect(options)
          return result.outcome === 'connected' ? { ...result, connection: this.#held(result.connection) } : result
        },
      },
      files: {
        read: (...args) => files.read(...args),
        replace: (...args) => files.replace(...args),
        remove: (...args) => files.remove(...args),
        tidy: (...args) => files.tidy(...args),
        lock: async (path) => {
          const lock = await files.lock(path)
          this.#locks++
          return {
            [Symbol.asyncDispose]: async () => {
              this.#locks--
              await lock[Symbol.asyncDispose]()
            },
          }
        },
      },
    }
  }

  left(): Month['left'] {
    return { sockets: this.#sockets.size, sleeps: this.#sleeps, locks: this.#locks }
  }

  closeAll(): void {
    for (const socket of this.#sockets) void socket.close()
  }

  #held<S extends UdpSocket | TcpListener | TcpConnection>(socket: S): S {
    this.#sockets.add(socket)
    const close = socket.close.bind(socket)
    const forget = async () => {
      this.#sockets.delete(socket)
      await close()
    }
    return new Proxy(socket, {
      get: (target, name) => {
        if (name === 'close' || name === Symbol.asyncDispose) return forget
        if (name === 'reset') {
          return () => {
            this.#sockets.delete(socket)
            ;(target as TcpConnection).reset()
          }
        }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

/** Counts what the node sends to router and vantage by the hour; the returned function tells the most of any. */
function countSent({ world, machines }: Home): () => Sent {
  const book = world.addresses
  const own = new Set(machines.get('node')!.interfaces)
  const router = book.id('192.168.1.1')
  const vantages = new Set(['198.51.100.20', '198.51.100.21'].map((address) => book.id(address)))
  const hours = new Map<number, { toRouter: number; toVantage: number }>()
  world.tap = (from, _, packet) => {
    if (!own.has(from)) return
    const hour = Math.floor(world.nowMs / HOUR)
    const count = hours.get(hour) ?? { toRouter: 0, toVantage: 0 }
    hours.set(hour, count)
    if (packet.destination === router) count.toRouter++
    if (vantages.has(packet.destination)) count.toVantage++
  }
  return () => ({
    toRouter: Math.max(...[...hours.values()].map(({ toRouter }) => toRouter)),
    toVantage: Math.max(...[...hours.values()].map(({ toVantage }) => toVantage)),
  })
}

/** An integer, both ends included. */
function between(random: Prng, least: number, most: number): number {
  return least + random.below(most - least + 1)
}
