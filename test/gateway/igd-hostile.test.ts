import { describe, expect, test } from 'vitest'
import { discoverIgd, type IgdDiscovery } from '../../src/gateway/discover-igd.ts'
import { locateOn } from '../../src/gateway/igd-device.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { encodeHttpResponse } from '../../src/wire/http1/response.ts'
import { IGD_TARGETS } from '../../src/wire/igd/services.ts'
import { encodeAnswer } from '../../src/wire/ssdp/ssdp.ts'
import { OWNER, SmallWorld } from '../sim/small-world.ts'
import { bytes, FakeIgd, GATEWAY, NEIGHBOUR, NODE, ok, type Quirks, type Returned, WAN_IP_1 } from './fake-igd.ts'

const SEARCH = { gateway: GATEWAY, local: NODE, gateways: [GATEWAY] }

/** What comes of a search, how long it took, and whom the host ever connected to. */
async function search(
  router: FakeIgd,
): Promise<IgdDiscovery & { readonly tookMs: number; readonly spokenTo: Set<string> }> {
  const { world } = router.world
  const spokenTo = new Set<string>()
  world.trace = ({ machine, stage, packet }) => {
    const to = /^tcp .* > (\S+):[0-9]+ /.exec(packet)?.[1]
    if (machine === 'a' && stage === 'send' && to !== undefined) spokenTo.add(to)
  }
  const startedMs = world.nowMs
  const discovery = await router.run(discoverIgd(router.node, SEARCH))
  return { ...discovery, spokenTo, tookMs: world.nowMs - startedMs }
}

const page = (text: string): Quirks => ({ page: ok(bytes(text)) })
const located = (url: string): Quirks => ({ location: () => url })
const DESCRIPTION = new TextDecoder().decode(new FakeIgd().description)

describe('a location that is not followed, and told', () => {
  test.each<[string, Quirks, string]>([
    ['another address', located('http://192.168.1.11:5000/desc.xml'), 'elsewhere'],
    ['the outside address of the router', located('http://203.0.113.1:5000/desc.xml'), 'elsewhere'],
    ['loopback', located('http://127.0.0.1:5000/desc.xml'), 'elsewhere'],
    ['a name', located('http://router.lan:5000/desc.xml'), 'name'],
    ['a number that browsers take for an address', located('http://3232235777:5000/desc.xml'), 'name'],
    ['an address with a leading zero', located('http://192.168.001.1:5000/desc.xml'), 'name'],
    ['a name before an at sign', located('http://192.168.1.1:5000@evil.example/desc.xml'), 'userinfo'],
    ['a user on the gateway', located('http://admin@192.168.1.1:5000/desc.xml'), 'userinfo'],
    ['another scheme', located('https://192.168.1.1/desc.xml'), 'scheme'],
    ['a file', located('file:///etc/passwd'), 'scheme'],
    ['port 0', located('http://192.168.1.1:0/'), 'malformed'],
    ['a backslash', located('http://192.168.1.1\\@evil.example/'), 'malformed'],
    ['no URL', located('desc.xml'), 'malformed'],
    [
      'a redirect',
      { page: encodeHttpResponse(302, 'Found', [['Location', 'http://192.168.1.11/']], bytes('')) },
      'redirect',
    ],
    [
      'a control URL elsewhere',
      { services: [{ service: WAN_IP_1, controlUrl: 'http://192.168.1.11/ctl' }] },
      'elsewhere',
    ],
    [
      'a control URL at a host without a scheme',
      { services: [{ service: WAN_IP_1, controlUrl: '//192.168.1.11/ctl' }] },
      'elsewhere',
    ],
    ['a control URL at a name', { services: [{ service: WAN_IP_1, controlUrl: 'http://evil.example/ctl' }] }, 'name'],
  ])('%s', async (_, quirks, why) => {
    const { mapper, refused, spokenTo } = await search(new FakeIgd(quirks))
    expect(mapper).toBeNull()
    expect(refused).toMatchObject([{ from: GATEWAY, why }])
    expect([...spokenTo].filter((address) => address !== GATEWAY)).toEqual([])
  })

  test('a base elsewhere: the device is used all the same, at its own address', async () => {
    const { mapper, refused, spokenTo } = await search(new FakeIgd({ urlBase: 'http://192.168.1.11:80/' }))
    expect(mapper).toMatchObject({ gateway: GATEWAY })
    expect(refused).toMatchObject([{ why: 'elsewhere' }])
    expect([...spokenTo]).toEqual([GATEWAY])
  })
})

describe('a gateway that is known by its link-local address', () => {
  const gateway = 'fe80::1'
  test.each<[string, object]>([
    ['http://[fe80::1]:5000/d', { at: { address: gateway, port: 5000, path: '/d' } }],
    // miniupnpd describes itself at its global address, whoever asks: port and path are taken at the known one.
    ['http://[2001:db8:3::1]:5000/d', { at: { address: gateway, port: 5000, path: '/d' } }],
    ['http://[fe80::bad]:5000/d', { at: { address: gateway, port: 5000, path: '/d' } }],
    ['http://192.168.1.1:5000/d', { refused: { from: gateway, why: 'elsewhere' } }],
    ['http://router.lan:5000/d', { refused: { from: gateway, why: 'name' } }],
    ['http://[::1]:5000@evil.example/d', { refused: { from: gateway, why: 'userinfo' } }],
  ])('is asked at that address alone: %s', (text, expected) => {
    expect(locateOn(gateway, text)).toMatchObject(expected)
  })
})

describe('an answer from another host', () => {
  test('is told, and never followed', async () => {
    const router = new FakeIgd({ hears: 'unicast', location: () => `http://${GATEWAY}:5000/desc.xml` })
    const liar = router.world.b
    const answer = encodeAnswer({
      target: IGD_TARGETS[1],
      location: `http://${NEIGHBOUR}:5000/desc.xml`,
      name: 'uuid:liar',
      server: 'liar',
    })
    const onDatagram = ({ source, sourcePort }: { source: number; sourcePort: number }) =>
      void liar.udp.send(own, router.world.id(NEIGHBOUR), answer, { address: source, port: sourcePort })
    liar.udp.bind({ address: router.world.id('239.255.255.250'), port: 1900, owner: OWNER, onDatagram })
    const own = liar.udp.bind({ address: router.world.id(NEIGHBOUR), port: 1900, owner: OWNER, onDatagram })!
    const { mapper, refused, spokenTo } = await search(router)
    expect(mapper).toMatchObject({ gateway: GATEWAY })
    expect(refused).toMatchObject([{ from: NEIGHBOUR, why: 'not-a-gateway' }])
    expect([...spokenTo]).toEqual([GATEWAY])
  })
})

describe('a description that is no use, and does no harm', () => {
  test.each<[string, Quirks]>([
    ['a document type', page(`<!DOCTYPE root>${DESCRIPTION.replace(/<\?.*\?>/, '')}`)],
    ['an entity', page(DESCRIPTION.replace('<root', '<!DOCTYPE root [<!ENTITY a "b">]><root'))],
    [
      'an external entity',
      page(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><root><device>&x;</device></root>`),
    ],
    ['an entity that nobody declared', page(DESCRIPTION.replace('fake', '&fake;'))],
    ['an end that is missing', page(DESCRIPTION.slice(0, -20))],
    ['crossed elements', page('<root><device></root></device>')],
    ['a web page', page('<html><body>Login</body></html>')],
    ['nothing', page('')],
    ['a thousand elements deep', page(`${'<device>'.repeat(1000)}${'</device>'.repeat(1000)}`)],
    ['an endless body', { page: 'endless' }],
    ['a byte a second', { page: 'slow' }],
    ['an error', { page: encodeHttpResponse(500, 'Oops', [], bytes('')) }],
    ['a length that lies', { page: bytes('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n<root>') }],
    ['two lengths', { page: bytes('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n<r') }],
    ['a folded header', { page: bytes('HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n<root/>') }],
    ['no HTTP', { page: bytes('SSH-2.0-dropbear\r\n\r\n') }],
  ])('%s', async (_, quirks) => {
    const { mapper, tookMs } = await search(new FakeIgd(quirks))
    expect(mapper).toBeNull()
    expect(tookMs).toBeLessThan(5000)
  })
})

describe('an answer to a call that is no use, and does no harm', () => {
  const granted = '<Envelope><Body><AddPortMappingResponse/></Body></Envelope>'
  const request = {
    transport: 'udp' as const,
    internal: { address: NODE, port: 4001 },
    suggestedPort: 4001,
    lifetimeSeconds: 3600,
    description: 'peerway:k3j9x0ab',
    nonce: '0'.repeat(24),
  }

  test.each<[string, Returned]>([
    ['a document type', ok(bytes(`<!DOCTYPE a>${granted}`))],
    ['an entity', ok(bytes(`<!DOCTYPE a [<!ENTITY b "c">]>${granted}`))],
    ['an entity that nobody declared', ok(bytes(granted.replace('<Body>', '<Body>&x;')))],
    ['crossed elements', ok(bytes('<Envelope><Body></Envelope></Body>'))],
    ['a redirect', encodeHttpResponse(307, 'Moved', [['Location', 'http://192.168.1.11/']], bytes(''))],
    ['a demand for a password', encodeHttpResponse(401, 'No', [['WWW-Authenticate', 'Basic']], bytes(''))],
    ['two lengths', bytes('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n<r')],
    ['an endless body', 'endless'],
    ['a byte a second', 'slow'],
  ])('%s', async (_, returned) => {
    const router = new FakeIgd({ actions: { AddPortMapping: () => returned } })
    const { mapper, spokenTo } = await search(router)
    const startedMs = router.world.world.nowMs
    const { outcome } = await router.run(mapper!.map(request))
    expect(['garbage', 'silent']).toContain(outcome)
    expect(router.world.world.nowMs - startedMs).toBeLessThan(25_000)
    expect([...spokenTo]).toEqual([GATEWAY])
  })
})

describe('what a router says does not reach further', () => {
  test('control characters in its model and in descriptions become spaces', async () => {
    const router = new FakeIgd(page(DESCRIPTION.replace('<modelName>fake', '<modelName>\u009b2J&#x202e;fake\n\nX')))
    router.table.set('TCP 4001', { client: NODE, internalPort: 1, description: '\u009b31m red', lease: 0 })
    const { mapper } = await search(router)
    expect(mapper?.model).toBe('peerway 2J fake X')
    expect(await router.run(mapper!.list())).toMatchObject([{ description: '31m red' }])
  })

  test('a line break in a control URL adds no header: the device is not used', async () => {
    const controlUrl = '/ctl HTTP/1.1\r\nX-Injected: yes\r\n\r\n'
    const { mapper, refused } = await search(new FakeIgd({ services: [{ service: WAN_IP_1, controlUrl }] }))
    expect(mapper).toBeNull()
    expect(refused).toMatchObject([{ why: 'malformed' }])
  })
})

test('where nothing answers, the search ends in less than two seconds', async () => {
  const { a, world } = new SmallWorld()
  const { mapper, refused } = await world.run(discoverIgd(openSimHost(a), SEARCH))
  expect({ mapper, refused }).toEqual({ mapper: null, refused: [] })
  expect(world.nowMs).toBeLessThan(2000)
})
