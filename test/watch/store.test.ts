import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { History } from '../../src/watch/store/history.ts'
import { MemoryStore } from '../../src/watch/store/memory-store.ts'
import { openStore } from '../../src/watch/store/open-store.ts'
import type { Store } from '../../src/watch/store/store.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 0, 1)
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerway-store-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function sqlite(): Promise<Store> {
  const { store, why } = await openStore(folder, NOW)
  expect(why).toBeNull()
  return store
}

describe.each([
  ['SQLite', sqlite],
  ['memory', async () => new MemoryStore()],
])('a history in %s', (_, open) => {
  test('gives events back, the newest, oldest first', async () => {
    const store = await open()
    for (let hour = 0; hour < 5; hour++) {
      store.addEvent({ atMs: NOW + hour * 3_600_000, kind: 'lost', params: { endpoints: `udp/ipv4/${4000 + hour}` } })
    }
    const ports = (query: Parameters<Store['events']>[0]) => store.events(query).map(({ params }) => params.endpoints)
    expect(ports({ limit: 2 })).toEqual(['udp/ipv4/4003', 'udp/ipv4/4004'])
    expect(ports({ limit: 9, sinceMs: NOW + 3_600_000, untilMs: NOW + 7_200_000 })).toEqual(['udp/ipv4/4001'])
    expect(ports({ limit: 9, afterId: store.events({ limit: 2 })[0]!.id })).toEqual(['udp/ipv4/4004'])
    store.close()
  })

  test('takes neighbours together where fewer points are wanted', async () => {
    const store = await open()
    for (let minute = 0; minute < 100; minute++) {
      store.addSamples(NOW + minute * 60_000, [{ series: 'peers', value: minute }])
    }
    const points = store.points({ series: 'peers', sinceMs: NOW, untilMs: NOW + 100 * 60_000, limit: 10 })
    expect(points).toHaveLength(10)
    expect(points[0]).toEqual({ atMs: NOW, mean: 4.5, least: 0, most: 9, count: 10 })
    expect(store.seriesNames()).toEqual(['peers'])
    store.close()
  })
})

test('old points are taken together by the hour and the day, and the oldest forgotten; twice changes nothing', async () => {
  const store = await sqlite()
  const samples = [...Array(24 * 4).keys()].flatMap((quarter) => {
    return [1, 20, 120, 900].map((days) => NOW - days * DAY_MS + quarter * 900_000)
  })
  for (const atMs of samples) store.addSamples(atMs, [{ series: 'rtt', value: 1 }])
  const count = () => store.points({ series: 'rtt', sinceMs: 0, untilMs: NOW + DAY_MS, limit: 5000 }).length
  expect(count()).toBe(4 * 96)
  for (const _ of ['once', 'twice']) {
    store.prune(NOW)
    expect(count()).toBe(96 + 24 + 1)
  }
  store.close()
})

test('only its owner reads it, and what SQLite keeps beside it', async () => {
  const { store } = await openStore(folder, NOW)
  store.addEvent({ atMs: NOW, kind: 'started', params: {} })
  const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)])
  expect(Object.fromEntries(modes)).toMatchObject({
    'history.db': '600',
    'history.db-wal': '600',
    'history.db-shm': '600',
  })
  store.close()
})

test('a damaged file is put aside, and a new one begun', async () => {
  writeFileSync(join(folder, 'history.db'), 'this is no database '.repeat(1000))
  const { store, why, aside } = await openStore(folder, NOW)
  expect(why).toBeNull()
  expect(aside).toMatch(/history\.db\.damaged-/)
  store.addEvent({ atMs: NOW, kind: 'started', params: {} })
  expect(store.events({ limit: 1 })).toHaveLength(1)
  store.close()
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(1)
})

test('a folder that is not there leaves a history in memory, and says why', async () => {
  const { store, why } = await openStore(join(folder, 'nothing'), NOW)
  expect(why).not.toBeNull()
  store.addEvent({ atMs: NOW, kind: 'started', params: {} })
})

test('what a failing disk does not take is written when it does', () => {
  const memory = new MemoryStore()
  let isFull = true
  const failing: Store = Object.assign(Object.create(memory) as Store, {
    addEvent: (event: Parameters<Store['addEvent']>[0]) => {
      if (isFull) throw new Error('database or disk is full')
      return memory.addEvent(event)
    },
  })
  let errors = 0
  const history = new History(failing, () => errors++)
  for (const kind of ['started', 'lost', 'back'] as const) history.addEvent({ atMs: NOW, kind, params: {} })
  expect([errors, history.error, memory.events({ limit: 9 })]).toEqual([3, 'database or disk is full', []])
  isFull = false
  history.addEvent({ atMs: NOW, kind: 'stopped', params: {} })
  expect(memory.events({ limit: 9 }).map(({ kind }) => kind)).toEqual(['started', 'lost', 'back', 'stopped'])
  expect(history.error).toBeNull()
})
