import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { discoverMappers, openMapper } from '../../src/gateway/discover.ts'
import { MAPPER_PROTOCOLS } from '../../src/gateway/port-mapper.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'

const TARGET = { gateway: '192.168.1.1', local: '192.168.1.10' }

function home(portMapping: string) {
  const source = readFileSync(new URL('../../topologies/home-upnp.yaml', import.meta.url), 'utf8')
  const parsed = parseTopology(source.replace(/portMapping: .*/, `portMapping: ${portMapping}`), 'home.yaml')
  if (!parsed.ok) throw new Error('the topology has mistakes')
  const { world, host } = buildTopology(parsed.topology, 1)
  return { world, host: host('node') }
}

describe('the best that a gateway speaks is found, and nothing worse is waited for', () => {
  test.each([
    ['[upnp, nat-pmp, pcp]', 'pcp', 50],
    ['[upnp, nat-pmp]', 'nat-pmp', 50],
    ['[upnp]', 'igd2', 300],
    ['[]', undefined, 2000],
  ])('%s', async (portMapping, protocol, mostMs) => {
    const { world, host } = home(portMapping)
    const mappers = await world.run(discoverMappers(host, [TARGET]))
    expect(mappers[0]?.protocol).toBe(protocol)
    expect(world.nowMs).toBeLessThan(mostMs)
  })
})

describe('a known protocol is opened again, and maps', () => {
  test.each(MAPPER_PROTOCOLS.filter((each) => each !== 'igd1'))('%s', async (protocol) => {
    const { world, host } = home('[upnp, nat-pmp, pcp]')
    const mapper = await world.run(openMapper(host, TARGET, protocol))
    const request = {
      transport: 'tcp',
      internal: { address: TARGET.local, port: 4001 },
      suggestedPort: 4001,
      lifetimeSeconds: 3600,
      description: 'peerway:k3j9x0ab',
      nonce: '0123456789abcdef01234567',
    } as const
    const result = await world.run(mapper!.map(request))
    expect(result).toMatchObject({ outcome: 'mapped', mapping: { protocol, externalPort: 4001 } })
  })

  test('UPnP that is not there any more is not', async () => {
    const { world, host } = home('[pcp]')
    expect(await world.run(openMapper(host, TARGET, 'igd2'))).toBeNull()
  })
})
