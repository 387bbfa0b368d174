import { describe, expect, test } from 'vitest'
import { externalAddress, layOut, routesOn, wayOut } from '../../src/topology/layout.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'

const parsed = parseTopology(
  `topology: 1
title: A carrier, a router, a host, and IPv6 all the way
networks:
  internet: { ipv4: 198.51.100.0/24, ipv6: 2001:db8:1::/64 }
  core: { ipv4: 203.0.113.0/24, ipv6: 2001:db8:2::/64 }
  access: { ipv4: 100.64.0.0/10, ipv6: 2001:db8:3::/64 }
  home: { ipv4: 192.168.1.0/24, ipv6: 2001:db8:4::/64 }
hosts:
  node: { network: home }
  printer: { network: home, address: 192.168.1.10 }
  server: { network: core, address: 203.0.113.2 }
routers:
  box: { inside: home, outside: access, nat: { mapping: endpoint-independent, filtering: endpoint-independent } }
carriers:
  cgn: { inside: access, outside: core, nat: { mapping: endpoint-independent, filtering: endpoint-independent } }
providers:
  isp: { inside: core, outside: internet }
`,
  'test.yaml',
)
if (!parsed.ok) throw new Error('the topology of this test is wrong')
const { topology } = parsed
const layout = layOut(topology)

describe('layOut', () => {
  test('ways out have number 1, outsides count from 2, hosts from 10, and nobody gets what another has', () => {
    expect(layout.boxes.get('box')).toEqual({
      inside: ['192.168.1.1', '2001:db8:4::1'],
      outside: ['100.64.0.2', '2001:db8:3::2'],
    })
    expect(layout.boxes.get('cgn')?.outside).toEqual(['203.0.113.3', '2001:db8:2::2'])
    expect(layout.hosts.get('node')).toEqual(['192.168.1.11', '2001:db8:4::a'])
    expect(layout.hosts.get('printer')).toEqual(['192.168.1.10', '2001:db8:4::b'])
  })
})

describe('routesOn', () => {
  test('somebody inside has the default route alone', () => {
    expect(routesOn(topology, layout, 'home', 'node')).toEqual([
      { prefix: null, family: 'ipv4', via: '192.168.1.1' },
      { prefix: null, family: 'ipv6', via: '2001:db8:4::1' },
    ])
  })

  test('on the outermost network there is a route to everything that is not translated', () => {
    expect(routesOn(topology, layout, 'internet', 'stranger')).toEqual([
      { prefix: '203.0.113.0/24', family: 'ipv4', via: '198.51.100.2' },
      { prefix: '2001:db8:2::/64', family: 'ipv6', via: '2001:db8:1::2' },
      { prefix: '2001:db8:3::/64', family: 'ipv6', via: '2001:db8:1::2' },
      { prefix: '2001:db8:4::/64', family: 'ipv6', via: '2001:db8:1::2' },
    ])
  })

  test('a box knows what lies behind the boxes on its inside, and not itself', () => {
    expect(routesOn(topology, layout, 'core', 'isp')).toEqual([
      { prefix: '2001:db8:3::/64', family: 'ipv6', via: '2001:db8:2::2' },
      { prefix: '2001:db8:4::/64', family: 'ipv6', via: '2001:db8:2::2' },
    ])
  })
})

describe('the way out', () => {
  test('of a host, nearest first', () =>
    expect(wayOut(topology, 'node').map((box) => box.name)).toEqual(['box', 'cgn', 'isp']))

  test.each([
    ['node', 'ipv4', '203.0.113.3'],
    ['node', 'ipv6', '2001:db8:4::a'],
    ['server', 'ipv4', '203.0.113.2'],
  ] as const)('strangers dial %s in %s at %s', (host, family, address) => {
    expect(externalAddress(topology, layout, host, family)).toBe(address)
  })
})
