import { describe, expect, test } from 'vitest'
import { discoverIgd } from '../../src/gateway/discover-igd.ts'
import type { MappingRequest, PortMapper } from '../../src/gateway/port-mapper.ts'
import {
  ACTIONS,
  entryIn,
  FakeIgd,
  GATEWAY,
  keyOf,
  NEIGHBOUR,
  NODE,
  OUTSIDE,
  type Quirks,
  shown,
  WAN_IP_1,
  WAN_IP_2,
  WAN_PPP,
} from './fake-igd.ts'

const REQUEST: MappingRequest = {
  transport: 'udp',
  internal: { address: NODE, port: 4001 },
  suggestedPort: 4001,
  lifetimeSeconds: 3600,
  description: 'peerway:k3j9x0ab',
  nonce: '0'.repeat(24),
}

const SEARCH = { gateway: GATEWAY, local: NODE, gateways: [GATEWAY] }

async function found(router: FakeIgd): Promise<PortMapper> {
  const { mapper } = await router.run(discoverIgd(router.node, SEARCH))
  expect(mapper).not.toBeNull()
  return mapper!
}

async function mapOn(quirks: Quirks, request = REQUEST) {
  const router = new FakeIgd(quirks)
  const mapper = await found(router)
  return { router, mapper, result: await router.run(mapper.map(request)) }
}

const GRANTED = {
  gateway: GATEWAY,
  transport: 'udp',
  internal: REQUEST.internal,
  externalPort: 4001,
  externalAddress: OUTSIDE,
  lifetimeSeconds: 3600,
  description: REQUEST.description,
}

/** A neighbour has the port that is wished for. */
const TAKEN = { client: NEIGHBOUR, internalPort: 4001, description: 'theirs', lease: 0 }

describe('a good version 1 router', () => {
  test('is found, maps, shows, renews and deletes', async () => {
    const { router, mapper, result } = await mapOn({})
    expect(mapper).toMatchObject({
      protocol: 'igd1',
      gateway: GATEWAY,
      model: 'peerway fake',
      externalAddress: OUTSIDE,
    })
    expect(result).toMatchObject({ outcome: 'mapped', mapping: { ...GRANTED, protocol: 'igd1', token: null } })
    if (result.outcome !== 'mapped') return
    const listed = { transport: 'udp', externalPort: 4001, internal: REQUEST.internal, lifetimeSeconds: 3600 }
    expect(await router.run(mapper.list())).toMatchObject([listed])
    expect(await router.run(mapper.renew(result.mapping, 7200))).toMatchObject({
      outcome: 'mapped',
      mapping: { externalPort: 4001, lifetimeSeconds: 7200 },
    })
    expect(await router.run(mapper.unmap(result.mapping))).toBe('deleted')
    expect(router.table.size).toBe(0)
    expect(await router.run(mapper.unmap(result.mapping))).toBe('not-there')
    expect(await router.run(mapper.list())).toEqual([])
  })

  test('is never asked to SUBSCRIBE, and only for known actions', async () => {
    const { router } = await mapOn({})
    expect(new Set(router.calls)).toEqual(
      new Set(['GetExternalIPAddress', 'GetSpecificPortMappingEntry', 'AddPortMapping']),
    )
  })

  test('a program of this host that is mapped already is left alone', async () => {
    const router = new FakeIgd()
    const own = { client: NODE, internalPort: 4001, description: 'libp2p', lease: 0 }
    router.table.set('UDP 4001', own)
    const result = await router.run((await found(router)).map(REQUEST))
    expect(result).toMatchObject({ outcome: 'mapped' })
    expect(router.table.get('UDP 4001')).toEqual(own)
  })
})

describe('what is there is found', () => {
  test.each<[string, Quirks, Partial<PortMapper>]>([
    // Older D-Link and TP-Link firmware does not hear unicast M-SEARCH.
    ['an answer to multicast alone', { hears: 'multicast' }, { protocol: 'igd1' }],
    // Routers whose bridge snoops IGMP lose the group; miniupnpd on some OpenWrt bridges.
    ['an answer to unicast alone', { hears: 'unicast' }, { protocol: 'igd1' }],
    // Some Huawei and ZTE gateways answer from an ephemeral port.
    ['an answer from another port than 1900', { answersFrom: 41_234 }, { protocol: 'igd1' }],
    // DSL routers offer PPP and IP, and only one of them is up (AVM, Speedport).
    [
      'of several lines the connected one',
      {
        services: [
          { service: WAN_IP_1, controlUrl: '/ip' },
          { service: WAN_PPP, controlUrl: '/ppp' },
        ],
        status: (path) => (path === '/ppp' ? 'Connected' : 'Disconnected'),
        external: '198.51.100.7',
      },
      { protocol: 'igd1', externalAddress: '198.51.100.7' },
    ],
    [
      'version 2 before version 1, where both are up',
      {
        services: [
          { service: WAN_IP_1, controlUrl: '/one' },
          { service: WAN_IP_2, controlUrl: '/two' },
        ],
      },
      { protocol: 'igd2' },
    ],
    ['a control URL that is relative', { services: [{ service: WAN_IP_1, controlUrl: 'ctl' }] }, { protocol: 'igd1' }],
    [
      'a control URL that is absolute',
      { services: [{ service: WAN_IP_1, controlUrl: `http://${GATEWAY}:5000/ctl` }] },
      { protocol: 'igd1' },
    ],
    ['a base of its own', { urlBase: `http://${GATEWAY}:5000` }, { protocol: 'igd1' }],
    // Behind another NAT, the address of the line is private: told as it is.
    ['a private external address', { external: '10.0.0.7' }, { externalAddress: '10.0.0.7' }],
    // Routers without a connection tell nothing, or zeros, or words.
    ['an empty external address', { external: '' }, { externalAddress: null }],
    ['an external address of zeros', { external: '0.0.0.0' }, { externalAddress: null }],
    ['a loopback external address', { external: '127.0.0.1' }, { externalAddress: null }],
    ['an external address of words', { external: 'not connected' }, { externalAddress: null }],
  ])('%s', async (_, quirks, expected) => {
    expect(await found(new FakeIgd(quirks))).toMatchObject(expected)
  })
})

describe('what routers grant in their own way', () => {
  test.each<[string, Quirks, object]>([
    // "UDP" in lower case is answered with 402 by several Netgear and Zyxel models.
    [
      'the protocol is wanted in capitals',
      {
        actions: {
          AddPortMapping: (values, router) =>
            /^[A-Z]+$/.test(values.get('NewProtocol')!) ? ACTIONS.AddPortMapping!(values, router) : 402,
        },
      },
      GRANTED,
    ],
    // Many Linksys and ASUS models, and everything built on old Broadcom stacks: permanent leases alone.
    ...[725, 402, 501].map((code): [string, Quirks, object] => [
      `${code}: permanent leases alone`,
      {
        actions: {
          AddPortMapping: (values, router) =>
            values.get('NewLeaseDuration') === '0' ? ACTIONS.AddPortMapping!(values, router) : code,
        },
      },
      { ...GRANTED, lifetimeSeconds: null },
    ]),
    // A port that nobody has is "action failed" or "invalid args" to many (Thomson, Belkin).
    ...[501, 402, 713].map((code): [string, Quirks, object] => [
      `${code} for a port that nobody has`,
      {
        actions: {
          GetSpecificPortMappingEntry: (values, { table }) => {
            const entry = table.get(keyOf(values))
            return entry === undefined ? code : shown(entry)
          },
        },
      },
      GRANTED,
    ]),
    // Version 1 routers that pick another port and say so nowhere but in the table.
    [
      'another port granted than asked for',
      {
        actions: {
          AddPortMapping: (values, { table }) => {
            table.set(`${values.get('NewProtocol')} 40999`, entryIn(values))
            return []
          },
        },
      },
      { ...GRANTED, externalPort: 40_999 },
    ],
    // 724: the external port must be the internal one.
    [
      'equal ports alone',
      {
        actions: {
          AddPortMapping: (values, router) =>
            values.get('NewExternalPort') === values.get('NewInternalPort')
              ? ACTIONS.AddPortMapping!(values, router)
              : 724,
        },
      },
      GRANTED,
    ],
    // Leases told in minutes, or in milliseconds.
    ...(
      [
        ['minutes', 60, 60],
        ['milliseconds', 3_600_000, 3600],
      ] as const
    ).map(([unit, told, believed]): [string, Quirks, object] => [
      `a lifetime in ${unit}`,
      {
        actions: {
          GetSpecificPortMappingEntry: (values, { table }) => {
            const entry = table.get(keyOf(values))
            return entry === undefined ? 714 : shown({ ...entry, lease: told })
          },
        },
      },
      { ...GRANTED, lifetimeSeconds: believed },
    ]),
    // Descriptions cut to what the menu can show (TP-Link: 15 characters).
    [
      'descriptions cut',
      {
        actions: {
          AddPortMapping: (values, { table }) => {
            const entry = entryIn(values)
            table.set(keyOf(values), { ...entry, description: entry.description.slice(0, 12) })
            return []
          },
        },
      },
      { ...GRANTED, description: 'peerway:k3j9' },
    ],
    // Firmware that knows only AddPortMapping and Delete: nothing can be read back.
    [
      'no table to read',
      { actions: { GetSpecificPortMappingEntry: () => 401, GetGenericPortMappingEntry: () => 401 } },
      GRANTED,
    ],
    // Version 2 by name, without AddAnyPortMapping.
    [
      'version 2 without what is new in it',
      { services: [{ service: WAN_IP_2, controlUrl: '/ctl' }] },
      { ...GRANTED, protocol: 'igd2' },
    ],
    // Version 2 chooses the port itself.
    [
      'version 2 with another port',
      {
        services: [{ service: WAN_IP_2, controlUrl: '/ctl' }],
        actions: {
          AddAnyPortMapping: (values, { table }) => {
            table.set(`${values.get('NewProtocol')} 4002`, entryIn(values))
            return [['NewReservedPort', '4002']]
          },
        },
      },
      { ...GRANTED, protocol: 'igd2', externalPort: 4002 },
    ],
  ])('%s', async (name, quirks, expected) => {
    const request = name === 'equal ports alone' ? { ...REQUEST, suggestedPort: 5001 } : REQUEST
    const { router, mapper, result } = await mapOn(quirks, request)
    expect(result).toMatchObject({ outcome: 'mapped', mapping: expected })
    if (result.outcome !== 'mapped') return
    // Whatever it granted can be taken back, or is left if the router does not show whose it is.
    const unmapped = await router.run(mapper.unmap(result.mapping))
    expect(unmapped).toBe(name === 'no table to read' ? 'refused' : 'deleted')
    expect(router.table.size).toBe(name === 'no table to read' ? 1 : 0)
  })
})

describe('what routers refuse', () => {
  const faults = (code: number): Quirks => ({ actions: { AddPortMapping: () => code } })
  test.each<[string, Quirks, object]>([
    ['402 whatever the lease', faults(402), { outcome: 'refused', why: 'other', detail: 'UPnP 402 fault' }],
    ['501', faults(501), { outcome: 'refused', why: 'other', detail: 'UPnP 501 fault' }],
    // miniupnpd in secure mode, and whatever a user switched off.
    ['606', faults(606), { outcome: 'refused', why: 'not-authorized' }],
    ['606 even for looking', { actions: { GetSpecificPortMappingEntry: () => 606 } }, { why: 'not-authorized' }],
    ['718 for every port', faults(718), { outcome: 'refused', why: 'in-use' }],
    ['728', faults(728), { outcome: 'refused', why: 'no-resources' }],
    ['724 for equal ports too', faults(724), { outcome: 'refused', why: 'in-use' }],
    // Accepts everything and does nothing (some providers' own firmware).
    ['accepted and forgotten', { actions: { AddPortMapping: () => [] } }, { outcome: 'refused', why: 'other' }],
    [
      'a web page for an answer',
      { actions: { AddPortMapping: () => new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n<html><br></html>') } },
      { outcome: 'garbage' },
    ],
    [
      'an answer to another action',
      {
        actions: {
          AddPortMapping: () =>
            new TextEncoder().encode(
              'HTTP/1.1 200 OK\r\n\r\n<Envelope><Body><DeletePortMappingResponse/></Body></Envelope>',
            ),
        },
      },
      { outcome: 'garbage' },
    ],
  ])('%s', async (_, quirks, expected) => {
    const { router, result } = await mapOn(quirks)
    expect(result).toMatchObject(expected)
    expect(router.table.size).toBe(0)
  })
})

describe("another host's mapping", () => {
  test('is left alone, and another port is asked for', async () => {
    const router = new FakeIgd()
    router.table.set('UDP 4001', TAKEN)
    const result = await router.run((await found(router)).map(REQUEST))
    expect(result).toMatchObject({ outcome: 'mapped', mapping: { internal: REQUEST.internal } })
    expect(router.table.get('UDP 4001')).toEqual(TAKEN)
    expect(router.table.size).toBe(2)
  })

  test('is not overwritten by a router that would', async () => {
    const router = new FakeIgd({
      actions: {
        // Old version 1 firmware takes the port from whoever has it.
        AddPortMapping: (values, { table }) => {
          table.set(keyOf(values), entryIn(values))
          return []
        },
      },
    })
    router.table.set('UDP 4001', TAKEN)
    await router.run((await found(router)).map(REQUEST))
    expect(router.table.get('UDP 4001')).toEqual(TAKEN)
  })

  test('is not overwritten where a look-up of one port tells nothing, and the table does', async () => {
    const router = new FakeIgd({
      actions: {
        GetSpecificPortMappingEntry: () => 501,
        AddPortMapping: (values, { table }) => {
          table.set(keyOf(values), entryIn(values))
          return []
        },
      },
    })
    router.table.set('UDP 4001', TAKEN)
    const result = await router.run((await found(router)).map(REQUEST))
    expect(result).toMatchObject({ outcome: 'mapped', mapping: { internal: REQUEST.internal } })
    expect(router.table.get('UDP 4001')).toEqual(TAKEN)
  })

  test('in the place of ours is not deleted', async () => {
    const { router, mapper, result } = await mapOn({})
    router.table.set('UDP 4001', TAKEN)
    expect(result.outcome).toBe('mapped')
    if (result.outcome !== 'mapped') return
    expect(await router.run(mapper.unmap(result.mapping))).toBe('not-ours')
    expect(router.table.get('UDP 4001')).toEqual(TAKEN)
  })

  test('of another program on this host in the place of ours is not deleted', async () => {
    const { router, mapper, result } = await mapOn({})
    router.table.set('UDP 4001', { ...TAKEN, client: NODE })
    if (result.outcome !== 'mapped') throw new Error(result.outcome)
    expect(await router.run(mapper.unmap(result.mapping))).toBe('not-ours')
  })
})

describe('a router that restarts', () => {
  test('between two requests is found again, with its web server on another port', async () => {
    const { router, mapper, result } = await mapOn({})
    if (result.outcome !== 'mapped') throw new Error(result.outcome)
    router.restart()
    expect(await router.run(mapper.renew(result.mapping, 3600))).toMatchObject({ outcome: 'mapped', mapping: GRANTED })
    expect(router.table.size).toBe(1)
  })

  test('with a table that repeats its last entry for ever is listed once', async () => {
    const router = new FakeIgd({
      actions: {
        GetGenericPortMappingEntry: () => [['NewExternalPort', '1'], ['NewProtocol', 'TCP'], ...shown(TAKEN)],
      },
    })
    expect(await router.run((await found(router)).list())).toHaveLength(1)
  })
})
