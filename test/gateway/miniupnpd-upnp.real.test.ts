import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MapResult } from '../../src/gateway/port-mapper.ts'
import { bringUp, commandInside, runInside } from '../../src/lab/lab.ts'
import { type LabState, labFolder, ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import type { PortMappingProtocol } from '../../src/topology/topology.ts'
import { missingFor } from '../lab/needs.ts'

const missing = missingFor('miniupnpd', 'upnpc', 'nc')
const suite = describe.skipIf(missing)
const reason = missing ? ` (skipped: ${missing})` : ''

/** miniupnpd takes documentation prefixes for private ones, and serves no mappings then. Nothing leaves the lab. */
const SOURCE = `topology: 1
title: A home with two hosts
networks:
  internet: { ipv4: 198.51.100.0/24, ipv6: 2001:db8:1::/64 }
  access: { ipv4: 45.67.89.0/24, ipv6: 2001:db8:2::/64 }
  home: { ipv4: 192.168.1.0/24, ipv6: 2001:db8:3::/64 }
hosts:
  node: { network: home, address: [192.168.1.10, 2001:db8:3::a], listeners: [{ port: 4001, behavior: greet }] }
  other: { network: home, address: [192.168.1.11, 2001:db8:3::b] }
  stranger: { network: internet }
routers:
  box:
    inside: home
    outside: access
    nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }
providers:
  isp: { inside: access, outside: internet }
`
const [GATEWAY, GATEWAY_IPV6, NODE, NODE_IPV6, OUTSIDE] = [
  '192.168.1.1',
  '2001:db8:3::1',
  '192.168.1.10',
  '2001:db8:3::a',
  '45.67.89.2',
]

/** What is left of it when it is read back: a second may have passed. */
const about = (seconds: number) => expect.toSatisfy((left: number) => left <= seconds && left > seconds - 5)
const [HOUR, TWO_HOURS] = [about(3600), about(7200)]

const request = (transport: 'udp' | 'tcp', address = NODE, suggestedPort = 4001) => ({
  transport,
  internal: { address, port: 4001 },
  suggestedPort,
  lifetimeSeconds: 3600,
  description: 'peerway:k3j9x0ab',
  nonce: '0'.repeat(24),
})

/** A home whose router runs the lab's own miniupnpd with these protocols. */
async function home(protocols: readonly PortMappingProtocol[]): Promise<LabState> {
  const parsed = parseTopology(SOURCE, 'home')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  const { topology } = parsed
  const boxes = topology.boxes.map((box) => (box.kind === 'router' ? { ...box, portMapping: protocols } : box))
  const lab = `upnp-${protocols.length}.${process.pid}`
  return bringUp({ ...topology, boxes }, { lab, file: 'home', owner: ownProcess() })
}

interface Asked {
  readonly found: object | null
  readonly foundMs: number
  readonly results: readonly unknown[]
}

const DRIVER = fileURLToPath(new URL('./real/ask-igd.mjs', import.meta.url))
const STRANGER = fileURLToPath(new URL('../lab/stranger.mjs', import.meta.url))

async function ask(state: LabState, gateway: string, ...steps: readonly unknown[][]): Promise<Asked> {
  const command = [process.execPath, DRIVER, gateway, ...steps.map((step) => JSON.stringify(step))]
  const { stdout, stderr } = await runInside(state, 'node', command)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** What a stranger who is no part of peerway gets from these places. */
async function reached(state: LabState, ...targets: readonly string[]): Promise<unknown> {
  const { stdout } = await runInside(state, 'stranger', [process.execPath, STRANGER, ...targets])
  return Object.values(JSON.parse(stdout))
}

async function upnpc(state: LabState, host: string, ...args: readonly string[]): Promise<string> {
  return (await runInside(state, host, ['timeout', '20', 'upnpc', '-m', 'eth0', ...args])).stdout
}

async function rules(state: LabState): Promise<string> {
  return (await runInside(state, 'box', ['nft', 'list', 'ruleset'])).stdout
}

/** Makes the router's link-local address the node's gateway. */
async function linkLocalGateway(state: LabState): Promise<string> {
  const { stdout } = await runInside(state, 'box', ['ip', '-6', '-o', 'addr', 'show', 'dev', 'inside', 'scope', 'link'])
  const address = /inet6 ([^/ ]+)\//.exec(stdout)![1]!
  await runInside(state, 'node', ['ip', '-6', 'route', 'replace', 'default', 'via', address, 'dev', 'eth0'])
  return address
}

function mappingOf(result: unknown) {
  const { outcome, ...rest } = result as MapResult
  if (outcome !== 'mapped') throw new Error(JSON.stringify(result))
  return (rest as Extract<MapResult, { outcome: 'mapped' }>).mapping
}

describe.each<[string, readonly PortMappingProtocol[]]>([
  ['UPnP alone', ['upnp']],
  ['UPnP, NAT-PMP and PCP together', ['upnp', 'nat-pmp', 'pcp']],
])(`miniupnpd with %s${reason}`, (_, protocols) => {
  let state: LabState
  beforeAll(async () => {
    if (missing === undefined) state = await home(protocols)
  })
  afterAll(async () => {
    if (missing === undefined) await takeDown(state)
  })

  test.skipIf(missing)('a mapping lets a stranger in, is renewed and leaves nothing behind', async () => {
    const before = await rules(state)
    const targets = [`tcp:${OUTSIDE}:4001`, `udp:${OUTSIDE}:4001`]
    expect(await reached(state, ...targets)).toEqual(['no', 'no'])
    const asked = await ask(
      state,
      GATEWAY,
      ['map', request('tcp')],
      ['map', request('udp')],
      ['list'],
      ['renew', 'last', 7200],
    )
    expect(asked.found).toMatchObject({ protocol: 'igd2', externalAddress: OUTSIDE, model: 'Debian router 1' })
    const [tcp, udp, listed, renewed] = asked.results
    for (const result of [tcp, udp])
      expect(mappingOf(result)).toMatchObject({ externalPort: 4001, lifetimeSeconds: HOUR })
    expect(mappingOf(renewed)).toMatchObject({ externalPort: 4001, lifetimeSeconds: TWO_HOURS })
    expect(await reached(state, ...targets)).toEqual(['yes', 'yes'])
    const greeting = await runInside(state, 'stranger', ['sh', '-c', `nc -w 2 ${OUTSIDE} 4001 </dev/null`])
    expect(greeting.stdout).toContain('/multistream/1.0.0')

    const shown = await upnpc(state, 'node', '-l')
    expect(shown).toContain(`ExternalIPAddress = ${OUTSIDE}`)
    const theirs = [...shown.matchAll(/^ *[0-9]+ (UDP|TCP) +([0-9]+)->([0-9.]+):([0-9]+) +'([^']*)'/gm)]
    const ours = listed as {
      transport: string
      externalPort: number
      internal: { address: string; port: number }
      description: string
    }[]
    expect(theirs.map((match) => match.slice(1, 6)).toSorted()).toEqual(
      ours
        .map(({ transport, externalPort, internal: { address, port }, description }) => [
          transport.toUpperCase(),
          String(externalPort),
          address,
          String(port),
          description,
        ])
        .toSorted(),
    )
    expect(await upnpc(state, 'node', '-s')).toContain(`ExternalIPAddress = ${OUTSIDE}`)

    const gone = await ask(
      state,
      GATEWAY,
      ['unmap', mappingOf(tcp)],
      ['unmap', mappingOf(renewed)],
      ['unmap', mappingOf(tcp)],
      ['list'],
    )
    expect(gone.results).toEqual(['deleted', 'deleted', 'not-there', []])
    expect(await reached(state, ...targets)).toEqual(['no', 'no'])
    expect(await rules(state)).toBe(before)
  })

  test.skipIf(missing)("a neighbour's mapping stays, and another port is granted", async () => {
    await upnpc(state, 'other', '-e', 'theirs', '-a', '192.168.1.11', '4001', '4001', 'tcp', '600')
    const asked = await ask(state, GATEWAY, ['map', request('tcp')], ['list'], ['unmap', 'last'], ['list'])
    const [mapped, both, unmapped, left] = asked.results
    const { externalPort } = mappingOf(mapped)
    expect(externalPort).not.toBe(4001)
    expect(both).toHaveLength(2)
    expect(unmapped).toBe('deleted')
    const neighbours = { transport: 'tcp', externalPort: 4001, internal: { address: '192.168.1.11', port: 4001 } }
    expect(left).toMatchObject([{ ...neighbours, description: 'theirs' }])
    const pretended = { ...mappingOf(mapped), externalPort: 4001 }
    expect((await ask(state, GATEWAY, ['unmap', pretended], ['list'])).results).toMatchObject([
      'not-ours',
      [neighbours],
    ])
    await upnpc(state, 'other', '-d', '4001', 'tcp')
  })

  test.skipIf(missing).each([
    ['global', async () => GATEWAY_IPV6],
    // As the gateway of a home nearly always is. miniupnpd describes itself at its global one all the same.
    ['link-local', linkLocalGateway],
  ])('an IPv6 pinhole lets a stranger in to one port, asked at a %s address', async (_, findGateway) => {
    const gateway = await findGateway(state)
    const before = await rules(state)
    const target = `tcp:${NODE_IPV6}:4001`
    expect(await reached(state, target)).toEqual(['no'])
    const asked = await ask(state, gateway, ['map', request('tcp', NODE_IPV6)], ['renew', 'last', 7200])
    expect(asked.found).toMatchObject({ protocol: 'igd2', gateway, externalAddress: OUTSIDE })
    const [mapped, renewed] = asked.results.map(mappingOf)
    expect(mapped).toMatchObject({ externalPort: 4001, externalAddress: NODE_IPV6, lifetimeSeconds: 3600 })
    expect(renewed).toMatchObject({ token: mapped!.token, lifetimeSeconds: 7200 })
    expect(await reached(state, target)).toEqual(['yes'])
    expect((await ask(state, gateway, ['unmap', renewed], ['unmap', renewed])).results).toEqual([
      'deleted',
      'not-there',
    ])
    expect(await reached(state, target)).toEqual(['no'])
    expect(await rules(state)).toBe(before)
  })
})

suite(`miniupnpd that restarts as version 1${reason}`, () => {
  test('is found again on its new port, and what it forgot is asked for anew', async () => {
    const state = await home(['upnp'])
    try {
      const steps = [['map', request('tcp')], ['pause'], ['renew', 'last', 7200], ['unmap', 'last'], ['list']]
      const command = [process.execPath, DRIVER, GATEWAY, ...steps.map((step) => JSON.stringify(step))]
      const { argv, env } = commandInside(state, 'node', command)
      const child = spawn(argv[0], argv.slice(1), { env, stdio: ['pipe', 'pipe', 'pipe'] })
      let output = ''
      child.stdout.on('data', (data) => {
        output += data
      })
      await once(child.stderr, 'data')
      await restartAsVersion1(state)
      child.stdin.write('\n')
      await once(child, 'close')
      const { results } = JSON.parse(output) as Asked
      expect(mappingOf(results[0])).toMatchObject({ protocol: 'igd2', externalPort: 4001 })
      expect(mappingOf(results[1])).toMatchObject({ protocol: 'igd1', externalPort: 4001, lifetimeSeconds: TWO_HOURS })
      expect(results.slice(2)).toEqual(['deleted', []])
    } finally {
      await takeDown(state)
    }
  })
})

/** Ends the lab's miniupnpd and starts it again as an IGD 1, on a port that it chooses anew. */
async function restartAsVersion1(state: LabState): Promise<void> {
  const folder = join(labFolder(state.lab), 'hosts', 'box')
  const config = join(folder, 'miniupnpd.conf')
  writeFileSync(config, `${readFileSync(config, 'utf8')}force_igd_desc_v1=yes\n`)
  const pidFile = join(folder, 'restarted.pid')
  // The router sees its own processes alone.
  await runInside(state, 'box', ['sh', '-c', 'kill $(pidof miniupnpd); while pidof miniupnpd; do sleep 0.02; done'])
  const listening = `until ss -lnu | grep -q :1900; do sleep 0.02; done`
  await runInside(state, 'box', ['sh', '-c', `miniupnpd -f ${config} -P ${pidFile} >/dev/null 2>&1; ${listening}`])
}
