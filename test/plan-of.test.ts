import { describe, expect, test } from 'vitest'
import { kindOf, noPorts, parseNodeKind, planOf } from '../src/plan-of.ts'

function portsIn(options: Parameters<typeof planOf>[0]): readonly string[] {
  return planOf(options).ports.map(({ transport, port }) => `${transport}/${port}`)
}

describe('the ports asked about', () => {
  test('are those named, once each', () => {
    expect(portsIn({ ports: ['4001', 'udp/4001', 'tcp/80'] })).toEqual(['udp/4001', 'tcp/4001', 'tcp/80'])
  })

  test('replace those of the kind of node', () => {
    expect(portsIn({ ports: ['udp/9'], node: 'ipfs' })).toEqual(['udp/9'])
  })

  test.each([
    ['phala', ['tcp/30333', 'tcp/30334']],
    ['khala', ['tcp/30333', 'tcp/30334']],
    ['substrate', ['tcp/30333']],
    ['ipfs', ['tcp/4001', 'udp/4001']],
    ['ethereum', ['tcp/30303', 'udp/30303', 'tcp/9000', 'udp/9000']],
    ['bitcoin', ['tcp/8333']],
    ['bittorrent', ['tcp/51413', 'udp/51413']],
    ['syncthing', ['tcp/22000', 'udp/22000']],
    ['tor', ['tcp/9001']],
  ])('of %s, left as installed, are its usual ones', (kind, ports) => {
    const usual = kindOf({ node: parseNodeKind(kind) })!.ports!
    expect(usual.map(({ transport, port }) => `${transport}/${port}`)).toEqual(ports)
  })

  test('are those of the node that is found, where none is named', () => {
    expect(portsIn({})).toEqual([])
    expect(portsIn({ node: 'ipfs' })).toEqual([])
  })

  test.each(['libp2p'])('of %s must be named where the node does not tell them', (kind) => {
    expect(kindOf({ node: parseNodeKind(kind) })!.ports).toBeNull()
    expect(noPorts(kind).message).toBe(`${kind} has no port of its own: name yours with --port`)
  })
})

test('an unknown kind of node is refused with those that there are', () => {
  expect(() => parseNodeKind('kubo')).toThrow(/"kubo" is no kind of node; there are: phala, .*, tor$/)
})

test('public STUN servers are asked unless others are named', () => {
  expect(planOf({ ports: ['1'] }).publicStunServers[0]?.host).toBe('stun.mysterium.network')
  expect(planOf({ ports: ['1'], stunServers: [] }).publicStunServers).toEqual([])
})
