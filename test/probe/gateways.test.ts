import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import type { AddressesFact, GatewaysFact } from '../../src/model/evidence.ts'
import { gatewaysOf } from '../../src/probe/gateways.ts'
import { buildTopology, type SimulatedTopology } from '../../src/sim/build.ts'
import type { RouterGuard } from '../../src/sim/nat/router-guard.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { OWNER } from '../sim/small-world.ts'

/** Runs a check on the node of a home whose router is described so. */
async function checked(
  portMapping: string,
  {
    file = 'home-upnp.yaml',
    prepare = () => {},
  }: { readonly file?: string; readonly prepare?: (simulated: SimulatedTopology) => void } = {},
) {
  const source = readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')
  const parsed = parseTopology(source.replace(/portMapping: .*/, `portMapping: ${portMapping}`), file)
  if (!parsed.ok) throw new Error('the topology has mistakes')
  const simulated = buildTopology(parsed.topology, 1)
  prepare(simulated)
  await startVantages(simulated, parsed.topology, startVantage)
  const options = { ports: ['4001'], vantages: ['198.51.100.20'] }
  const startMs = simulated.world.nowMs
  const { report } = await simulated.world.run(check(options, simulated.host('node')))
  const guard = simulated.machines.get('box')!.guard as RouterGuard
  const fact = report.evidence.find(({ probe }) => probe === 'gateways')?.value as GatewaysFact
  return { report, guard, fact, tookMs: simulated.world.nowMs - startMs }
}

describe('a check asks the gateway', () => {
  test.each([
    ['[pcp, nat-pmp]', ['pcp', 'nat-pmp'], '45.67.89.2'],
    ['[pcp]', ['pcp'], '45.67.89.2'],
    ['[nat-pmp]', ['nat-pmp'], '45.67.89.2'],
    ['[upnp]', ['upnp'], '45.67.89.2'],
    ['[upnp, pcp]', ['pcp', 'upnp'], '45.67.89.2'],
    ['[]', [], null],
  ])('%s', async (portMapping, protocols, externalAddress) => {
    const { report, guard } = await checked(portMapping)
    const model = portMapping.includes('upnp') ? 'peerway router' : null
    expect(report.gateways).toEqual([{ address: '192.168.1.1', protocols, externalAddress, model }])
    expect(guard.openings.all()).toEqual([])
  })

  test('both families, and tells what each said', async () => {
    const { fact } = await checked('[pcp, nat-pmp]', { file: 'home-pcp.yaml' })
    expect(fact.gateways.map(({ address, answers }) => [address, ...answers.map((each) => each.protocol)])).toEqual([
      ['192.168.1.1', 'pcp', 'nat-pmp', 'upnp'],
      ['2001:db8:3::1', 'pcp', 'upnp'],
    ])
  })

  test('for its table, and warns of what stands there', async () => {
    const prepare = ({ machines, world }: SimulatedTopology) => {
      const { openings } = machines.get('box')!.guard as RouterGuard
      const internal = { address: world.addresses.id('192.168.1.99'), port: 3389 }
      const kept = { kind: 'forward', transport: 'tcp', expiresAtMs: null, by: 'upnp', token: '' } as const
      openings.put({ ...kept, externalPort: 33_890, internal, description: 'worm' })
    }
    const { report, fact } = await checked('[upnp]', { prepare })
    const internal = { address: '192.168.1.99', port: 3389 }
    const mapping = { transport: 'tcp', externalPort: 33_890, internal, description: 'worm' }
    expect(fact.gateways).toMatchObject([{ mappings: [mapping], refusedLocations: [] }])
    expect(report.warnings).toMatchObject([{ id: 'suspicious-mapping' }])
  })

  test('and is not delayed by one that keeps silent', async () => {
    const without = await checked('[]')
    const prepare = ({ machines, world }: SimulatedTopology) => {
      const address = world.addresses.id('192.168.1.1')
      machines.get('box')!.udp.bind({ address, port: 5351, onDatagram: () => {}, owner: OWNER })
    }
    const silenced = await checked('[]', { prepare })
    expect(silenced.fact.gateways[0]!.answers.map(({ outcome }) => outcome)).toEqual(['silent', 'silent', 'silent'])
    expect(silenced.report.gateways).toMatchObject([{ protocols: [] }])
    expect(silenced.tookMs - without.tookMs).toBeLessThan(1)
  })
})

describe('which gateways are asked, from where', () => {
  const fact: AddressesFact = {
    addresses: [
      { interface: 'eth0', address: '192.168.1.10', family: 'ipv4', prefixLength: 24 },
      { interface: 'eth0', address: 'fe80::a', family: 'ipv6', prefixLength: 64 },
      { interface: 'eth0', address: '2001:db8::1', family: 'ipv6', prefixLength: 64 },
      { interface: 'eth0', address: '2001:db8::2', family: 'ipv6', prefixLength: 64 },
      { interface: 'wlan0', address: '192.168.2.10', family: 'ipv4', prefixLength: 24 },
    ],
    defaultRoutes: [],
    source: { ipv4: '192.168.1.10', ipv6: '2001:db8::2' },
  }
  const route = (gateway: string | null, name = 'eth0') => ({
    family: gateway?.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
    gateway,
    interface: name,
    metric: 0,
    gatewayMac: null,
  })
  const asked = (...defaultRoutes: AddressesFact['defaultRoutes']) =>
    gatewaysOf({ ...fact, defaultRoutes }).map(({ address, local }) => [address, local])

  test.each([
    ['none', [], []],
    ['a point-to-point link has none', [route(null)], []],
    ['one', [route('192.168.1.1')], [['192.168.1.1', '192.168.1.10']]],
    [
      'two, each from its own interface',
      [route('192.168.1.1'), route('192.168.2.1', 'wlan0')],
      [
        ['192.168.1.1', '192.168.1.10'],
        ['192.168.2.1', '192.168.2.10'],
      ],
    ],
    ['one by two routes', [route('192.168.1.1'), route('192.168.1.1', 'wlan0')], [['192.168.1.1', '192.168.1.10']]],
    ['a link-local one, from the address that strangers dial', [route('fe80::1')], [['fe80::1', '2001:db8::2']]],
    ['on an interface without an address', [route('192.168.3.1', 'eth9')], [['192.168.3.1', null]]],
  ] as const)('%s', (_, routes, expected) => expect(asked(...routes)).toEqual(expected))
})
