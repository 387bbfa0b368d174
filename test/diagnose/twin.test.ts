import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { askTwin, buildTwin, explainsEvidence, opensAsStated } from '../../src/diagnose/twin/twin.ts'
import type { TwinChange } from '../../src/diagnose/twin/twin-change.ts'
import type { Answer } from '../../src/model/answer.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import type { EndpointName } from '../../src/model/endpoint.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { checkInside } from '../random/ask.ts'
import { SAMPLES } from '../report/samples.ts'

const UDP: EndpointName = 'udp/ipv4/4001'
const TCP: EndpointName = 'tcp/ipv4/4001'

/** What a check finds in a network of `topologies/`, as the file itself asks. */
async function diagnosed(name: string): Promise<Diagnosis> {
  const text = readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8')
  const parsed = parseTopology(text, name)
  if (!parsed.ok) throw new Error(`${name} has mistakes`)
  const { check } = parsed.topology.truth[0]!
  const given = (flag: string) => check.flatMap((arg, index) => (check[index - 1] === flag ? [arg] : []))
  const asked = { topology: parsed.topology, ports: given('--port'), vantages: given('--vantage') }
  return (await checkInside(asked, 1)).diagnosis
}

const LISTEN: TwinChange = { kind: 'listen' }
const LET_IN: TwinChange = { kind: 'accept-on-host', direction: 'in' }
const forward = (box: string): TwinChange => ({ kind: 'forward', box })
const takeAway = (box: string): TwinChange => ({ kind: 'take-away', box })

describe('would a stranger get in, in every network that explains the evidence?', () => {
  const table: readonly [string, string, readonly TwinChange[], Answer][] = [
    ['as it is, behind a router', 'home-nat', [], 'no'],
    [
      'with a forwarding: nobody knows what the provider does with the port',
      'home-nat',
      [forward('router1')],
      'unknown',
    ],
    ['with a rule of this host, behind a router', 'home-nat', [LET_IN], 'no'],
    ["with a forwarding on the router, behind a carrier's NAT", 'carrier-nat', [forward('router1')], 'no'],
    ['with a public address alone: the router is still there', 'carrier-nat', [takeAway('carrier')], 'unknown'],
    ['as it is, forwarded', 'forwarded', [], 'yes'],
    ['a corrected forwarding, where another host answered', 'forwarded-to-wrong-host', [forward('router1')], 'yes'],
    ['a rule of this host, where the dial came in and was eaten', 'host-firewall-nft', [LET_IN], 'yes'],
    ['a forwarding, where the dial came in and was eaten', 'host-firewall-nft', [forward('router1')], 'no'],
    ['a program that listens, where the way is open', 'not-listening', [LISTEN], 'yes'],
    ['listening on all addresses, where the way is open', 'listening-on-loopback', [LISTEN], 'yes'],
    ['a lifted filter', 'provider-blocks-port', [{ kind: 'lift-filter', direction: 'in' }], 'unknown'],
    ['another forwarding does not lift a filter', 'provider-blocks-port', [forward('router1')], 'no'],
  ]
  test.each(table)('%s', async (_, name, changes, expected) => {
    const diagnosis = await diagnosed(name)
    const stopped = diagnosis.obstacles.flatMap(({ endpoints }) => endpoints)[0]
    const answers = askTwin(buildTwin(diagnosis), changes)
    expect(answers.get(stopped ?? TCP)).toBe(expected)
  })
})

describe('in the network as it is stated', () => {
  const table: readonly [string, readonly TwinChange[], boolean][] = [
    ['double-nat', [forward('router1')], false],
    ['double-nat', [forward('router2')], false],
    ['double-nat', [forward('router1'), forward('router2')], true],
    ['double-nat', [takeAway('router2'), forward('router1')], true],
    ['double-nat', [{ kind: 'use-relay' }], true],
    ['home-nat', [{ kind: 'set-dmz', box: 'router1' }], true],
    ['carrier', [takeAway('carrier')], false],
    ['carrier', [takeAway('carrier'), forward('router1')], true],
    ['carrier', [{ kind: 'translate-nowhere' }], true],
    ['no-internet', [{ kind: 'use-relay' }], false],
    ['no-internet', [{ kind: 'mend-line' }], true],
  ]
  test.each(table)('%s with %j: %s', (sample, changes, expected) => {
    const twin = buildTwin(SAMPLES[sample]!)
    expect(opensAsStated(twin.endpoints.get(UDP)!, changes)).toBe(expected)
  })

  test('a provider that blocks one port lets another in', () => {
    const twin = buildTwin(SAMPLES['provider-block']!).endpoints.get(TCP)!
    expect(opensAsStated(twin, [{ kind: 'use-another-port' }])).toBe(true)
  })
})

describe('what the twin does not explain', () => {
  const explained = (diagnosis: Diagnosis) => explainsEvidence(buildTwin(diagnosis).endpoints.get(TCP)!)

  test('an endpoint that is stopped, and nothing is said to stop it', () => {
    expect(explained(SAMPLES['home-nat']!)).toBe(true)
    expect(explained({ ...SAMPLES['home-nat']!, obstacles: [] })).toBe(false)
  })

  test('a reachable endpoint that something is said to stop', () => {
    const { endpoints } = SAMPLES['home-nat']!
    const open = endpoints.map((each) => ({ ...each, reachable: 'yes' as const }))
    expect(explained({ ...SAMPLES['home-nat']!, endpoints: open })).toBe(false)
  })
})

test('addresses of all sorts make a network all the same', () => {
  const given = ['203.0.113.1', '198.51.100.7', '10.0.0.255', '100.64.0.2', '192.168.1.1', '127.0.0.1', '224.0.0.1']
  for (const source of given) {
    for (const external of [...given, null]) {
      const base = SAMPLES['double-nat']!
      const evidence = base.evidence.map((each) =>
        each.probe === 'addresses' ? { ...each, value: { ...each.value, source: { ipv4: source, ipv6: null } } } : each,
      )
      const dialled = external === null ? null : { address: external, port: 4001 }
      const endpoints = base.endpoints.map((each) => ({ ...each, external: dialled }))
      const twin = buildTwin({ ...base, endpoints, evidence }).endpoints.get(UDP)!
      expect([source, external, opensAsStated(twin, [])]).toEqual([source, external, false])
    }
  }
})
