import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import type { Host } from '../../src/host/host.ts'
import { Journal } from '../../src/remedy/journal.ts'
import { mappedPorts } from '../../src/remedy/mapped-ports.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

const FOLDER = '/var/lib/peerway'

/** A home whose router forwards port 5001 to the node's 4001. */
async function home() {
  const text = readFileSync(new URL('../../topologies/forwarded.yaml', import.meta.url), 'utf8')
  const parsed = parseTopology(text.replace('port: 4001, to: node:4001', 'port: 5001, to: node:4001'), 'home.yaml')
  if (!parsed.ok) throw new Error('the topology has mistakes')
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  return { world: simulated.world, host: simulated.host('node') }
}

async function noteMapping(host: Host, lifetimeSeconds: number): Promise<void> {
  const journal = await Journal.open(host, FOLDER)
  const mapping = {
    protocol: 'nat-pmp' as const,
    gateway: '192.168.1.1',
    internal: { address: '192.168.1.10', port: 4001 },
    externalPort: 5001,
    externalAddress: null,
    lifetimeSeconds,
    grantedAtMs: host.clock.nowMs(),
    epochSeconds: null,
    token: null,
    description: '',
  }
  for (const transport of ['udp', 'tcp'] as const) {
    const { protocol, gateway, internal } = mapping
    const request = {
      protocol,
      gateway,
      internal,
      transport,
      suggestedPort: 4001,
      lifetimeSeconds,
      nonce: '0'.repeat(24),
    }
    await journal.write({
      change: { id: `mapping${transport[0]}`, kind: 'port-mapping', request, mapping: { ...mapping, transport } },
      remedy: 'forward-by-hand',
      clears: ['router-source-nat'],
      endpoints: [`${transport}/ipv4/4001`],
      state: 'kept',
      atMs: host.clock.nowMs(),
      keeps: null,
      untilReboot: false,
    })
  }
}

test('strangers are looked for at the port from which the router forwards', async () => {
  const { world, host } = await home()
  await noteMapping(host, 3600)
  const { report } = await world.run(check({ ports: ['4001'], vantages: ['198.51.100.20'], stateFolder: FOLDER }, host))
  expect(report.endpoints.map(({ port, external, reachable }) => ({ port, external, reachable }))).toEqual([
    { port: 4001, external: '203.0.113.2:5001', reachable: 'yes' },
    { port: 4001, external: '203.0.113.2:5001', reachable: 'yes' },
  ])
})

test('a mapping that has ended counts no more, and neither does a journal that cannot be read', async () => {
  const { world, host } = await home()
  await noteMapping(host, 60)
  expect(await mappedPorts(host, FOLDER)).toHaveLength(2)
  await world.pass(60_000)
  expect(await mappedPorts(host, FOLDER)).toEqual([])
  await host.files.replace(`${FOLDER}/journal.json`, '{')
  expect(await mappedPorts(host, FOLDER)).toEqual([])
  expect(await mappedPorts(host, null)).toEqual([])
})
