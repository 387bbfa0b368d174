import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { missingFor } from '../lab/needs.ts'
import { kuboFolder, missingKubo } from './real/kubo.ts'

const missing = missingFor('miniupnpd') ?? missingKubo()
const script = fileURLToPath(new URL('./real/kubo.sh', import.meta.url))
const VANTAGE = ['--vantage', '198.51.100.20']
const BUILD_MS = 1_200_000

/** The access line has an address that miniupnpd takes for public, in a lab that nothing leaves. */
const HOME = `
topology: 1
title: A first-time IPFS operator behind a home router that opens ports by PCP
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 45.67.89.0/24 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node: { network: home }
  stranger: { network: internet }
routers:
  box:
    inside: home
    outside: access
    nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }
    portMapping: [pcp]
providers:
  isp: { inside: access, outside: internet }
vantages:
  vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }
`

/** From "few peers" to "reachable": what a first-time operator does, one step after the other. */
describe.skipIf(missing)(`a real Kubo behind a home router${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let lab: LabState
  let path: string
  const folder = mkdtempSync(join(tmpdir(), 'peerway-kubo-nodes-'))
  const repo = (host: string) => join(folder, host)

  const shell = async (host: string, command: string) => {
    const env = `export PATH='${path}':"$PATH" IPFS_PATH='${repo(host)}';`
    return runInside(lab, host, ['sh', '-c', `${env} ${command}`])
  }
  const report = async (command: string) => {
    const { stdout, stderr, status } = await shell('node', `${command} --json`)
    expect(stderr).toBe('')
    return { ...JSON.parse(stdout), status }
  }
  const start = async (host: string) => {
    const { status, stderr } = await shell(host, `'${script}' '${repo(host)}'`)
    expect(status, stderr).toBe(0)
  }
  // Its last act is to remove the file; a process that nobody waits for never goes.
  const stop = (host: string) =>
    shell(host, 'kill $(cat "$IPFS_PATH/pid"); while [ -e "$IPFS_PATH/api" ]; do sleep 0.05; done')
  const evidence = (of: { evidence: { probe: string; value: Record<string, unknown> }[] }, probe: string) =>
    of.evidence.filter((one) => one.probe === probe).map(({ value }) => value)

  beforeAll(async () => {
    path = await kuboFolder()
    const parsed = parseTopology(HOME, 'home')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    lab = await bringUp(parsed.topology, { lab: `kubo.${process.pid}`, file: '/nonexistent', owner: ownProcess() })
    await Promise.all([start('node'), start('stranger')])
  }, BUILD_MS)

  afterAll(async () => {
    if (lab !== undefined) {
      await Promise.all([stop('node'), stop('stranger')])
      await takeDown(lab)
    }
    rmSync(folder, { recursive: true, force: true })
  })

  test('peerway finds it without being told anything but a vantage, and says what stops strangers', async () => {
    const found = await report(`peerway ${VANTAGE.join(' ')}`)
    expect(found).toMatchObject({
      status: 1,
      verdict: 'unreachable',
      node: { kind: 'ipfs', peers: 0, peersWanted: { min: 32, max: 96 } },
      warnings: [{ id: 'few-peers' }],
    })
    const asked = found.endpoints.map((one: { transport: string; port: number }) => `${one.transport}/${one.port}`)
    expect(asked.toSorted()).toEqual(['tcp/4001', 'udp/4001'])
    expect(found.obstacles.map(({ id }: { id: string }) => id)).toEqual(['router-source-nat'])
    expect(evidence(found, 'node')).toMatchObject([
      { foundBy: 'process', version: '0.42.0', access: 'answered', portsFrom: 'node', adminPorts: [] },
    ])
    expect(evidence(found, 'node-addresses')).toMatchObject([{ configured: [] }])
    // Nobody named the kind, and what its peers say first is tried against filters.
    const tried = evidence(found, 'protocol-exchange').map(({ protocol }) => protocol)
    expect([...new Set(tried)].toSorted()).toEqual(['multistream', 'quic'])
    expect(JSON.stringify(found)).not.toContain(privateKey())
  })

  test('fix lets strangers in, and has it announce where', async () => {
    const before = readFileSync(join(repo('node'), 'config'), 'utf8')
    const fixed = await report(`peerway fix --yes ${VANTAGE.join(' ')}`)
    expect(fixed).toMatchObject({ status: 0, verdict: 'reachable', obstacles: [] })
    const kept = fixed.changes.map(({ kind, state }: { kind: string; state: string }) => `${kind} ${state}`)
    expect(kept).toEqual(['port-mapping kept', 'port-mapping kept', 'node-setting kept'])
    expect(JSON.stringify(fixed)).not.toContain(privateKey())
    expect(readFileSync(join(repo('node'), 'config'), 'utf8')).not.toBe(before)

    await stop('node')
    await start('node')
    const id = JSON.parse((await shell('node', 'ipfs id')).stdout)
    expect(id.Addresses).toContain(`/ip4/45.67.89.2/tcp/4001/p2p/${id.ID}`)
    expect(id.Addresses).toContain(`/ip4/45.67.89.2/udp/4001/quic-v1/p2p/${id.ID}`)

    for (const maddr of ['/ip4/45.67.89.2/tcp/4001', '/ip4/45.67.89.2/udp/4001/quic-v1']) {
      const dialled = await shell('stranger', `ipfs swarm connect ${maddr}/p2p/${id.ID}`)
      expect(dialled.stdout, dialled.stderr).toContain('success')
      expect((await shell('stranger', 'ipfs swarm peers')).stdout).toContain(`${maddr}/p2p/${id.ID}`)
      if (maddr.includes('tcp')) await shell('stranger', `ipfs swarm disconnect ${maddr}/p2p/${id.ID}`)
    }
    expect((await shell('node', 'ipfs swarm peers --direction')).stdout).toMatch(/198\.51\.100\.\d+\/.* inbound/)

    const after = await report(`peerway ${VANTAGE.join(' ')}`)
    expect(after).toMatchObject({ status: 0, verdict: 'reachable', obstacles: [], node: { peers: 1 } })
    expect(evidence(after, 'node-peers')).toMatchObject([
      { peers: 1, inbound: 1, fromOutside: [{ transport: 'udp', family: 'ipv4', peers: 1 }] },
    ])

    const undone = await shell('node', 'peerway undo --all')
    expect(undone.status, undone.stdout + undone.stderr).toBe(0)
    expect(readFileSync(join(repo('node'), 'config'), 'utf8')).toBe(before)
  })

  function privateKey(): string {
    return JSON.parse(readFileSync(join(repo('node'), 'config'), 'utf8')).Identity.PrivKey
  }
})

const FILTERED = `
topology: 1
title: An IPFS operator whose provider lets nobody in on one port
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
hosts:
  node: { network: access, address: 203.0.113.10 }
providers:
  isp: { inside: access, outside: internet, filters: [{ direction: in, transport: both, ports: [4001] }] }
vantages:
  vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }
`

interface OneKubo {
  readonly start: (host?: string) => Promise<void>
  readonly stop: (host?: string) => Promise<void>
  /** Runs a command where `ipfs` and `peerway` are those of that host. */
  readonly shell: (command: string, host?: string) => ReturnType<typeof runInside>
  /** The settings of the node's Kubo as they stand in its file. */
  readonly config: () => string
}

/** Builds a network, and takes it down again; every host has a folder for a Kubo of its own. */
async function withKubo(yaml: string, name: string, body: (kubo: OneKubo) => Promise<void>): Promise<void> {
  const path = await kuboFolder()
  const parsed = parseTopology(yaml, name)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const folder = mkdtempSync(join(tmpdir(), `peerway-${name}-`))
  const lab = await bringUp(parsed.topology, {
    lab: `${name}.${process.pid}`,
    file: '/nonexistent',
    owner: ownProcess(),
  })
  const running = new Set<string>()
  const shell: OneKubo['shell'] = (command, host = 'node') => {
    const env = `export PATH='${path}':"$PATH" IPFS_PATH='${folder}/${host}' PEERWAY_STATE_DIR='${folder}/state'`
    return runInside(lab, host, ['sh', '-c', `${env}; ${command}`])
  }
  const start = async (host = 'node') => {
    running.add(host)
    const { status, stderr } = await shell(`'${script}' '${folder}/${host}'`, host)
    expect(status, stderr).toBe(0)
  }
  const stop = async (host = 'node') => {
    running.delete(host)
    await shell('kill $(cat "$IPFS_PATH/pid"); while [ -e "$IPFS_PATH/api" ]; do sleep 0.05; done', host)
  }
  try {
    await body({ start, stop, shell, config: () => readFileSync(join(folder, 'node', 'config'), 'utf8') })
  } finally {
    await Promise.all([...running].map(stop))
    await takeDown(lab)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Nothing that no dial can prove is changed unasked: the remedy is named. */
test.skipIf(missing)(
  'a real Kubo moves to a port that strangers got in to, and back',
  () =>
    withKubo(FILTERED, 'kport', async ({ start, stop, shell, config }) => {
      await start()
      const before = config()
      const unasked = JSON.parse((await shell(`peerway fix --yes --json ${VANTAGE.join(' ')}`)).stdout)
      expect(unasked).toMatchObject({ verdict: 'unreachable', changes: [] })
      const fixed = await shell(`peerway fix --yes --json --only use-another-port ${VANTAGE.join(' ')}`)
      const { changes } = JSON.parse(fixed.stdout)
      expect(changes).toMatchObject([
        { kind: 'node-value', remedy: 'use-another-port', state: 'kept', isProven: false },
      ])
      await stop()
      await start()
      const after = JSON.parse((await shell(`peerway --json ${VANTAGE.join(' ')}`)).stdout)
      expect(after).toMatchObject({ verdict: 'reachable', obstacles: [] })
      expect(after.endpoints.map(({ port }: { port: number }) => port)).not.toContain(4001)
      expect((await shell('peerway undo --all')).status).toBe(0)
      expect(config()).toBe(before)
    }),
  BUILD_MS,
)

test.skipIf(missing)(
  'a real Kubo leaves UDP alone where none comes in, and takes it up again',
  () =>
    withKubo(
      FILTERED.replace(/filters: .*\]/, 'filters: [{ direction: in, transport: udp }]'),
      'ktcp',
      async (kubo) => {
        const { start, stop, shell, config } = kubo
        await start()
        const before = config()
        const fixed = await shell(`peerway fix --yes --json --only use-tcp ${VANTAGE.join(' ')}`)
        const { changes, verdict } = JSON.parse(fixed.stdout)
        expect(verdict).toBe('partly-reachable')
        const kept = changes.map(({ kind, state, remedy }: Record<string, string>) => `${kind} ${state} ${remedy}`)
        expect(kept).toEqual(Array.from({ length: 4 }, () => 'node-value kept use-tcp'))
        await stop()
        await start()
        expect((await shell('ipfs id')).stdout).not.toContain('/udp/')
        const after = JSON.parse((await shell(`peerway --json ${VANTAGE.join(' ')}`)).stdout)
        expect(after).toMatchObject({
          verdict: 'reachable',
          obstacles: [],
          endpoints: [{ transport: 'tcp', port: 4001 }],
        })
        expect((await shell('peerway undo --all')).status).toBe(0)
        expect(config()).toBe(before)
        await stop()
        await start()
        expect((await shell('ipfs id')).stdout).toContain('/udp/4001/quic-v1')
      },
    ),
  BUILD_MS,
)

/** Addresses that libp2p takes for those of the Internet, in a lab that nothing leaves. */
const BEHIND_CARRIER = `
topology: 1
title: An IPFS operator behind a carrier's NAT, and a relay outside
networks:
  internet: { ipv4: 45.67.90.0/24 }
  access: { ipv4: 45.67.89.0/24 }
  shared: { ipv4: 100.64.0.0/24 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node: { network: home }
  relay: { network: internet, address: 45.67.90.30 }
  peer: { network: internet, address: 45.67.90.40 }
routers:
  box: { inside: home, outside: shared, nat: { mapping: endpoint-independent, filtering: address-and-port-dependent } }
carriers:
  carrier: { inside: shared, outside: access, nat: { mapping: endpoint-independent, filtering: address-and-port-dependent } }
providers:
  isp: { inside: access, outside: internet }
vantages:
  vantage: { network: internet, address: 45.67.90.20, alternateAddress: 45.67.90.21 }
`

test.skipIf(missing)(
  "a real Kubo behind a carrier's NAT takes a relay and hole punching up, is reached through the relay, and back",
  () =>
    withKubo(BEHIND_CARRIER, 'krelay', async ({ start, stop, shell, config }) => {
      await Promise.all([start('node'), start('relay'), start('peer')])
      const idOf = async (host: string) => JSON.parse((await shell('ipfs id', host)).stdout).ID as string
      const [node, relay] = [await idOf('node'), await idOf('relay')]
      const atRelay = `/ip4/45.67.90.30/tcp/4001/p2p/${relay}`
      await shell('ipfs config Internal.Libp2pForceReachability public', 'relay')
      await shell('ipfs config --json Swarm.RelayService.Enabled true', 'relay')
      // Nobody here tells it that it is private; which relay it takes is for its operator to say.
      await shell('ipfs config Internal.Libp2pForceReachability private')
      await shell(`ipfs config --json Swarm.RelayClient '{"Enabled":false,"StaticRelays":["${atRelay}"]}'`)
      await shell('ipfs config --json Swarm.EnableHolePunching false')
      await Promise.all([stop('node'), stop('relay')])
      await Promise.all([start('node'), start('relay')])
      const before = config()

      const fixed = await shell('peerway fix --yes --json --only hole-punching --vantage 45.67.90.20')
      const { changes, obstacles } = JSON.parse(fixed.stdout)
      expect(obstacles.map(({ id }: { id: string }) => id)).toContain('carrier-nat')
      const kept = changes.map(({ state, text }: Record<string, string>) => `${state} ${text}`)
      expect(kept.toSorted().map((one: string) => /^kept .*(RelayClient|HolePunching)/.exec(one)?.[1])).toEqual([
        'HolePunching',
        'RelayClient',
      ])
      await stop()
      await start()
      const announced = `until ipfs id | grep -q '${atRelay}/p2p-circuit'; do sleep 0.2; done`
      expect((await shell(`timeout 20 sh -c "${announced}"`)).status).toBe(0)
      const dialled = await shell(`ipfs swarm connect ${atRelay}/p2p-circuit/p2p/${node}`, 'peer')
      expect(dialled.stdout, dialled.stderr).toContain('success')

      expect((await shell('peerway undo --all')).status).toBe(0)
      expect(config()).toBe(before)
    }),
  BUILD_MS,
)
