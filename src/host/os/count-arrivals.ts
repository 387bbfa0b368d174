import { readdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ArrivalCounters, ArrivalWatch } from '../host.ts'
import { arrivalTable, parseCounters, requireWatches, type TableShape } from './arrival-table.ts'
import { NftSession, nftFailure } from './nft-session.ts'
import { processStart } from './process-start.ts'
import { runProgram } from './run-program.ts'

const PREFIX = 'peerway_arrivals_'
let tables = 0

/** Tables that are there, or being made; null once the program ends, and no more are made. */
let open: Set<Promise<CounterTable>> | null = new Set()

/** See `Netfilter.countArrivals`. `natInUse`: does a rule set of this host hold NAT rules? */
export async function countArrivals(watches: readonly ArrivalWatch[], natInUse: boolean): Promise<ArrivalCounters> {
  requireWatches(watches)
  // Both families count at the same time, so the number is taken before anything is awaited.
  tables += 1
  const number = tables
  await sweepDead()
  const name = `${PREFIX}${process.pid}_${await processStart(`${process.pid}`)}_${number}`
  if (open === null) throw new PeerwayError('not-available', errorText('error.ending'))
  const making = makeTable(name, watches, natInUse)
  open.add(making)
  const table = await making.catch((error) => {
    open?.delete(making)
    throw error
  })
  let reading: Promise<unknown> = Promise.resolve()
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= reading.then(() => table.remove()).finally(() => open?.delete(making))
    return closed
  }
  return {
    read() {
      const counts = reading.then(async () => parseCounters(await table.list(), watches))
      reading = counts.catch(() => {})
      return counts
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * Removes every table that is still there, whoever counts with it: for a program that is told to end in the midst of its
 * work. The kernel removes most of them by itself, but some milliseconds later.
 */
export async function removeArrivalTables(): Promise<void> {
  const left = [...(open ?? [])]
  open = null
  await Promise.allSettled(left.map(async (table) => (await table).remove()))
}

interface CounterTable {
  /** What nft prints of its counters. */
  list(): Promise<string>
  remove(): Promise<void>
}

/** Older kernels and programs lack owners, or ingress, or both: the next best thing is tried. */
async function makeTable(name: string, watches: readonly ArrivalWatch[], redirected: boolean): Promise<CounterTable> {
  const devices = await ingressDevices()
  const shapes: TableShape[] = [true, false].flatMap((owned) =>
    (devices.length === 0 ? [[]] : [devices, []]).map((on) => ({ name, owned, devices: on, redirected })),
  )
  let refused: unknown
  for (const shape of shapes) {
    try {
      return await (shape.owned ? ownedTable : lastingTable)(name, arrivalTable(shape, watches))
    } catch (error) {
      if (!(error instanceof PeerwayError) || error.code !== 'not-available') throw error
      refused = error
    }
  }
  throw refused
}

async function ownedTable(name: string, making: string): Promise<CounterTable> {
  const session = new NftSession()
  const list = `list counters table inet ${name}`
  await session.ask([making, list])
  return { list: () => session.ask([list]), remove: () => session.end() }
}

/** It stays when we are killed; the next run sweeps it. Some builds of nft have no interactive mode either. */
async function lastingTable(name: string, making: string): Promise<CounterTable> {
  await runNft(making)
  return {
    list: () => runNft(`list counters table inet ${name}`),
    remove: async () => void (await runNft(`delete table inet ${name}`)),
  }
}

async function runNft(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(['nft', '-f', '-'], { timeoutMs: 3000, stdin: `${command}\n` })
  if (exitCode !== 0) throw nftFailure(stderr)
  return stdout
}

/**
 * The devices that packets for this host come in by. None where one of them carries another (VLAN, macvlan): a packet
 * would be counted on both.
 */
async function ingressDevices(): Promise<string[]> {
  const names = Object.keys(networkInterfaces())
  const above = await Promise.all(names.map((name) => readdir(`/sys/class/net/${name}`).catch(() => [])))
  const stacked = above.flat().some((entry) => entry.startsWith('upper_'))
  return stacked || !names.every((name) => /^[\w.:@-]+$/.test(name)) ? [] : names
}

/** Takes away what a killed peerway left where the kernel has no owned tables. A process is known by its start, for ids return. */
async function sweepDead(): Promise<void> {
  const { stdout, exitCode } = await runProgram(['nft', 'list', 'tables', 'inet'], { timeoutMs: 3000 })
  if (exitCode !== 0) return
  for (const [, name, pid, start] of stdout.matchAll(new RegExp(`^table inet (${PREFIX}(\\d+)_(\\d+)_\\d+)$`, 'gm'))) {
    if ((await processStart(pid!)) === start) continue
    // An owned table on its way out refuses; it needs no help.
    await runProgram(['nft', 'delete', 'table', 'inet', name!], { timeoutMs: 3000 }).catch(() => {})
  }
}
