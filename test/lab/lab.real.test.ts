import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runLab } from '../../src/cli/lab.ts'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { allStates, type LabState, labFolder, ownProcess } from '../../src/lab/lab-state.ts'
import { processesIn } from '../../src/lab/namespace.ts'
import { readTopologyFile, sweepOrphans } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { missingFor } from './needs.ts'

const missing = missingFor('ethtool', 'ping', 'miniupnpd', 'upnpc', 'natpmpc')
const suite = describe.skipIf(missing)
const reason = missing ? ` (skipped: ${missing})` : ''

const SMALL = `topology: 1
title: Two hosts
networks: { net: { ipv4: 192.0.2.0/24 } }
hosts:
  a: { network: net }
  b: { network: net, listeners: [{ port: 4001 }] }
`

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerway-lab-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

suite(`peerway lab${reason}`, () => {
  test('up, list, run, down: exit statuses pass through and nothing is left', async () => {
    const file = topologyFile('whole-life', SMALL)
    expect(await lab('up', file)).toMatchObject({ status: 0 })
    expect(await lab('up', file)).toMatchObject({ status: 0, stdout: 'whole-life is up already\n' })
    expect(await lab('list', file)).toMatchObject({ stdout: `whole-life  up  ${file}\n` })
    expect(await lab('run', file, 'a', '--', 'sh', '-c', 'exit 7')).toMatchObject({ status: 7 })
    expect(await lab('run', file, 'a', '--', 'ping', '-c1', '-W1', '192.0.2.11')).toMatchObject({ status: 0 })
    const state = allStates().find((each) => each.lab === 'whole-life')!
    expect(processesIn(state.namespaces)).not.toEqual([])
    expect(await lab('down', file)).toMatchObject({ status: 0, stdout: 'whole-life is down\n' })
    expectNothingLeft(state)
    expect(await lab('down', file)).toMatchObject({ status: 0, stdout: 'whole-life is not up\n' })
  })

  test('run brings up a lab of its own and takes it down', async () => {
    const file = topologyFile('own-life', SMALL)
    expect(await lab('run', file, 'a', '--', 'ping', '-c1', '-W1', '192.0.2.11')).toMatchObject({ status: 0 })
    expect(allStates().filter((each) => each.file === file)).toEqual([])
    expect(namespacesNamed('own-life')).toEqual([])
  })

  test('a command inside finds this peerway, a state folder of its own and no resolver of the machine', async () => {
    await inLab('inside', SMALL, async (state) => {
      const script = 'command -v peerway; echo $PEERWAY_STATE_DIR; cat /etc/resolv.conf'
      const { stdout } = await runInside(state, 'a', ['sh', '-c', script])
      const own = labFolder(state.lab)
      expect(stdout).toBe(`${own}/bin/peerway\n${own}/hosts/a/state\nnameserver 192.0.2.253\n`)
    })
  })

  test('a lab whose process was killed is swept by the next', async () => {
    const file = topologyFile('killed', SMALL)
    const child = spawn(process.execPath, ['--input-type=module', '-e', KILLED, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const state = allStates().find((each) => each.file === file)!
    expect(processesIn(state.namespaces)).not.toEqual([])
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    expect(await lab('list', file)).toMatchObject({ stdout: `${state.lab}  left behind  ${file}\n` })
    await sweepOrphans()
    expectNothingLeft(state)
  })

  test('a lab run that is told to end takes its command and its lab with it', async () => {
    const file = topologyFile('told', SMALL)
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
    const args = [main, 'lab', 'run', file, 'a', '--', 'sh', '-c', 'echo started; sleep 60']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const state = allStates().find((each) => each.file === file)!
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(143)
    expectNothingLeft(state)
  })

  test('a host sees its own processes alone', async () => {
    await inLab('processes', SMALL, async (state) => {
      const { stdout } = await runInside(state, 'a', ['sh', '-c', 'cat /proc/[0-9]*/comm'])
      expect(stdout.split('\n').sort().join(' ').trim()).toBe('sh sleep')
    })
  })

  test('an unfinished lab is swept by the next up', async () => {
    const file = topologyFile(
      'broken',
      `${SMALL}vantages: { v: { network: net, kind: stun, address: 192.0.2.20, port: 1 } }\n`,
    )
    const topology = readTopologyFile(file).topology
    const unbound = {
      ...topology,
      hosts: topology.hosts.map((host) => ({
        ...host,
        listeners: host.listeners.map((each) => ({ ...each, address: '192.0.2.99' })),
      })),
    }
    const options = { lab: 'broken', file, owner: null }
    await expect(bringUp(unbound, options)).rejects.toMatchObject({ code: 'not-available' })
    expect(existsSync(labFolder('broken'))).toBe(false)
    expect(namespacesNamed('broken')).toEqual([])
  }, 30_000)

  test('delay and loss are what the file says', async () => {
    const link = 'links: [{ from: a, to: net, delayMs: 30 }, { from: b, to: net, lossPercent: 50 }]\n'
    await inLab('links', SMALL + link, async (state) => {
      const { stdout } = await runInside(state, 'a', ['ping', '-n', '-c40', '-i0.01', '-W1', '192.0.2.11'])
      const times = [...stdout.matchAll(/time=([0-9.]+)/g)].map((match) => Number(match[1]))
      expect(Math.min(...times)).toBeGreaterThan(59)
      expect(times.toSorted((x, y) => x - y)[Math.floor(times.length / 2)]).toBeLessThan(75)
      // A quarter of the pings survive 50 % loss each way: 40 of them lose all or none with a chance of 1 in 99,000.
      expect(times.length).toBeGreaterThan(0)
      expect(times.length).toBeLessThan(40)
    })
  })

  test('a router with port mapping maps ports', async () => {
    const { topology } = readTopologyFile(fileURLToPath(new URL('../../topologies/home-upnp.yaml', import.meta.url)))
    const coturn = { ...topology, vantages: [] }
    await inLab('mapping', coturn, async (state) => {
      const upnp = await runInside(state, 'node', [
        'upnpc',
        '-m',
        'eth0',
        '-a',
        '192.168.1.10',
        '4001',
        '4001',
        'tcp',
        '60',
      ])
      expect(upnp.stdout).toContain('is redirected to internal 192.168.1.10:4001')
      const natPmp = await runInside(state, 'node', ['timeout', '5', 'natpmpc', '-a', '4001', '4001', 'udp', '60'])
      expect(natPmp.stdout).toContain('Mapped public port 4001')
      const stranger = fileURLToPath(new URL('./stranger.mjs', import.meta.url))
      const dials = ['tcp:45.67.89.2:4001', 'udp:45.67.89.2:4001']
      const { stdout } = await runInside(state, 'stranger', [process.execPath, stranger, ...dials])
      expect(JSON.parse(stdout)).toEqual({ [dials[0]!]: 'yes', [dials[1]!]: 'yes' })
    })
  })
})

suite(`peerway lab, wrongly used${reason}`, () => {
  test.each([
    [[], 'peerway: lab wants up, down, list or run, and a file'],
    [['sideways', 'FILE'], 'peerway: lab wants up, down, list or run, and a file'],
    [['up', 'FILE', 'more'], 'peerway: lab up wants nothing after the file, not "more"'],
    [['run', 'FILE'], 'peerway: lab run wants a host, then --, then a command'],
    [['run', 'FILE', 'a', '--'], 'peerway: lab run wants a host, then --, then a command'],
  ])('%j', async (args, line) => {
    const file = topologyFile('misused', SMALL)
    const { status, stderr } = await lab(...args.map((each) => (each === 'FILE' ? file : each)))
    expect({ status, line: stderr.split('\n')[0] }).toEqual({ status: 2, line })
  })

  test('a host that is not in the file is told beside those that are', async () => {
    const file = topologyFile('misused', SMALL)
    await expect(lab('run', file, 'c', '--', 'true')).rejects.toThrow(/has no host "c"; it has: a, b$/)
  })

  test('a file that is not there', async () => {
    await expect(lab('up', '/nowhere.yaml')).rejects.toThrow('cannot read the topology file /nowhere.yaml: ENOENT')
  })

  test('a file with mistakes', async () => {
    const file = topologyFile('mistaken', SMALL.replace('port', 'prot'))
    const { status, stderr } = await lab('up', file)
    expect(status).toBe(2)
    expect(stderr.split('\n').map((line) => line.replace(file, 'FILE'))).toEqual([
      'FILE:6:34: hosts.b.listeners[0]: found no key "port", expected "port" here',
      'FILE:6:36: hosts.b.listeners[0]: found the unknown key "prot", expected one of port, transport, address, behavior, contacts (did you mean "port"?)',
      '',
    ])
  })
})

/** Holds a lab up for its own process until it is killed. */
const KILLED = `
import { openOwnLab, readTopologyFile } from '${new URL('../../dist/lab/open-lab.js', import.meta.url)}'
await openOwnLab(readTopologyFile(process.argv[1]))
console.log('up')
setInterval(() => {}, 1000)
`

function topologyFile(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, text)
  return path
}

async function lab(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const heard = { stdout: '', stderr: '' }
  const output = (stream: 'stdout' | 'stderr') => ({
    isTerminal: false,
    columns: 80,
    write: (text: string) => {
      heard[stream] += text
    },
  })
  const io = {
    env: {},
    stdout: output('stdout'),
    stderr: output('stderr'),
    interrupted: () => new Promise<number>(() => {}),
  }
  const status = await runLab(args, io)
  return { status, ...heard }
}

async function inLab(
  name: string,
  source: string | Parameters<typeof bringUp>[0],
  use: (state: LabState) => Promise<void>,
): Promise<void> {
  const topology = typeof source === 'string' ? readTopologyFile(topologyFile(name, source)).topology : source
  const state = await bringUp(topology, { lab: `${name}.${process.pid}`, file: name, owner: ownProcess() })
  try {
    await use(state)
  } finally {
    await takeDown(state)
  }
}

function namespacesNamed(lab: string): readonly string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`pw-${lab}`))
}

function expectNothingLeft(state: LabState): void {
  expect(existsSync(labFolder(state.lab))).toBe(false)
  expect(namespacesNamed(state.lab)).toEqual([])
  expect(processesIn(state.namespaces)).toEqual([])
}
