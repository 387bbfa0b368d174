import { readFileSync } from 'node:fs'
import type { Host } from '../../src/host/host.ts'
import { Journal } from '../../src/remedy/journal.ts'
import { buildTopology } from '../../src/sim/build.ts'
import type { RouterGuard } from '../../src/sim/nat/router-guard.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import type { Pace } from '../../src/watch/core/pace.ts'
import { Daemon, type DaemonOptions } from '../../src/watch/daemon.ts'
import { MemoryStore } from '../../src/watch/store/memory-store.ts'
import type { Store, StoredEvent } from '../../src/watch/store/store.ts'
import { workHere } from '../../src/watch/work-here.ts'

export const FOLDER = '/var/lib/peerway'
export const ASKED = { ports: ['4001'], vantages: ['198.51.100.20'], stateFolder: FOLDER }

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

type Tell = Pick<DaemonOptions, 'onEvent' | 'onChange' | 'onProgress'>

export interface RunningWatch {
  readonly daemon: Daemon
  readonly events: StoredEvent[]
  /** SIGTERM, and the wait for the end. */
  stop(): Promise<void>
  /** kill -9: nothing that it still does has any effect, and its locks hold nothing any more. */
  kill(): void
}

/** A home whose router opens ports by `protocols`, in a world where things can happen; and watches that run in it. */
export async function home(protocols = 'pcp, nat-pmp', change: (yaml: string) => string = (yaml) => yaml, seed = 7) {
  const yaml = readFileSync(new URL('../../topologies/home-pcp.yaml', import.meta.url), 'utf8')
    .replace('portMapping: [nat-pmp, pcp]', `portMapping: [${protocols}]`)
    // IPv4 alone: half as much to wait for.
    .replace(/, ipv6: 2001:[^ ]*/g, '')
    .replace(/^ {2}vantage6: .*\n/m, '')
  const parsed = parseTopology(change(yaml), 'home.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const { world, machines } = simulated
  const own = simulated.host('node')
  const router = machines.get('box')!.guard as RouterGuard
  return {
    ...simulated,
    own,
    router,
    openings: () => router.openings.all(),
    journal: async () => (await Journal.open(own, FOLDER)).entries,
    start(options: { pace?: Pace; store?: Store; host?: Host; tell?: Tell; isDeep?: boolean } = {}): RunningWatch {
      const { host: on = own, tell = {}, ...others } = options
      const mortal = mortalHost(on)
      const signal = new AbortController()
      const events: StoredEvent[] = []
      const daemon = new Daemon({
        host: mortal.host,
        work: workHere(ASKED, mortal.host, signal.signal),
        store: others.store ?? new MemoryStore(),
        stateFolder: FOLDER,
        ...tell,
        onEvent: (event) => {
          events.push(event)
          tell.onEvent?.(event)
        },
        ...(others.pace === undefined ? {} : { pace: others.pace }),
        isDeep: others.isDeep ?? false,
      })
      const ended = daemon.run(signal.signal)
      // A fault shows when its end is waited for, and at once in the world.
      ended.catch(() => {})
      return {
        daemon,
        events,
        stop: async () => {
          signal.abort()
          await world.run(ended, 'the end of the watch')
        },
        kill: mortal.kill,
      }
    },
  }
}

export type Home = Awaited<ReturnType<typeof home>>

/** A host that can be taken away from its program: from then on every call waits for ever. */
export function mortalHost(host: Host): { readonly host: Host; readonly kill: () => void } {
  let isDead = false
  const locks = new Set<AsyncDisposable>()
  const never = () => new Promise<never>(() => {})
  const wrapped = Object.entries(host).map(([name, capability]) => [
    name,
    new Proxy(capability as object, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method)
        if (typeof value !== 'function') return value
        const isSync = ['nowMs', 'monotonicMs', 'bytes'].includes(String(method))
        return (...args: unknown[]) => {
          if (isSync) return value.apply(target, args)
          if (isDead) return never()
          const result = value.apply(target, args) as Promise<unknown>
          if (method === 'lock') void result.then((lock) => locks.add(lock as AsyncDisposable)).catch(() => {})
          return result.then(
            (answer) => (isDead ? never() : answer),
            (error) => (isDead ? never() : Promise.reject(error)),
          )
        }
      },
    }),
  ])
  const kill = () => {
    isDead = true
    for (const lock of locks) void lock[Symbol.asyncDispose]()
  }
  return { host: Object.fromEntries(wrapped) as Host, kill }
}

/** The same home, whose node drops what nobody there asked for. */
export function withFirewall(yaml: string): string {
  const firewall = [
    '    firewall:',
    '      nft: |',
    '        table inet filter {',
    '          chain input {',
    '            type filter hook input priority filter; policy drop',
    '            iif lo accept',
    '            ct state established,related accept',
    '            meta l4proto { icmp, ipv6-icmp } accept',
    '          }',
    '        }',
  ]
  return yaml.replace('    network: home\n', `    network: home\n${firewall.join('\n')}\n`)
}
