import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ReportChange } from '../../src/report/change-report.ts'
import type { WatchHistory } from '../../src/watch/server/history-json.ts'
import { serve } from '../../src/watch/server/serve.ts'
import type { WatchState } from '../../src/watch/server/state-json.ts'
import { home, MINUTE, withFirewall } from './home.ts'

const TOKEN = 'abcdefghijklmnopqrstuvwxyz012345'
const AUTHORIZED = { Authorization: `Bearer ${TOKEN}` }
const JSON_TOO = { ...AUTHORIZED, 'Content-Type': 'application/json' }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A watch in a simulated home, and its server on this machine's loopback. */
async function served(change?: (yaml: string) => string) {
  const h = await home('pcp', change)
  const watch = h.start()
  await h.world.pass(MINUTE)
  const folder = mkdtempSync(join(tmpdir(), 'peerway-web-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const server = await serve({
    daemon: watch.daemon,
    listen: { address: '127.0.0.1', port: 0 },
    token: TOKEN,
    language: 'en',
    webFolder: folder,
    nowMs: () => h.own.clock.nowMs(),
    figures: () => ({ cpuSeconds: 1.5, residentBytes: 1000 }),
  })
  cleanups.push(() => server.close())
  const url = (path: string) => `http://127.0.0.1:${server.local.port}${path}`
  const get = (path: string, init?: RequestInit) => fetch(url(path), init)
  const state = async (query = '', init?: RequestInit) =>
    (await (await get(`/api/state${query}`, init)).json()) as WatchState
  const history = async (query: string) => (await (await get(`/api/history?${query}`)).json()) as WatchHistory
  const post = (path: string, body: unknown, headers: Record<string, string> = JSON_TOO) =>
    get(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  /** Lets the world go on until an answer that needs it has come. */
  const meanwhile = async <T>(answer: Promise<T>): Promise<T> => {
    let isThere = false
    const noted = answer.finally(() => {
      isThere = true
    })
    while (!isThere) {
      await h.world.pass(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return noted
  }
  return { ...h, ...watch, folder, server, url, get, state, history, post, meanwhile }
}

describe('the state', () => {
  test('has the report, the mappings with their ends, and what can be taken back', async () => {
    const { state } = await served()
    const told = await state()
    expect(told).toMatchObject({
      schema: 'peerway.watch/1',
      mayApply: false,
      doing: null,
      plan: null,
      historyError: null,
      report: { schema: 'peerway.report/1', verdict: 'reachable' },
    })
    expect(told.endpoints[0]).toMatchObject({ name: 'udp/ipv4/4001', reachable: 'yes', external: '45.67.89.2:4001' })
    const mapping = told.mappings[0]!
    expect(mapping).toMatchObject({ protocol: 'pcp', leased: true, internal: '192.168.1.10:4001' })
    const lifetimeMs = Date.parse(mapping.expiresAt!) - Date.parse(mapping.grantedAt)
    expect(lifetimeMs).toBe(7_200_000)
    expect(Date.parse(mapping.renewAt!) - Date.parse(mapping.grantedAt)).toBeLessThan(lifetimeMs / 2)
    expect(told.changes.map(({ id }) => id)).toContain(mapping.id)
  })

  test('is in the language that is asked for', async () => {
    const { state } = await served()
    const texts = [await state('?lang=fr'), await state()].map(({ report }) => report!.evidence[0]!.text)
    expect(texts[0]).not.toBe(texts[1])
    expect((await state('?lang=fr')).about!.verdict).toMatch(/^Joignable/)
    expect((await state('', { headers: { 'Accept-Language': 'fr-CA,en' } })).lang).toBe('fr')
    expect((await state('', { headers: AUTHORIZED })).mayApply).toBe(true)
  })
})

describe('the history', () => {
  test('has events and series', async () => {
    const { history } = await served()
    const { events, names, series } = await history('series=reachable+udp/ipv4/4001')
    expect(events.map(({ kind }) => kind)).toContain('mapping-made')
    expect(names).toContain('reachable udp/ipv4/4001')
    expect(series[0]!.points[0]).toHaveLength(5)
  })

  test.each(['since=yesterday', 'limit=0', 'limit=99999999', 'points=x'])('refuses %s', async (query) => {
    const { get } = await served()
    const response = await get(`/api/history?${query}`)
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'bad-input' } }])
  })
})

describe('changes', () => {
  test('the plan that was shown is applied, and taken back', async () => {
    const { state, post, machines, daemon, meanwhile } = await served(withFirewall)
    const plan = (await state()).plan!
    expect(plan.changes.map(({ kind }) => kind)).toContain('nft-rule')
    expect((await post('/api/plan/apply', { plan: 'another' })).status).toBe(409)
    const applied = await meanwhile(post('/api/plan/apply', { plan: plan.id }))
    const { changes } = (await applied.json()) as { changes: readonly ReportChange[] }
    expect(changes.map((one) => one.state)).toContain('kept')
    expect((await state()).report!.verdict).toBe('reachable')
    const rules = JSON.stringify(machines.get('node')!.rulesets)
    const undoing = await meanwhile(post('/api/undo', { changes: 'all' }))
    const { undone } = (await undoing.json()) as { undone: readonly { outcome: string }[] }
    expect(new Set(undone.map(({ outcome }) => outcome))).toEqual(new Set(['undone']))
    expect(JSON.stringify(machines.get('node')!.rulesets)).not.toBe(rules)
    expect(daemon.view.entries).toEqual([])
  })

  test.each([
    ['/api/plan/apply', '{}', 400],
    ['/api/plan/apply', 'no json', 400],
    ['/api/plan/apply', '[]', 400],
    ['/api/undo', '{"changes":[1]}', 400],
    ['/api/undo', '{"changes":["nosuchid"]}', 400],
    ['/api/undo', JSON.stringify({ changes: 'a'.repeat(70_000) }), 400],
    ['/api/nothing', '{}', 404],
  ])('%s with %.20s is refused', async (path, body, status) => {
    const { post, meanwhile } = await served()
    expect((await meanwhile(post(path, body))).status).toBe(status)
  })

  test('nothing changes without the token, nor as a form of another site', async () => {
    const { post, journal } = await served()
    expect((await post('/api/undo', { changes: 'all' }, { 'Content-Type': 'application/json' })).status).toBe(401)
    expect((await post('/api/undo', { changes: 'all' }, { ...AUTHORIZED, 'Content-Type': 'text/plain' })).status).toBe(
      400,
    )
    expect(await journal()).toHaveLength(2)
  })
})

test('events are told as they happen, and those that were missed', async () => {
  const { get, server } = await served()
  const response = await get('/api/events', { headers: { 'Last-Event-ID': '1' } })
  const reader = response.body!.getReader()
  let heard = ''
  const hear = async (words: string) => {
    while (!heard.includes(words)) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`the stream ended after ${heard}`)
      heard += new TextDecoder().decode(value)
    }
  }
  await hear('mapping-made')
  expect(heard).toMatch(/^id: 2\nevent: happened\ndata: \{"id":2,/m)
  server.streams.changed()
  await hear('event: changed')
  server.streams.happened({ id: 99, atMs: 0, kind: 'stopped', params: {} })
  await hear('The watch has ended.')
  await reader.cancel()
  // Whoever asks for the head alone holds no stream.
  const head = await get('/api/events', { method: 'HEAD' })
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'text/event-stream', ''])
})

describe('files', () => {
  test('of the page are served, and nothing else of this machine', async () => {
    const { folder, get, url } = await served()
    expect(await (await get('/')).text()).toContain('<pre>')
    writeFileSync(join(folder, 'index.html'), '<p>the page')
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'assets', 'a-1.js'), '1')
    symlinkSync('/etc/passwd', join(folder, 'passwd.html'))
    expect(await (await get('/')).text()).toBe('<p>the page')
    const asset = await get('/assets/a-1.js')
    expect(asset.headers.get('cache-control')).toContain('immutable')
    for (const path of ['/passwd.html', '/../../etc/passwd', '/%2e%2e/etc/passwd', '/.git/config', '/assets', '//x']) {
      expect(await rawStatus(url('/'), path), path).toBe(404)
    }
  })

  test('bear the headers that keep other sites out', async () => {
    const { get } = await served()
    const { headers } = await get('/api/state')
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self'.*frame-ancestors 'none'/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('what is long is sent zipped to whoever takes that', async () => {
  const { url } = await served()
  const encoding = (accepted: string) =>
    new Promise((resolve, reject) => {
      const headers = { 'Accept-Encoding': accepted }
      request(url('/api/state'), { headers }, (response) => resolve(response.resume().headers['content-encoding']))
        .on('error', reject)
        .end()
    })
  expect(await encoding('br, gzip')).toBe('gzip')
  expect(await encoding('identity')).toBeUndefined()
})

test('the cookie for reading is not the token', async () => {
  const { post } = await served()
  const response = await post('/api/session', {})
  expect(response.headers.get('set-cookie')).toMatch(/^peerway-token=[\w-]{43}; HttpOnly; SameSite=Strict; /)
  expect(response.headers.get('set-cookie')).not.toContain(TOKEN)
})

test('two servers do not share a port', async () => {
  const { daemon, server, folder } = await served()
  const options = { daemon, token: TOKEN, language: 'en', webFolder: folder, nowMs: () => 0 } as const
  const figures = () => ({ cpuSeconds: 0, residentBytes: 0 })
  await expect(serve({ ...options, figures, listen: server.local })).rejects.toMatchObject({ code: 'busy' })
})

/** `fetch` makes paths tidy before it sends them. */
function rawStatus(base: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    request({ hostname, port, path }, (response) => resolve(response.resume().statusCode!))
      .on('error', reject)
      .end()
  })
}
