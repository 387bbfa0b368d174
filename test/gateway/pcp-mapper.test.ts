import { describe, expect, test } from 'vitest'
import { PcpMapper } from '../../src/gateway/pcp-mapper.ts'
import type { MappingRequest, MapResult, PortMapping } from '../../src/gateway/port-mapper.ts'
import {
  decodePcpRequest,
  encodePcpResponse,
  type PcpMapping,
  type PcpRequest,
  type PcpResponse,
} from '../../src/wire/pcp/message.ts'
import { refusePcp } from '../../src/wire/pcp/refuse.ts'
import { PCP_RESULT_CODES, type PcpResultName } from '../../src/wire/pcp/result-codes.ts'
import { GATEWAY, GATEWAY6, Home, NODE, NODE6, OddHome, OUTSIDE, type Told } from './home.ts'

const REQUEST: MappingRequest = {
  transport: 'udp',
  internal: { address: NODE, port: 4001 },
  suggestedPort: 4001,
  lifetimeSeconds: 3600,
  description: 'test',
  nonce: '0102030405060708090a0b0c',
}
const OTHER_NONCE = 'ff02030405060708090a0b0c'

function mapped(result: MapResult): PortMapping {
  if (result.outcome !== 'mapped') throw new Error(`not mapped: ${JSON.stringify(result)}`)
  return result.mapping
}

describe("with the simulated router's PCP", () => {
  test('a mapping is made, renewed, and deleted, and nothing is left', async () => {
    const home = new Home(['pcp'])
    const mapper = new PcpMapper(home.node, { address: GATEWAY })
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    expect(mapping).toMatchObject({
      protocol: 'pcp',
      gateway: GATEWAY,
      externalPort: 4001,
      externalAddress: OUTSIDE,
      lifetimeSeconds: 3600,
      token: REQUEST.nonce,
    })
    expect(home.openings).toEqual(['udp 4001 -> 192.168.1.10:4001'])
    await home.pass(1800_000)
    expect(mapped(await home.run(mapper.renew(mapping, 7200)))).toMatchObject({
      externalPort: 4001,
      lifetimeSeconds: 7200,
    })
    await home.pass(3600_000)
    expect(home.openings).toHaveLength(1)
    expect(await home.run(mapper.unmap(mapping))).toBe('deleted')
    expect(home.openings).toEqual([])
  })

  test('it ends by itself', async () => {
    const home = new Home(['pcp'])
    await home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))
    await home.pass(3600_001)
    expect(home.openings).toEqual([])
  })

  test('a request repeated with its nonce is the same mapping; another nonce may neither take nor delete it', async () => {
    const home = new Home(['pcp'])
    const mapper = new PcpMapper(home.node, { address: GATEWAY })
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    expect(mapped(await home.run(mapper.map(REQUEST))).externalPort).toBe(4001)
    expect(await home.run(mapper.map({ ...REQUEST, nonce: OTHER_NONCE }))).toMatchObject({
      outcome: 'refused',
      why: 'not-authorized',
      detail: 'PCP NOT_AUTHORIZED (2)',
    })
    expect(await home.run(mapper.unmap({ ...mapping, token: OTHER_NONCE }))).toBe('not-ours')
    expect(home.openings).toHaveLength(1)
  })

  test('another host has the port: the next one is granted, and both stay', async () => {
    const home = new Home(['pcp'])
    const internal = { address: '192.168.1.11', port: 4001 }
    await home.run(new PcpMapper(home.other, { address: GATEWAY }).map({ ...REQUEST, internal, nonce: OTHER_NONCE }))
    const mapper = new PcpMapper(home.node, { address: GATEWAY })
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    expect(mapping.externalPort).toBe(4002)
    expect(await home.run(mapper.unmap(mapping))).toBe('deleted')
    expect(home.openings).toEqual(['udp 4001 -> 192.168.1.11:4001'])
  })

  test('the address of the mapping is no longer ours: nothing is sent', async () => {
    const home = new Home(['pcp'])
    const mapping = mapped(
      await home.run(
        new PcpMapper(home.other, { address: GATEWAY }).map({
          ...REQUEST,
          internal: { address: '192.168.1.11', port: 4001 },
        }),
      ),
    )
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY }).unmap(mapping))).toBe('not-ours')
    expect(home.openings).toHaveLength(1)
  })

  test('an IPv6 pinhole has the internal endpoint outside too', async () => {
    const home = new Home(['pcp'])
    const mapper = new PcpMapper(home.node, { address: GATEWAY6 })
    const request = { ...REQUEST, internal: { address: NODE6, port: 4001 }, suggestedPort: 9 }
    const mapping = mapped(await home.run(mapper.map(request)))
    expect(mapping).toMatchObject({ externalPort: 4001, externalAddress: NODE6 })
    expect(home.openings).toEqual([`udp 4001 -> ${NODE6}:4001`])
    expect(await home.run(mapper.unmap(mapping))).toBe('deleted')
    expect(home.openings).toEqual([])
  })

  test('a router that was restarted between two requests is noticed, and renewing makes the mapping anew', async () => {
    const home = new Home(['pcp'])
    const mapper = new PcpMapper(home.node, { address: GATEWAY })
    await home.pass(100_000)
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    await home.pass(10_000)
    home.restart()
    expect(home.openings).toEqual([])
    const other = await home.run(mapper.map({ ...REQUEST, transport: 'tcp', nonce: OTHER_NONCE }))
    expect(other).toMatchObject({ outcome: 'mapped', lostState: true })
    const renewed = await home.run(mapper.renew(mapping, 3600))
    expect(renewed).toMatchObject({ outcome: 'mapped', mapping: { externalPort: 4001 } })
    expect(renewed).not.toHaveProperty('lostState')
    expect(home.openings).toHaveLength(2)
  })

  test('a router with no public address maps nothing', async () => {
    const home = new Home(['pcp'], 'private')
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))).toMatchObject({
      outcome: 'refused',
      why: 'no-external-address',
    })
  })

  test('one that speaks NAT-PMP alone says so', async () => {
    const home = new Home(['nat-pmp'])
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))).toEqual({
      outcome: 'refused',
      why: 'unsupported',
      detail: 'it speaks version 0 of PCP',
    })
  })

  test('one that serves nothing is done with at once', async () => {
    const home = new Home([])
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))).toEqual({ outcome: 'silent' })
    expect(home.world.nowMs).toBeLessThan(100)
  })

  test('a host that lets nothing out says so of itself, and not of the gateway', async () => {
    const home = new Home(['pcp'])
    home.a.guard = { arriving: () => true, entering: () => true, passing: () => true, leaving: () => false }
    await expect(home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))).rejects.toMatchObject({
      code: 'not-permitted',
    })
  })
})

describe('with a gateway that says odd things', () => {
  const grant = (
    datagram: Uint8Array,
    more: Partial<PcpResponse> & { readonly mapping?: Partial<PcpMapping> } = {},
  ) => {
    const { operation } = requestIn(datagram)
    if (operation.opcode !== 'MAP') throw new Error('not a MAP')
    const external = { address: OUTSIDE, port: 4001 }
    const mapping = { ...operation.mapping, external, ...more.mapping }
    const success = { resultCode: 0, lifetimeSeconds: 3600, epochSeconds: 100, options: [] }
    return encodePcpResponse({ ...success, ...more, operation: { opcode: 'MAP', mapping } })
  }
  const map = async (answers: (datagram: Uint8Array, index: number) => readonly Told[]) => {
    const home = new OddHome(answers)
    const result = await home.run(new PcpMapper(home.node, { address: GATEWAY }).map(REQUEST))
    return { home, result }
  }
  const GARBAGE = { outcome: 'garbage' }

  test.each<[string, (datagram: Uint8Array) => Told, MapResult['outcome']]>([
    [
      'another nonce',
      (datagram) => ({ datagram: grant(datagram, { mapping: { nonce: new Uint8Array(12) } }) }),
      'garbage',
    ],
    [
      'another internal port',
      (datagram) => ({ datagram: grant(datagram, { mapping: { internalPort: 5 } }) }),
      'garbage',
    ],
    ['another protocol', (datagram) => ({ datagram: grant(datagram, { mapping: { protocol: 6 } }) }), 'garbage'],
    [
      'another opcode',
      () => ({
        datagram: encodePcpResponse({
          operation: { opcode: 'ANNOUNCE' },
          resultCode: 0,
          lifetimeSeconds: 0,
          epochSeconds: 1,
          options: [],
        }),
      }),
      'garbage',
    ],
    ['a truncated answer', (datagram) => ({ datagram: grant(datagram).subarray(0, 40) }), 'garbage'],
    [
      'an oversize answer',
      (datagram) => ({ datagram: Uint8Array.from([...grant(datagram), ...new Uint8Array(1100)]) }),
      'garbage',
    ],
    ['its own question', (datagram) => ({ datagram }), 'garbage'],
    [
      'external port 0',
      (datagram) => ({ datagram: grant(datagram, { mapping: { external: { address: OUTSIDE, port: 0 } } }) }),
      'garbage',
    ],
    ['lifetime 0', (datagram) => ({ datagram: grant(datagram, { lifetimeSeconds: 0 }) }), 'garbage'],
    [
      'from another port',
      (datagram) => ({ datagram: grant(datagram), from: { address: GATEWAY, port: 5352 } }),
      'silent',
    ],
    [
      'from another address',
      (datagram) => ({ datagram: grant(datagram), from: { address: '192.168.1.11', port: 5351 } }),
      'silent',
    ],
  ])('%s is no mapping', async (_, answer, outcome) => {
    const { home, result } = await map((datagram) => [answer(datagram)])
    expect(result.outcome).toBe(outcome)
    expect(home.world.nowMs).toBeLessThan(3100)
  })

  test('a spoofed answer before the true one does no harm', async () => {
    const { result } = await map((datagram) => [
      {
        datagram: grant(datagram, {
          mapping: { nonce: new Uint8Array(12), external: { address: '192.0.2.66', port: 66 } },
        }),
      },
      { datagram: grant(datagram), afterMs: 5 },
    ])
    expect(mapped(result)).toMatchObject({ externalAddress: OUTSIDE, externalPort: 4001 })
  })

  test.each([
    [
      'a different port than asked',
      { mapping: { external: { address: OUTSIDE, port: 4567 } } },
      { externalPort: 4567 },
    ],
    [
      'a private address',
      { mapping: { external: { address: '10.0.0.7', port: 4001 } } },
      { externalAddress: '10.0.0.7' },
    ],
    ['no address', { mapping: { external: { address: '0.0.0.0', port: 4001 } } }, { externalAddress: null }],
    ['a loopback address', { mapping: { external: { address: '127.0.0.1', port: 4001 } } }, { externalAddress: null }],
    [
      'an address of the other family',
      { mapping: { external: { address: '2001:db8::1', port: 4001 } } },
      { externalAddress: null },
    ],
    ['less time than asked', { lifetimeSeconds: 60 }, { lifetimeSeconds: 60 }],
    ['136 years', { lifetimeSeconds: 0xffff_ffff }, { lifetimeSeconds: 86_400 }],
  ] as const)('%s is told as it is', async (_, more, expected) => {
    const { result } = await map((datagram) => [{ datagram: grant(datagram, more) }])
    expect(mapped(result)).toMatchObject(expected)
  })

  test.each<[PcpResultName, string]>([
    ['NOT_AUTHORIZED', 'not-authorized'],
    ['NETWORK_FAILURE', 'no-external-address'],
    ['NO_RESOURCES', 'no-resources'],
    ['USER_EX_QUOTA', 'no-resources'],
    ['UNSUPP_PROTOCOL', 'unsupported'],
    ['UNSUPP_OPCODE', 'unsupported'],
    ['CANNOT_PROVIDE_EXTERNAL', 'in-use'],
    ['ADDRESS_MISMATCH', 'other'],
    ['MALFORMED_REQUEST', 'other'],
  ])('%s is a refusal: %s', async (name, why) => {
    const resultCode = PCP_RESULT_CODES[name]
    const { result } = await map((datagram) => [
      { datagram: refusePcp(datagram, { resultCode, lifetimeSeconds: 30, epochSeconds: 1 }) },
    ])
    expect(result).toEqual({ outcome: 'refused', why, detail: `PCP ${name} (${resultCode})` })
  })

  test('NO_RESOURCES with a private address outside is a router behind another NAT', async () => {
    const external = { address: '100.64.1.2', port: 4001 }
    const { result } = await map((datagram) => [
      { datagram: grant(datagram, { resultCode: 8, mapping: { external } }) },
    ])
    expect(result).toMatchObject({ outcome: 'refused', why: 'no-external-address' })
  })

  test('a result code without a name is told by its number', async () => {
    const { result } = await map((datagram) => [{ datagram: grant(datagram, { resultCode: 99 }) }])
    expect(result).toEqual({ outcome: 'refused', why: 'other', detail: 'PCP result (99)' })
  })

  test('silence is asked five times, with gaps that double, the same bytes each time, and costs 3 s', async () => {
    const { home, result } = await map(() => [])
    expect(result).toEqual({ outcome: 'silent' })
    expect(Math.round(home.world.nowMs)).toBe(3000)
    const gaps = home.asked.slice(1).map(({ atMs }, index) => atMs - home.asked[index]!.atMs)
    for (const [index, gap] of gaps.entries()) {
      expect(Math.abs(gap / (100 * 2 ** index) - 1)).toBeLessThanOrEqual(0.1)
    }
    expect(gaps).toHaveLength(4)
    expect(new Set(home.asked.map(({ datagram }) => datagram.join())).size).toBe(1)
  })

  test('a pinhole whose first answer was lost is deleted before it is asked for again', async () => {
    const external = { address: NODE6, port: 4001 }
    const home = new OddHome((datagram, index) => {
      const { lifetimeSeconds } = requestIn(datagram)
      return index === 0 ? [] : [{ datagram: grant(datagram, { lifetimeSeconds, mapping: { external } }) }]
    })
    const request = { ...REQUEST, internal: external }
    const result = await home.run(new PcpMapper(home.node, { address: GATEWAY6 }).map(request))
    expect(mapped(result)).toMatchObject({ externalPort: 4001, token: REQUEST.nonce })
    expect(home.asked.map(({ datagram }) => requestIn(datagram).lifetimeSeconds)).toEqual([3600, 0, 3600])
    expect(home.world.nowMs).toBeLessThan(600)
  })

  test('a pinhole that nobody answers for costs no more than another mapping', async () => {
    const home = new OddHome(() => [])
    const request = { ...REQUEST, internal: { address: NODE6, port: 4001 } }
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY6 }).map(request))).toEqual({ outcome: 'silent' })
    expect(home.world.nowMs).toBeLessThanOrEqual(3000)
  })

  test.each([
    ['deleted', 1],
    ['not-there', 0],
  ] as const)('nothing to delete is %s where %d answers were lost before', async (expected, lost) => {
    const home = new OddHome((datagram, index) =>
      index < lost ? [] : [{ datagram: grant(datagram, { lifetimeSeconds: 0, resultCode: 8 }) }],
    )
    const mapping: PortMapping = {
      ...({
        protocol: 'pcp',
        gateway: GATEWAY,
        transport: 'udp',
        internal: REQUEST.internal,
        externalPort: 4001,
      } as const),
      ...{ externalAddress: OUTSIDE, lifetimeSeconds: 3600, grantedAtMs: 0, epochSeconds: 1, token: REQUEST.nonce },
      description: 'test',
    }
    expect(await home.run(new PcpMapper(home.node, { address: GATEWAY }).unmap(mapping))).toBe(expected)
  })

  test('the third transmission is answered', async () => {
    const { result } = await map((datagram, index) => (index < 2 ? [] : [{ datagram: grant(datagram) }]))
    expect(result.outcome).toBe('mapped')
  })

  test('garbage to a deletion is no deletion', async () => {
    const home = new OddHome((datagram, index) => [
      { datagram: index === 0 ? grant(datagram) : Uint8Array.of(1, 2, 3) },
    ])
    const mapper = new PcpMapper(home.node, { address: GATEWAY })
    const mapping = mapped(await home.run(mapper.map(REQUEST)))
    expect(await home.run(mapper.unmap(mapping))).toBe(GARBAGE.outcome)
  })
})

describe('asked wrongly', () => {
  const home = new Home(['pcp'])
  const mapper = new PcpMapper(home.node, { address: GATEWAY })
  test.each([
    ['port 0', { internal: { address: NODE, port: 0 } }],
    ['a suggested port of 65536', { suggestedPort: 65_536 }],
    ['lifetime 0, which would delete', { lifetimeSeconds: 0 }],
    ['a loopback address', { internal: { address: '127.0.0.1', port: 4001 } }],
    ['no nonce', { nonce: '' }],
  ])('%s', async (_, more) => {
    await expect(async () => mapper.map({ ...REQUEST, ...more })).rejects.toThrow(RangeError)
  })
})

function requestIn(datagram: Uint8Array): PcpRequest {
  const request = decodePcpRequest(datagram)
  if (!request.ok) throw new Error(`no request: ${request.code}`)
  return request.value
}
