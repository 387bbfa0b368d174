import { describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { message } from '../../src/model/message.ts'
import { OBSTACLE_STAGES, type Obstacle, type ObstacleId } from '../../src/model/obstacle.ts'
import { type Plan, planRepair } from '../../src/remedy/plan.ts'
import { prescribeContext } from '../../src/remedy/site.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { checkInside } from '../random/ask.ts'
import { SAMPLES } from '../report/samples.ts'

/** What strangers and the node are in all of these; `rest` stands between them. */
function network(node: string, rest: string): string {
  return `topology: 1
title: A network to repair
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
  shared: { ipv4: 100.64.0.0/10 }
  outer: { ipv4: 192.168.0.0/24 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node: { ${node} }
  stranger: { network: internet }
${rest}
vantages:
  vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }
`
}

const LISTENING = 'listeners: [{ port: 4001, behavior: greet }]'
const PORTS = ['udp/4001', 'tcp/4001']
const NAT = 'nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }'
const ROUTER = `routers:
  router: { inside: home, outside: access, ${NAT} }
providers:
  isp: { inside: access, outside: internet }`
const CARRIER = `routers:
  router: { inside: home, outside: shared, ${NAT} }
carriers:
  cgn: { inside: shared, outside: access, ${NAT} }
providers:
  isp: { inside: access, outside: internet }`
const DOUBLE = `routers:
  inner: { inside: home, outside: outer, ${NAT} }
  outer-router: { inside: outer, outside: access, ${NAT} }
providers:
  isp: { inside: access, outside: internet }
links: [{ from: outer-router, to: access, delayMs: 10 }]`
const DROPS = `firewall: { nft: "table inet f {\\n chain in {\\n type filter hook input priority filter\\n tcp dport 4001 drop\\n }\\n}\\n" }`

async function plansIn(yaml: string): Promise<readonly Plan[]> {
  const parsed = parseTopology(yaml, 'plan.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const asked = { topology: parsed.topology, ports: PORTS, vantages: ['198.51.100.20'] }
  const { diagnosis } = await checkInside(asked, 1)
  return planRepair(diagnosis, prescribeContext(diagnosis.evidence)).plans
}

describe('plans, the best first', () => {
  const table: readonly [string, string, readonly string[]][] = [
    ['a reachable node needs none', network(`network: access, ${LISTENING}`, ROUTER), []],
    [
      'behind one router',
      network(`network: home, ${LISTENING}`, ROUTER),
      ['forward-by-hand: udp tcp', 'dmz-host: udp tcp', 'enable-upnp-in-router: udp tcp'],
    ],
    [
      'a node that does not run, behind one router',
      network('network: home', ROUTER),
      [
        'start-node forward-by-hand: udp tcp',
        'start-node dmz-host: udp tcp',
        'start-node enable-upnp-in-router: udp tcp',
      ],
    ],
    [
      "no forwarding on the router alone, behind a carrier's NAT",
      network(`network: home, ${LISTENING}`, CARRIER),
      ['ask-provider-public-address: udp tcp', 'use-ipv6: udp tcp', 'hole-punching: udp tcp', 'relay: udp tcp'],
    ],
    [
      'both routers or none',
      network(`network: home, ${LISTENING}`, DOUBLE),
      [
        'bridge-mode: udp tcp',
        'forward-on-both-routers: udp tcp',
        'use-ipv6: udp tcp',
        'hole-punching: udp tcp',
        'relay: udp tcp',
      ],
    ],
    [
      'a rule of this host as well, for the one port that it stops',
      network(`network: home, ${LISTENING}, ${DROPS}`, ROUTER),
      [
        'forward-by-hand: udp',
        'allow-in-host-firewall forward-by-hand: tcp',
        'dmz-host: udp',
        'allow-in-host-firewall dmz-host: tcp',
        'enable-upnp-in-router: udp',
        'allow-in-host-firewall enable-upnp-in-router: tcp',
      ],
    ],
  ]
  test.each(table)('%s', async (_, yaml, expected) => {
    const plans = await plansIn(yaml)
    expect(plans.map(({ remedies, endpoints }) => `${remedies.join(' ')}: ${transportsOf(endpoints)}`)).toEqual(
      expected,
    )
  })

  test('what a dial came through is open once this host lets it in', async () => {
    const [plan] = await plansIn(network(`network: access, ${LISTENING}, ${DROPS}`, ROUTER))
    expect(plan).toEqual({
      remedies: ['allow-in-host-firewall'],
      clears: ['host-firewall-drops-inbound'],
      endpoints: ['tcp/ipv4/4001'],
      automatic: true,
      onRequest: true,
    })
  })
})

describe('plans for diagnoses that no check makes', () => {
  const sample = SAMPLES['home-nat']!
  const plansOf = (diagnosis: Diagnosis) => planRepair(diagnosis, prescribeContext(diagnosis.evidence)).plans
  const stated = (id: ObstacleId, layer: number | null): Obstacle => ({
    ...sample.obstacles[0]!,
    text: message(`obstacle.${id}`),
    id,
    layer,
    stage: OBSTACLE_STAGES[id],
  })

  test('two routers and a carrier: a remedy for each, or a way round all', () => {
    const obstacles = [stated('carrier-nat', null), stated('double-nat', 2), stated('router-source-nat', 1)]
    expect(plansOf({ ...sample, obstacles }).map(({ remedies }) => remedies.join(' '))).toEqual([
      'bridge-mode ask-provider-public-address',
      'ask-provider-public-address forward-on-both-routers',
      'use-ipv6',
      'hole-punching',
      'relay',
    ])
  })

  test('what its twin contradicts: the names of the obstacles decide', () => {
    const endpoints = sample.endpoints.map((each) => ({ ...each, reachable: 'yes' as const }))
    const obstacles = [stated('not-listening', null), stated('router-source-nat', 1)]
    const plans = plansOf({ ...sample, endpoints, obstacles })
    expect(plans.map(({ remedies }) => remedies.join(' '))).toEqual([
      'start-node forward-by-hand',
      'start-node dmz-host',
    ])
  })
})

function transportsOf(endpoints: Plan['endpoints']): string {
  return endpoints.map((name) => name.split('/')[0]).join(' ')
}
