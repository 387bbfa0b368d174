import { describe, expect, test } from 'vitest'
import { NatPmpMapper } from '../../src/gateway/nat-pmp-mapper.ts'
import type { MapperProtocol } from '../../src/gateway/port-mapper.ts'
import type { Host } from '../../src/host/host.ts'
import type { Change, PortMappingChange } from '../../src/remedy/change.ts'
import { portMapping } from '../../src/remedy/changes/port-mapping.ts'
import { GATEWAY, GATEWAY6, Home, NODE, NODE6 } from '../gateway/home.ts'

const ALL = ['pcp', 'nat-pmp', 'upnp'] as const
const DAY_MS = 86_400_000

function changeBy(protocol: MapperProtocol, internal = NODE): PortMappingChange & Change {
  const request = {
    protocol,
    gateway: internal === NODE ? GATEWAY : GATEWAY6,
    transport: 'tcp',
    internal: { address: internal, port: 4001 },
    suggestedPort: 4001,
    lifetimeSeconds: 86_400,
    nonce: '0102030405060708090a0b0c',
  } as const
  return { id: 'abcd1234', kind: 'port-mapping', request, mapping: null }
}

/** The same host, whose clock was set since. */
function jumped(host: Host, byMs: number): Host {
  const { clock } = host
  const later = {
    nowMs: () => clock.nowMs() + byMs,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  }
  return { ...host, clock: later }
}

const KINDS = [
  ['PCP', changeBy('pcp')],
  ['NAT-PMP', changeBy('nat-pmp')],
  ['UPnP', changeBy('igd2')],
  ['PCP, IPv6', changeBy('pcp', NODE6)],
  ['UPnP, IPv6', changeBy('igd2', NODE6)],
] as const

describe.each(KINDS)('a mapping by %s', (name, change) => {
  test.each([0, 1])('of which nobody wrote down what was granted is taken back, asked %s times', async (times) => {
    const home = new Home(ALL)
    // A neighbour has the port, so that ours is another one.
    const other = new NatPmpMapper(home.other, { address: GATEWAY, externalAddress: null })
    const internal = { address: '192.168.1.11', port: 4001 }
    await home.run(other.map({ ...change.request, description: 'theirs', internal }))
    const before = home.openings
    for (let time = 0; time < times; time++) await home.run(portMapping.apply(home.node, change))
    expect(home.openings).toHaveLength(before.length + times)
    const undone = await home.run(portMapping.undo(home.node, change, home.node.clock.nowMs()))
    // The others do not tell whether there was anything.
    expect(undone).toEqual({ outcome: times === 0 && name === 'UPnP' ? 'was-gone' : 'undone' })
    expect(home.openings).toEqual(before)
  })

  test.each([
    ['ahead', 2 * DAY_MS],
    ['back', -2 * DAY_MS],
  ])('is taken back by a clock that jumped %s', async (_, byMs) => {
    const home = new Home(ALL)
    for (let day = 0; day < 4; day++) await home.pass(DAY_MS - 1)
    const made = await home.run(portMapping.apply(home.node, change))
    await home.pass(60_000)
    const undone = await home.run(portMapping.undo(jumped(home.node, byMs), made, 0))
    expect(undone).toEqual({ outcome: 'undone' })
    expect(home.openings).toEqual([])
  })

  test('is left where this host has another address by now, and until when', async () => {
    const home = new Home(ALL)
    const made = await home.run(portMapping.apply(home.node, change))
    const moved: Host = { ...home.node, network: { ...home.node.network, addresses: async () => [] } }
    expect(await home.run(portMapping.undo(moved, made, 0))).toMatchObject({
      outcome: 'left',
      why: expect.objectContaining({ params: expect.objectContaining({ seconds: 86_400 }) }),
    })
    await home.pass(DAY_MS)
    expect(await home.run(portMapping.undo(moved, made, 0))).toEqual({ outcome: 'was-gone' })
  })
})

test('of two ways to read a NAT-PMP router neither is taken: it, or our clock, has jumped', async () => {
  const home = new Home(['nat-pmp'])
  await home.pass(10_000)
  const made = await home.run(portMapping.apply(home.node, changeBy('nat-pmp')))
  const undone = await home.run(portMapping.undo(jumped(home.node, 7_200_000), made, 0))
  expect(undone).toMatchObject({ outcome: 'left', why: { params: { why: { id: 'error.of.router-undecided' } } } })
  expect(home.openings).toHaveLength(1)
})
