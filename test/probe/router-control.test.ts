import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import type { RouterControlFact } from '../../src/model/evidence.ts'
import { isSameByEpoch, isSameByName, uniqueName } from '../../src/probe/gateway-self.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { contactVantage } from '../../src/vantage/contact.ts'
import { ContactMemory } from '../../src/vantage/contacted.ts'
import { startVantage } from '../../src/vantage/server.ts'

const OPEN = readFileSync(new URL('../../topologies/home-control-open.yaml', import.meta.url), 'utf8')
const CLOSED = OPEN.replace('    portMappingOutside: yes\n', '')

/** What of a router's control a check on the node finds open in this internet. */
async function found(source: string, port = '4001', vantage = '198.51.100.20') {
  const parsed = parseTopology(source, 'home.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const startMs = simulated.world.nowMs
  const { report } = await simulated.world.run(check({ ports: [port], vantages: [vantage] }, simulated.host('node')))
  const fact = report.evidence.find(({ probe }) => probe === 'router-control')
  const answers = (fact?.value as RouterControlFact | undefined)?.answers ?? []
  return {
    report,
    tookMs: simulated.world.nowMs - startMs,
    heard: answers.map(({ transport, port: at, sameAs }) => `${transport}/${at} ${sameAs}`),
    warnings: report.warnings.map(({ id }) => id),
  }
}

const OPEN_WARNING = ['router-control-open-to-internet']
const ROUTER = '192.168.1.1'

describe('a router whose control is open to the Internet is told', () => {
  test.each([
    ['[upnp, nat-pmp, pcp]', [`udp/1900 ${ROUTER}`, `tcp/5000 ${ROUTER}`, `udp/5351 ${ROUTER}`]],
    ['[upnp]', [`udp/1900 ${ROUTER}`, `tcp/5000 ${ROUTER}`]],
    ['[nat-pmp]', [`udp/5351 ${ROUTER}`]],
  ])('%s', async (portMapping, heard) => {
    const told = await found(OPEN.replace(/portMapping: .*/, `portMapping: ${portMapping}`))
    expect(told).toMatchObject({ heard, warnings: OPEN_WARNING })
    const [warning] = told.report.warnings
    const id = told.report.evidence.find(({ probe }) => probe === 'router-control')?.id
    expect(warning?.evidence).toContain(id)
    expect(warning?.text).toContain(ROUTER)
  })

  test('by a vantage with one address, from which the node is dialled too', async () => {
    const told = await found(OPEN.replace(', alternateAddress: 198.51.100.21', ''))
    expect(told.warnings).toEqual(OPEN_WARNING)
  })

  test('over lossy links', async () => {
    const lossy = `${OPEN}links: [{ from: box, to: access, delayMs: 20, lossPercent: 10 }]\n`
    expect((await found(lossy)).warnings).toEqual(OPEN_WARNING)
  })

  test('and the check takes no longer for asking', async () => {
    const delayed = (source: string) => `${source}links: [{ from: box, to: access, delayMs: 20 }]\n`
    const [open, closed] = [await found(delayed(OPEN)), await found(delayed(CLOSED))]
    const without = await found(delayed(CLOSED).replace(/portMapping: .*/, 'portMapping: []'))
    expect(Math.max(open.tookMs, closed.tookMs) - without.tookMs).toBeLessThan(50)
  })
})

const listening = (node: string) => CLOSED.replace(/listeners: .*/, `listeners: ${node}`)
const THREE_PORTS = '[{ port: 4001, behavior: greet }, { port: 1900 }, { port: 5000 }, { port: 5351 }]'
/** A second router at home, between the box and the node's network. */
const withInner = (box: string, inner: string) =>
  CLOSED.replace('    portMapping: [upnp, nat-pmp, pcp]\n', `    portMapping: [upnp, nat-pmp]\n${box}`)
    .replace(
      '\nproviders:',
      `
  inner:
    inside: den
    outside: home
    nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }
${inner}
providers:`,
    )
    .replace('  home: {', '  den: { ipv4: 192.168.2.0/24 }\n  home: {')
const SERVES_ALL = '    portMapping: [upnp, nat-pmp]\n    portMappingOutside: yes\n'

describe('what is not shown to be the router is not said to be', () => {
  test.each([
    ['a router that is closed', CLOSED, []],
    [
      'this host, the DMZ host, on the same ports',
      listening(THREE_PORTS).replace('    nat:', '    dmz: node\n    nat:'),
      ['udp/1900 null', 'tcp/5000 null', 'udp/5351 null'],
    ],
    [
      'another host, to which the port is forwarded',
      CLOSED.replace('  stranger:', '  other: { network: home, listeners: [{ port: 1900 }] }\n  stranger:').replace(
        '    nat:',
        '    forwards: [{ port: 1900, to: other:1900 }]\n    nat:',
      ),
      ['udp/1900 null'],
    ],
    // Both started at the same moment, and still have not the same name or address.
    [
      'a second router that is the DMZ host',
      withInner('    dmz: inner\n', SERVES_ALL),
      ['udp/1900 null', 'tcp/5000 null', 'udp/5351 null'],
    ],
  ])('%s', async (_, source, heard) => {
    expect(await found(source)).toMatchObject({ heard, warnings: [] })
  })

  test('an open inner router whose own control the DMZ lets strangers to is this host’s router all the same', async () => {
    const behindInner = withInner('    dmz: inner\n', SERVES_ALL).replace(
      '  node:\n    network: home',
      '  node:\n    network: den',
    )
    const told = await found(behindInner)
    expect(told.heard).toEqual(['udp/1900 192.168.2.1', 'tcp/5000 192.168.2.1', 'udp/5351 null'])
    expect(told.warnings).toEqual(OPEN_WARNING)
  })

  test('a host that the provider addresses directly is not asked about', async () => {
    const direct = CLOSED.replace('    network: home\n', '    network: access\n    address: 45.67.89.10\n').replace(
      /listeners: .*/,
      `listeners: ${THREE_PORTS}`,
    )
    expect(await found(direct)).toMatchObject({ heard: [], warnings: [] })
  })

  test('nor anything by a vantage that is no stranger', async () => {
    const inHome = withInner('', SERVES_ALL)
      .replace('  node:\n    network: home', '  node:\n    network: den')
      .replace(
        'vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }',
        'vantage: { network: home, address: 192.168.1.20 }',
      )
    expect(await found(inHome, '4001', '192.168.1.20')).toMatchObject({ heard: [], warnings: [] })
  })

  test('nor a port that was asked for as the node’s', async () => {
    const { heard } = await found(OPEN, 'udp/1900')
    expect(heard).not.toContain(`udp/1900 ${ROUTER}`)
  })
})

describe('payloads for routers', () => {
  test.each([
    ['tcp', { kind: 'ssdp' }, 'bad-request'],
    ['tcp', { kind: 'nat-pmp' }, 'bad-request'],
    ['udp', { kind: 'description', path: '/rootDesc.xml' }, 'bad-request'],
    ['tcp', { kind: 'description', path: '/rootDesc.xml' }, null],
  ] as const)('%s %o', async (transport, payload, refusal) => {
    const parsed = parseTopology(OPEN, 'home.yaml')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed))
    const simulated = buildTopology(parsed.topology, 1)
    await startVantages(simulated, parsed.topology, startVantage)
    const { world } = simulated
    const host = simulated.host('node')
    const ask = async () => {
      const spec = { name: 'v', address: '198.51.100.20', port: 3478, family: 'ipv4', origin: 'user' } as const
      const { vantage } = await contactVantage(host, spec, await ContactMemory.open(host, null))
      const control = vantage!.control!
      const report = await control.dial({ transport, port: 5000, payload, from: { source: '198.51.100.20' } })
      await vantage!.close()
      return { report, canAskRouter: control.canAskRouter }
    }
    const { report, canAskRouter } = await world.run(ask())
    expect({ refusal: report.refusal, canAskRouter }).toEqual({ refusal, canAskRouter: true })
    if (refusal !== null) return
    expect(report).toMatchObject({ outcome: 'connected', greeting: 'http' })
    expect(new TextDecoder().decode(report.answer!)).toMatch(/^HTTP\/1\.1 200 OK.*<UDN>uuid:/s)
  })
})

describe('a gateway is known again', () => {
  const UDN = 'uuid:8d94fefb-5d4e-4c93-8685-d84772602c82'
  const self = { gateway: ROUTER, udn: UDN, description: null, natPmp: null }
  const ascii = (text: string) => new TextEncoder().encode(text)

  test.each([
    [UDN, UDN],
    ['uuid:00000000-0000-0000-0000-000000000000', null],
    ['uuid:1', null],
    ['', null],
  ])('by a name that can be one: %s', (udn, name) => expect(uniqueName(udn)).toBe(name))

  test.each([
    ['the same name, as it may be written', `USN: ${UDN.toUpperCase()}::upnp:rootdevice`, true],
    ['another', `USN: ${UDN.replace('8', '9')}`, false],
    ['nothing', '', false],
  ])('%s', (_, answer, same) => expect(isSameByName(self, ascii(answer))).toBe(same))

  test('never by a name that it has not', () => {
    expect(isSameByName({ ...self, udn: null }, ascii('null'))).toBe(false)
  })

  const told = { externalAddress: '45.67.89.2', epochSeconds: 1000, atMs: 5000 }
  test.each([
    ['as time went on', { epochSeconds: 1002, atMs: 7000 }, true],
    ['with a clock that is a little off', { epochSeconds: 1004, atMs: 7000 }, true],
    ['not by one that started at another time', { epochSeconds: 1010, atMs: 7000 }, false],
    ['not with another address outside', { externalAddress: '45.67.89.3' }, false],
  ])('by its clock %s', (_, change, same) => {
    expect(isSameByEpoch({ ...self, natPmp: told }, { ...told, ...change })).toBe(same)
    expect(isSameByEpoch(self, { ...told, ...change })).toBe(false)
  })
})
