import { describe, expect, test } from 'vitest'
import { NatPmpMapper } from '../../src/gateway/nat-pmp-mapper.ts'
import type { MappingRequest, MapResult, PortMapping } from '../../src/gateway/port-mapper.ts'
import type { Udp } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { encodeNatPmpResponse } from '../../src/wire/nat-pmp/message.ts'
import { NAT_PMP_RESULT_CODES, type NatPmpResultName } from '../../src/wire/nat-pmp/result-codes.ts'
import { GATEWAY, Home, NODE, NODE6, OddHome, OUTSIDE, type Told } from './home.ts'

const REQUEST: MappingRequest = {
  transport: 'tcp',
  internal: { address: NODE, port: 4001 },
  suggestedPort: 4001,
  lifetimeSeconds: 3600,
  description: 'test',
  nonce: '0102030405060708090a0b0c',
}

function mapped(result: MapResult): PortMapping {
  if (result.outcome !== 'mapped') throw new Error(`not mapped: ${JSON.stringify(result)}`)
  return result.mapping
}

const mapperOf = (home: Home) => new NatPmpMapper(home.node, { address: GATEWAY, externalAddress: OUTSIDE })

describe("with the simulated router's NAT-PMP", () => {
  test('a mapping is made, renewed, and deleted, and nothing is left', async () => {
    const home = new Home(['nat-pmp'])
    const mapper = mapperOf(home)
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    expect(mapping).toMatchObject({ externalPort: 4001, externalAddress: OUTSIDE, lifetimeSeconds: 3600, token: null })
    expect(home.openings).toEqual(['tcp 4001 -> 192.168.1.10:4001'])
    await home.pass(1800_000)
    expect(mapped(await home.run(mapper.renew(mapping, 7200))).lifetimeSeconds).toBe(7200)
    expect(await home.run(mapper.unmap(mapping))).toBe('deleted')
    expect(home.openings).toEqual([])
  })

  test('another host has the port: the next one is granted, and deleting leaves the other', async () => {
    const home = new Home(['nat-pmp'])
    const internal = { address: '192.168.1.11', port: 4001 }
    const other = new NatPmpMapper(home.other, { address: GATEWAY, externalAddress: OUTSIDE })
    await home.run(other.map({ ...REQUEST, internal }))
    const mapping = mapped(await home.run(mapperOf(home).map(REQUEST)))
    expect(mapping.externalPort).toBe(4002)
    expect(await home.run(mapperOf(home).unmap(mapping))).toBe('deleted')
    expect(home.openings).toEqual(['tcp 4001 -> 192.168.1.11:4001'])
  })

  test('a mapping that has ended is not deleted, for one that is there by now is not ours', async () => {
    const home = new Home(['nat-pmp'])
    const mapping = mapped(await home.run(mapperOf(home).map(REQUEST)))
    await home.pass(3600_000)
    await home.run(mapperOf(home).map(REQUEST))
    expect(await home.run(mapperOf(home).unmap(mapping))).toBe('not-there')
    expect(home.openings).toHaveLength(1)
  })

  test('nor is one of before a restart of the router', async () => {
    const home = new Home(['nat-pmp'])
    await home.pass(100_000)
    const mapping = mapped(await home.run(mapperOf(home).map(REQUEST)))
    await home.pass(60_000)
    home.restart()
    await home.run(mapperOf(home).map(REQUEST))
    expect(await home.run(mapperOf(home).unmap(mapping))).toBe('not-there')
    expect(home.openings).toHaveLength(1)
  })

  test('a router that was restarted between two requests is noticed', async () => {
    const home = new Home(['nat-pmp'])
    const mapper = mapperOf(home)
    await home.pass(100_000)
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    home.restart()
    const renewed = await home.run(mapper.renew(mapping, 3600))
    expect(renewed).toMatchObject({ outcome: 'mapped', lostState: true, mapping: { externalPort: 4001 } })
    expect(home.openings).toHaveLength(1)
  })

  test('the address of the mapping is no longer ours: nothing is sent', async () => {
    const home = new Home(['nat-pmp'])
    const mapping = mapped(await home.run(mapperOf(home).map(REQUEST)))
    const moved = { ...mapping, internal: { address: '192.168.1.99', port: 4001 } }
    expect(await home.run(mapperOf(home).unmap(moved))).toBe('not-ours')
  })

  test('IPv6 is not for it', async () => {
    const home = new Home(['nat-pmp'])
    const result = await home.run(mapperOf(home).map({ ...REQUEST, internal: { address: NODE6, port: 4001 } }))
    expect(result).toMatchObject({ outcome: 'refused', why: 'unsupported' })
  })

  test('a router with no public address maps nothing', async () => {
    const home = new Home(['nat-pmp'], 'private')
    const result = await home.run(mapperOf(home).map(REQUEST))
    expect(result).toMatchObject({ outcome: 'refused', why: 'no-external-address' })
  })

  test('one that speaks PCP alone answers nothing that counts', async () => {
    const home = new Home(['pcp'])
    expect(await home.run(mapperOf(home).map(REQUEST))).toEqual({ outcome: 'garbage' })
  })

  test('a host that lets nothing out says so of itself, and not of the gateway', async () => {
    const home = new Home(['nat-pmp'])
    home.a.guard = { arriving: () => true, entering: () => true, passing: () => true, leaving: () => false }
    await expect(home.run(mapperOf(home).map(REQUEST))).rejects.toMatchObject({
      code: 'not-permitted',
    })
  })
})

describe('with a gateway that says odd things', () => {
  const success = { operation: 'tcp', resultCode: 0, epochSeconds: 100 } as const
  const ports = { internalPort: 4001, externalPort: 4001, lifetimeSeconds: 3600 }
  const grant = (more: Partial<typeof ports> = {}) => encodeNatPmpResponse({ ...success, ...ports, ...more })
  const address = (externalAddress: string) =>
    encodeNatPmpResponse({ operation: 'external-address', resultCode: 0, epochSeconds: 100, externalAddress })
  const map = async (answer: Told, external = OUTSIDE) => {
    const home = new OddHome((datagram) => [datagram[1] === 0 ? { datagram: address(external) } : answer])
    return { home, result: await home.run(mapperOf(home).map(REQUEST)) }
  }

  test.each<[string, Told, MapResult['outcome']]>([
    ['another internal port', { datagram: grant({ internalPort: 4002 }) }, 'garbage'],
    ['the other transport', { datagram: grant().with(1, 0x81) }, 'garbage'],
    ['external port 0', { datagram: grant({ externalPort: 0 }) }, 'garbage'],
    ['lifetime 0', { datagram: grant({ lifetimeSeconds: 0 }) }, 'garbage'],
    ['a truncated answer', { datagram: grant().subarray(0, 12) }, 'garbage'],
    ['an oversize answer', { datagram: Uint8Array.from([...grant(), 0]) }, 'garbage'],
    ['from another port', { datagram: grant(), from: { address: GATEWAY, port: 5350 } }, 'silent'],
    ['from another address', { datagram: grant(), from: { address: '192.168.1.11', port: 5351 } }, 'silent'],
  ])('%s is no mapping', async (_, answer, outcome) => {
    expect((await map(answer)).result.outcome).toBe(outcome)
  })

  test.each([
    ['a private address', '10.0.0.7', '10.0.0.7'],
    ['no address', '0.0.0.0', null],
    ['a multicast address', '224.0.0.1', null],
  ])('%s outside is told as it is', async (_, external, expected) => {
    expect(mapped((await map({ datagram: grant() }, external)).result).externalAddress).toBe(expected)
  })

  test.each<[NatPmpResultName, string]>([
    ['UNSUPPORTED_VERSION', 'unsupported'],
    ['NOT_AUTHORIZED', 'not-authorized'],
    ['NETWORK_FAILURE', 'no-external-address'],
    ['OUT_OF_RESOURCES', 'no-resources'],
    ['UNSUPPORTED_OPCODE', 'unsupported'],
  ])('%s is a refusal: %s', async (name, why) => {
    const resultCode = NAT_PMP_RESULT_CODES[name]
    for (const internalPort of [4001, null]) {
      const datagram = encodeNatPmpResponse({ operation: 'tcp', resultCode, epochSeconds: 1, internalPort })
      const { result } = await map({ datagram })
      expect(result).toEqual({ outcome: 'refused', why, detail: `NAT-PMP ${name} (${resultCode})` })
    }
  })

  test('silence is asked after 250, 500 and 1000 ms again, as RFC 6886 §3.1 has it, and costs 3 s', async () => {
    const home = new OddHome(() => [])
    expect(await home.run(mapperOf(home).map(REQUEST))).toEqual({ outcome: 'silent' })
    expect(Math.round(home.world.nowMs)).toBe(3000)
    // Beside each of the address, which is asked for at the same time and for a second.
    expect(home.asked.filter(({ datagram }) => datagram[1] !== 0)).toHaveLength(4)
  })
})

test('a port that was opened is told, even where its address cannot be asked for any more', async () => {
  const home = new Home(['nat-pmp'])
  let opened = 0
  const udp: Udp = {
    open(options) {
      opened += 1
      if (opened === 2) throw new PeerwayError('not-available', 'no more sockets')
      return home.node.udp.open(options)
    },
  }
  const mapper = new NatPmpMapper({ ...home.node, udp }, { address: GATEWAY, externalAddress: OUTSIDE })
  expect(mapped(await home.run(mapper.map(REQUEST)))).toMatchObject({ externalPort: 4001, externalAddress: null })
})
