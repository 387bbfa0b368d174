import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { openOsHost } from '../../src/host/os/os-host.ts'
import type { AddressesFact } from '../../src/model/evidence.ts'
import { containersAbout, listContainers } from '../../src/probe/containers.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerway-engine-'))
const path = join(folder, 'docker.sock')
const host = openOsHost()
const ADDRESSES: AddressesFact = { addresses: [], defaultRoutes: [], source: { ipv4: null, ipv6: null } }
const MIB = 1024 * 1024

let server: Server | undefined
const open = new Set<Socket>()

/** Whatever comes, this is said. */
function serve(say: (socket: Socket, request: string) => void, at = path): Promise<void> {
  const made = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {}).once('data', (data) => say(socket, data.toString()))
  })
  server = made
  return new Promise((resolve) => made.listen(at, resolve))
}

function answer(body: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Says something again and again, for as long as somebody listens. */
function endlessly(socket: Socket, first: string, chunk: string): void {
  socket.write(first)
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}

beforeAll(() => {
  // No engine of this machine has a part in these tests.
  vi.stubEnv('DOCKER_HOST', `unix://${path}`)
  vi.stubEnv('XDG_RUNTIME_DIR', folder)
})
afterEach(() => {
  for (const socket of open) socket.destroy()
  open.clear()
  server?.close()
  rmSync(path, { force: true })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** The engine of this test; undefined where it is not found. */
async function engine() {
  return (await host.services.engines()).find(({ socket }) => socket === path)
}

const LIST = '/containers/json'

describe.skipIf(process.platform === 'win32')('an engine of containers', () => {
  test('is asked as Docker is', async () => {
    let heard = ''
    await serve((socket, request) => {
      heard = request
      socket.end(answer('[]'))
    })
    expect(await (await engine())!.get(LIST, { timeoutMs: 2000 })).toEqual({
      outcome: 'answered',
      status: 200,
      body: '[]',
    })
    expect(heard.split('\r\n')[0]).toBe('GET /containers/json HTTP/1.1')
  })

  test('is found once, though two names lead to it', async () => {
    await serve((socket) => socket.end(answer('[]')), join(folder, 'real.sock'))
    symlinkSync(join(folder, 'real.sock'), path)
    const found = (await host.services.engines()).filter(({ socket }) => socket.startsWith(folder))
    expect(found.map(({ socket }) => socket)).toEqual([join(folder, 'real.sock')])
  })

  test('no redirect is followed', async () => {
    await serve((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nLocation: http://203.0.113.1/\r\nContent-Length: 0\r\n\r\n'),
    )
    expect(await (await engine())!.get(LIST, { timeoutMs: 2000 })).toMatchObject({ outcome: 'answered', status: 302 })
  })

  test.each<readonly [string, (socket: Socket) => void, string]>([
    ['an endless body', (socket) => endlessly(socket, 'HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65_536)), 'too-long'],
    ['64 MiB of JSON', (socket) => socket.end(answer(`[${' '.repeat(64 * MIB)}]`)), 'too-long'],
    ['garbage', (socket) => socket.end('\0\u0001 no HTTP at all\r\n\r\n'), 'garbled'],
    [
      'another protocol',
      (socket) => socket.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      'garbled',
    ],
    ['a body that is cut off', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]'), 'garbled'],
    ['endless headers', (socket) => endlessly(socket, 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'), 'garbled'],
    ['endless promises', (socket) => endlessly(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n'), 'timed-out'],
    ['silence', () => {}, 'timed-out'],
    [
      'a letter now and then',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n['),
      'timed-out',
    ],
  ])('%s is bounded', async (_name, say, outcome) => {
    await serve(say)
    const startMs = performance.now()
    const timeoutMs = outcome === 'timed-out' ? 300 : 10_000
    expect(await (await engine())!.get(LIST, { timeoutMs })).toEqual({ outcome })
    expect(performance.now() - startMs).toBeLessThan(timeoutMs + 1000)
  })

  test.each<readonly [string, () => void]>([
    ['a FIFO', () => execFileSync('mkfifo', [path])],
    ['a file', () => writeFileSync(path, '[]')],
  ])('%s in its place is not available', async (_name, make) => {
    make()
    await expect((await engine())!.get(LIST, { timeoutMs: 400 })).rejects.toMatchObject({ code: 'not-available' })
  })

  test('a path that is none is a mistake of ours', async () => {
    await serve(() => {})
    await expect((async () => (await engine())!.get('/x y', { timeoutMs: 1 }))()).rejects.toThrow(RangeError)
  })
})

describe.skipIf(process.platform === 'win32')('what the probe makes of it is one sentence of evidence', () => {
  const probe = async () => {
    const fact = containersAbout(await listContainers(host, ADDRESSES), [{ transport: 'tcp', port: 4001 }])
    return { ...fact, engines: fact.engines.filter(({ socket }) => socket.startsWith(folder)) }
  }

  test.each<readonly [string, (socket: Socket, request: string) => void, string]>([
    ['garbage', (socket) => socket.end('garbage\r\n\r\n'), 'garbled'],
    ['an error', (socket) => socket.end(answer('{"message":"no"}', '500 No')), 'status 500'],
    ['no JSON', (socket) => socket.end(answer('<html>')), 'not-json'],
    ['other JSON', (socket) => socket.end(answer('{"a":[]}')), 'unexpected'],
  ])('%s', async (_name, say, detail) => {
    await serve(say)
    expect(await probe()).toMatchObject({ engines: [{ access: 'unreadable', detail }], containers: [] })
  })

  test('no engine at all', async () => {
    expect((await probe()).engines).toEqual([])
  })

  test('an engine that nobody answers for', async () => {
    execFileSync('mkfifo', [path])
    expect(await probe()).toMatchObject({ engines: [{ access: 'not-available' }], containers: [] })
  })

  test('an engine that lists a thousand containers and is silent about each', async () => {
    const one = {
      Id: 'ab'.repeat(32),
      Names: ['/x'],
      Image: 'x',
      Ports: [{ PrivatePort: 4001, PublicPort: 4001, Type: 'tcp' }],
    }
    const body = answer(JSON.stringify(new Array(1000).fill(one)))
    await serve((socket, request) => {
      if (request.startsWith('GET /containers/json ')) socket.end(body)
    })
    const startMs = performance.now()
    const fact = await probe()
    expect(performance.now() - startMs).toBeLessThan(6000)
    expect(fact.containers[0]).toMatchObject({ name: 'x', pid: null, listening: null })
  }, 15_000)
})
