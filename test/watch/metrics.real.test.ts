import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serve } from '../../src/watch/server/serve.ts'
import { missingFor } from '../lab/needs.ts'
import { home, MINUTE } from './home.ts'

const missing = missingFor('prometheus', 'promtool')
const TOKEN = 'abcdefghijklmnopqrstuvwxyz012345'
const RULES = resolve('deploy/prometheus-rules.yml')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerway-prometheus-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The server of a watch in a simulated home: real HTTP on this machine's loopback. */
async function served() {
  const h = await home('pcp')
  const watch = h.start()
  await h.world.pass(MINUTE)
  const server = await serve({
    daemon: watch.daemon,
    listen: { address: '127.0.0.1', port: 0 },
    token: TOKEN,
    language: 'en',
    webFolder: folder,
    nowMs: () => h.own.clock.nowMs(),
    figures: () => ({ cpuSeconds: 1.5, residentBytes: 1000 }),
  })
  return { server, address: `127.0.0.1:${server.local.port}` }
}

describe.skipIf(missing)(`Prometheus${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('finds no fault with the metrics, nor with the rules, which alert when they should', async () => {
    const { server, address } = await served()
    const metrics = await (await fetch(`http://${address}/metrics`)).text()
    await server.close()
    // It fails on a fault, and prints what is bad style.
    expect(execFileSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' })).toBe('')
    expect(execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' })).toContain('SUCCESS')
    const tests = resolve('deploy/prometheus-rules.test.yml')
    expect(execFileSync('promtool', ['test', 'rules', tests], { encoding: 'utf8' })).toContain('SUCCESS')
  })

  test('scrapes them, and knows whether strangers get in', async () => {
    const { server, address } = await served()
    const port = await freePort()
    const config = `
global: { scrape_interval: 1s }
rule_files: [${RULES}]
scrape_configs: [{ job_name: peerway, static_configs: [{ targets: ['${address}'] }] }]
`
    writeFileSync(join(folder, 'prometheus.yml'), config)
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    )
    try {
      const query = 'peerway_endpoint_reachable{transport="udp",family="ipv4",port="4001"}'
      const found = await eventually(() => ask(port, query))
      expect(found).toMatchObject([{ metric: { job: 'peerway', instance: address }, value: [expect.any(Number), '1'] }])
      expect(await ask(port, 'up')).toMatchObject([{ value: [expect.any(Number), '1'] }])
    } finally {
      prometheus.kill('SIGTERM')
      await once(prometheus, 'exit')
      await server.close()
    }
  })
})

async function ask(port: number, query: string): Promise<readonly unknown[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await response.json()) as { data?: { result: readonly unknown[] } }
  return data?.result ?? []
}

async function eventually(look: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const found = await look().catch(() => [])
    if (found.length > 0) return found
    await new Promise((wake) => setTimeout(wake, 250))
  }
  return []
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
