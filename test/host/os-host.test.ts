import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { loadLibc } from '../../src/host/os/batches/libc.ts'
import { openOsHost } from '../../src/host/os/os-host.ts'
import { hostConformance } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerway-host-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hasIpv6 = Object.values(networkInterfaces()).some((entries) => entries?.some(({ address }) => address === '::1'))
const needsIpv6 = [
  'carries a datagram over IPv6',
  'carries a datagram by the interface asked for',
  'connects over IPv6',
  'connects by the interface asked for',
  'listens on :: for IPv6 alone',
]
const canPing = spawnSync('ping', ['-n', '-c', '1', '-W', '1', '127.0.0.1']).status === 0
const onLinux = process.platform === 'linux'
const linuxAlone = [
  'lists a TCP listener and a UDP socket',
  'lists no connected UDP socket',
  'lists the connections of a port',
  'knows no setting that there is not',
  'changes no setting that there is not',
]

hostConformance("the operating system's host", openOsHost, {
  folder: join(folder, 'conformance'),
  exceptions: [
    ...(hasIpv6 ? [] : needsIpv6.map((name) => ({ test: name, reason: 'this machine has no IPv6 loopback' }))),
    ...(canPing && onLinux ? [] : [{ test: 'gets an echo from itself', reason: 'ping does not work here' }]),
    ...(onLinux ? [] : linuxAlone.map((name) => ({ test: name, reason: 'Linux alone tells' }))),
  ],
})

const inBatches = loadLibc() !== undefined
if (!inBatches && onLinux && process.env.CI !== undefined) throw new Error('the optional package of koffi is missing')

describe.skipIf(!inBatches)('its busy sockets', () => {
  hostConformance("the operating system's host with them", busyHost, {
    folder: join(folder, 'busy'),
    exceptions: hasIpv6 ? [] : needsIpv6.map((name) => ({ test: name, reason: 'this machine has no IPv6 loopback' })),
  })

  /** Every socket that can be is read and written in batches. */
  function busyHost(): Host {
    const host = openOsHost()
    return { ...host, udp: { open: (options) => host.udp.open({ ...options, busy: true }) } }
  }
})

describe("the operating system's host", () => {
  const host = openOsHost()

  test('leaves no temporary file beside one that it replaced, and lets nobody else read it', async () => {
    const path = join(folder, 'alone', 'file')
    await host.files.replace(path, 'text')
    expect(readdirSync(join(folder, 'alone'))).toEqual(['file'])
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('clears away what a program that was killed left beside a file, and nothing else', async () => {
    const path = join(folder, 'killed', 'file')
    await host.files.replace(path, 'text')
    const others = ['file.0123456789ab.tmp', 'file.peerway-0123.tmp', 'other.peerway-0123456789ab.tmp']
    for (const name of [...others, 'file.peerway-0123456789ab.tmp']) writeFileSync(join(folder, 'killed', name), '')
    symlinkSync(path, join(folder, 'link'))
    await host.files.tidy(join(folder, 'link'))
    expect(readdirSync(join(folder, 'killed')).toSorted()).toEqual(['file', ...others].toSorted())
    await host.files.tidy(join(folder, 'nowhere', 'file'))
  })

  test('keeps the mode of a file that it replaces, and a link to it', async () => {
    const path = join(folder, 'kept', 'file')
    await host.files.replace(path, 'text')
    chmodSync(path, 0o750)
    symlinkSync(path, `${path}.link`)
    await host.files.replace(`${path}.link`, 'other')
    expect(statSync(path).mode & 0o777).toBe(0o750)
    expect(lstatSync(`${path}.link`).isSymbolicLink()).toBe(true)
    expect(await host.files.read(path, { maxBytes: 10 })).toBe('other')
  })

  test('says why a file cannot be written, and leaves nothing behind', async () => {
    const path = join(folder, 'taken')
    await host.files.replace(join(path, 'inside'), 'text')
    await expect(host.files.replace(path, 'text')).rejects.toMatchObject({ code: 'internal' })
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('takes the lock of a process that was killed, and of one that only has its number by now', async () => {
    for (const [index, holder] of [`${spawnSync('true').pid} 1\n`, `${process.pid} 1\n`, 'garbage'].entries()) {
      const path = join(folder, `dead-${index}`, 'lock')
      mkdirSync(dirname(path))
      writeFileSync(path, holder)
      await using lock = await host.files.lock(path)
      expect(lock).toBeDefined()
      expect(readdirSync(dirname(path))).toEqual(['lock'])
    }
  })

  test.runIf(onLinux)('takes the lock of a process that was killed and that nobody has asked about yet', async () => {
    // The shell becomes a program that never asks what became of its child.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [line] = await once(parent.stdout, 'data')
      const pid = Number(String(line))
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
      const start = stat()[19]
      process.kill(pid, 'SIGKILL')
      while (stat()[0] !== 'Z') await new Promise((resolve) => setImmediate(resolve))
      const path = join(folder, 'zombie', 'lock')
      mkdirSync(dirname(path))
      writeFileSync(path, `${pid} ${start}\n`)
      await using lock = await host.files.lock(path)
      expect(lock).toBeDefined()
    } finally {
      parent.kill('SIGKILL')
    }
  })

  test('names the process that holds a lock, and leaves nothing behind', async () => {
    const path = join(folder, 'alive', 'lock')
    {
      await using lock = await host.files.lock(path)
      expect(lock).toBeDefined()
      await expect(host.files.lock(path)).rejects.toMatchObject({ facts: { path, pid: process.pid } })
    }
    expect(readdirSync(dirname(path))).toEqual([])
  })

  test('gives a program its input and returns both its outputs and its status', async () => {
    const program = 'process.stdin.pipe(process.stdout); console.error(process.env.LC_ALL); process.exitCode = 3'
    const result = await host.services.run([process.execPath, '-e', program], { timeoutMs: 5000, stdin: 'input' })
    expect(result).toEqual({ exitCode: 3, stdout: 'input', stderr: 'C\n' })
  })

  test('cuts what a program says after 1 MiB', async () => {
    const program = "setInterval(() => process.stdout.write('x'.repeat(65536)), 0)"
    const result = await host.services.run([process.execPath, '-e', program], { timeoutMs: 10_000 })
    expect(result.stdout.length).toBe(1024 * 1024)
  })

  test('ends a program that takes too long', async () => {
    const running = host.services.run([process.execPath, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })
    await expect(running).rejects.toMatchObject({ code: 'not-available', facts: { program: process.execPath } })
  })

  test.runIf(onLinux)('reads kernel settings, and nothing else by their names', async () => {
    expect(await host.sysctl.read('net.ipv4.ip_forward')).toMatch(/^[01]$/)
    await expect(host.sysctl.read('net/../../version')).rejects.toThrow(RangeError)
    await expect(host.sysctl.read('/etc/passwd')).rejects.toThrow(RangeError)
  })

  test.runIf(onLinux)(
    'knows its own network around its own process, and none around a process that is not',
    async () => {
      expect(await host.listeners.around(process.pid)).toMatchObject({ namespace: null })
      expect(await host.listeners.around(2 ** 30)).toBeUndefined()
      await expect(host.listeners.around(0)).rejects.toThrow(RangeError)
    },
  )

  test('resolves a name, and says when there is none', async () => {
    const found = await host.network.resolve('localhost', { timeoutMs: 2000 })
    expect(found.outcome === 'found' && found.addresses.some((one) => ['127.0.0.1', '::1'].includes(one))).toBe(true)
    expect((await host.network.resolve('name.invalid', { timeoutMs: 0 })).outcome).not.toBe('found')
  })
})
