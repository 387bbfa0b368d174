import { describe, expect, test } from 'vitest'
import type { EndpointName } from '../../src/model/endpoint.ts'
import { message } from '../../src/model/message.ts'
import { OBSTACLE_STAGES, type Obstacle, type ObstacleId } from '../../src/model/obstacle.ts'
import { planRepair } from '../../src/remedy/plan.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { renderMessage } from '../../src/report/render-message.ts'
import { SAMPLES } from '../report/samples.ts'

const CONTEXT = {
  source: { ipv4: '192.168.1.20', ipv6: null },
  gateway: { ipv4: '192.168.1.1', ipv6: null },
  protocols: { ipv4: null, ipv6: null },
  found: null,
}
const UDP4: EndpointName = 'udp/ipv4/4001'
const TCP4: EndpointName = 'tcp/ipv4/4001'
const TCP6: EndpointName = 'tcp/ipv6/4001'

type Stated = readonly [ObstacleId, ...EndpointName[]]

function obstacle([id, ...endpoints]: Stated): Obstacle {
  const text = message(`obstacle.${id}`, { address: id === 'double-nat' ? '192.168.0.1' : null })
  const layer = id === 'double-nat' ? 2 : OBSTACLE_STAGES[id] === 'router' ? 1 : null
  return {
    id,
    stage: OBSTACLE_STAGES[id],
    layer,
    certainty: 'proven',
    endpoints,
    evidence: ['e4'],
    text,
    settledBy: null,
  }
}

/** A host that its provider addresses directly, for what is only ever said of such. */
const PUBLIC = { ...SAMPLES['provider-block']!, endpoints: SAMPLES['home-nat']!.endpoints }

function baseFor([id]: Stated): typeof PUBLIC {
  return id.startsWith('provider-blocks-inbound') ? PUBLIC : SAMPLES['home-nat']!
}

function prescribed(stated: readonly Stated[], base = baseFor(stated[0] ?? ['no-internet'])) {
  return planRepair({ ...base, obstacles: stated.map(obstacle) }, CONTEXT).remedies
}

test('forwarding by hand names the router as it names itself', () => {
  const context = { ...CONTEXT, models: new Map([['192.168.1.1', 'Fritz Box 7590']]) }
  const obstacles = [obstacle(['router-source-nat', 'tcp/ipv4/4001'])]
  const { remedies } = planRepair({ ...SAMPLES['home-nat']!, obstacles }, context)
  const [first] = remedies.find(({ id }) => id === 'forward-by-hand')!.steps
  expect(renderMessage(first!, 'en')).toContain('the page of the router (Fritz Box 7590), http://192.168.1.1,')
})

describe('remedies offered, the best first', () => {
  const table: readonly [string, readonly Stated[], readonly string[]][] = [
    ['no obstacle', [], []],
    ['home NAT', [['router-source-nat', UDP4]], ['forward-by-hand', 'dmz-host']],
    ['forwarded elsewhere', [['router-forward-elsewhere', TCP4]], ['correct-forwarding']],
    ['IPv6 filter', [['router-filter-drops-inbound', TCP6]], ['allow-in-router-firewall-ipv6']],
    ['filter on public IPv4', [['router-filter-drops-inbound', TCP4]], ['allow-in-router-firewall']],
    [
      'double NAT',
      [
        ['double-nat', UDP4],
        ['router-source-nat', UDP4],
      ],
      ['bridge-mode', 'forward-on-both-routers', 'use-ipv6', 'hole-punching', 'relay'],
    ],
    ["a carrier's NAT", [['carrier-nat', UDP4]], ['ask-provider-public-address', 'use-ipv6', 'hole-punching', 'relay']],
    [
      "no forward on the inner router alone behind a carrier's NAT",
      [
        ['carrier-nat', UDP4],
        ['router-source-nat', UDP4],
      ],
      ['ask-provider-public-address', 'use-ipv6', 'hole-punching', 'relay'],
    ],
    [
      'two of the network together, where neither is enough',
      [
        ['carrier-nat', UDP4],
        ['double-nat', UDP4],
        ['router-source-nat', UDP4],
      ],
      ['bridge-mode', 'ask-provider-public-address', 'forward-on-both-routers', 'use-ipv6', 'hole-punching', 'relay'],
    ],
    ['blocked port', [['provider-blocks-inbound-port', TCP4]], ['ask-provider-unblock', 'use-another-port', 'relay']],
    [
      'blocked UDP, and TCP gets in nowhere',
      [['provider-blocks-inbound-udp', UDP4]],
      ['ask-provider-unblock', 'relay'],
    ],
    [
      'blocked UDP and TCP',
      [
        ['provider-blocks-inbound-udp', UDP4],
        ['provider-blocks-inbound-tcp', TCP4],
      ],
      ['ask-provider-unblock', 'relay'],
    ],
    [
      'no Internet hides all else of the network',
      [
        ['no-internet', UDP4],
        ['router-source-nat', UDP4],
      ],
      ['restore-internet'],
    ],
    ['no Internet', [['no-internet', UDP4]], ['restore-internet']],
    [
      'what stands on the host is needed in any case',
      [
        ['router-source-nat', UDP4],
        ['not-listening', UDP4],
      ],
      ['start-node', 'forward-by-hand', 'dmz-host'],
    ],
    ['the node itself', [['listening-on-loopback', TCP4]], ['listen-on-all-addresses']],
    ['container', [['port-not-published', TCP4]], ['publish-port']],
    ['host firewall', [['host-firewall-drops-inbound', TCP4]], ['allow-in-host-firewall']],
    ['an obstacle that stops no endpoint', [['provider-blocks-outbound-port']], ['ask-provider-unblock']],
    [
      'IPv4 blocked for one port, translated for another',
      [
        ['provider-filters-protocol', UDP4],
        ['router-source-nat', TCP4],
      ],
      ['ask-provider-unblock', 'forward-by-hand', 'dmz-host', 'relay'],
    ],
  ]
  test.each(table)('%s', (_, stated, ids) => {
    expect(prescribed(stated).map(({ id }) => id)).toEqual(ids)
  })

  test('TCP instead of UDP, where TCP gets in or was not asked about', () => {
    const base = { ...PUBLIC, endpoints: PUBLIC.endpoints.slice(0, 1) }
    const ids = prescribed([['provider-blocks-inbound-udp', UDP4]], base).map(({ id }) => id)
    expect(ids).toEqual(['ask-provider-unblock', 'use-tcp', 'relay'])
  })
})

test('every remedy clears a stated obstacle, has steps, and ranks count from 1', () => {
  for (const id of Object.keys(OBSTACLE_STAGES) as ObstacleId[]) {
    const remedies = prescribed([[id, TCP4]])
    expect(remedies.map(({ rank }) => rank)).toEqual(remedies.map((_, index) => index + 1))
    expect(remedies.length, id).toBeGreaterThan(0)
    for (const remedy of remedies) {
      expect(REMEDY_IDS).toContain(remedy.id)
      expect(remedy.clears).toEqual([id])
      // No rule is named here, so none can be put before it; a kernel's setting is known by its name.
      expect(remedy.automatic, remedy.id).toBe(remedy.id === 'enable-ip-forwarding')
      expect(remedy.steps.length).toBeGreaterThan(1)
    }
  }
})

test('steps hold the real addresses and ports', () => {
  const steps = (id: ObstacleId, remedy: string, ...endpoints: EndpointName[]) =>
    prescribed([[id, ...endpoints]])
      .find((each) => each.id === remedy)!
      .steps.map((step) => renderMessage(step, 'en'))
      .join('\n')
  expect(steps('router-source-nat', 'forward-by-hand', UDP4, TCP4)).toMatchInlineSnapshot(`
    "Open the router's page, http://192.168.1.1, in a browser and log in.
    Under port forwarding (also called virtual server or NAT rule) add: UDP and TCP 4001 to 192.168.1.20, the same port numbers inside. Where such an entry is there already, see that it leads to that very address.
    Under DHCP let this host always get the same address, 192.168.1.20, or the forwarding will one day point elsewhere.
    Check again: \`peerway check --port 4001 --vantage 198.51.100.9:3478\`"
  `)
  expect(steps('double-nat', 'forward-on-both-routers', UDP4)).toMatchInlineSnapshot(`
    "On the outer router, http://192.168.0.1, forward UDP 4001 to your own router's WAN (Internet) address, the same port numbers.
    On your own router, http://192.168.1.1, forward UDP 4001 to 192.168.1.20.
    Check again: \`peerway check --port 4001 --vantage 198.51.100.9:3478\`"
  `)
  expect(steps('port-not-published', 'publish-port', UDP4, TCP4)).toMatchInlineSnapshot(`
    "Start the container again with its port published: for Docker \`-p 4001:4001/udp -p 4001:4001/tcp\`, or the same under \`ports:\` in the compose file.
    Mind that what Docker publishes passes by ufw: \`ufw deny\` does not close it, and \`ufw allow\` is not needed. Where it shall be reached from here alone, publish it on 127.0.0.1.
    Check again: \`peerway check --port 4001 --vantage 198.51.100.9:3478\`"
  `)
  expect(steps('host-firewall-drops-inbound', 'allow-in-host-firewall', UDP4, TCP4)).toMatchInlineSnapshot(`
    "Allow UDP and TCP 4001 (IPv4) in. With ufw: \`ufw allow 4001/udp && ufw allow 4001/tcp\`. With firewalld: \`firewall-cmd --add-port=4001/udp --add-port=4001/tcp && firewall-cmd --runtime-to-permanent\`.
    Check again: \`peerway check --port 4001 --vantage 198.51.100.9:3478\`"
  `)
  expect(steps('provider-blocks-inbound-port', 'use-another-port', TCP4)).toMatchInlineSnapshot(`
    "Set another port in the node's settings, above 1024 and far from the blocked one, and restart the node.
    Check again: \`peerway check --port NEWPORT --vantage 198.51.100.9:3478\`"
  `)
})

describe('a port is published', () => {
  const node = { container: 'node', image: 'kubo:1', engine: 'docker', network: 'default' }
  const compose = { ...node, service: 'ipfs', file: '/srv/compose.yaml' }
  const stepsWith = (params: Record<string, string | number>) => {
    const { text, ...rest } = obstacle(['port-not-published', UDP4, TCP4])
    const known = { ...rest, text: { ...text, params } }
    const [remedy] = planRepair({ ...SAMPLES['home-nat']!, obstacles: [known] }, CONTEXT).remedies
    return remedy!.steps.slice(0, -1).map((step) => renderMessage(step, 'en'))
  }

  test('by making the container anew, the old one kept', () => {
    expect(stepsWith(node)).toMatchInlineSnapshot(`
      [
        "A container that runs cannot be given a port: make it anew, with everything that it was made with (\`docker inspect node\` shows it) and the port: \`docker stop node && docker rename node node-before && docker run -d --name node --volumes-from node-before -p 4001:4001/udp -p 4001:4001/tcp kubo:1\`.",
        "Mind that what Docker publishes passes by ufw: \`ufw deny\` does not close it, and \`ufw allow\` is not needed. Where it shall be reached from here alone, publish it on 127.0.0.1.",
      ]
    `)
  })
  test('in the network that it was in, by the engine that runs it', () => {
    expect(stepsWith({ ...node, engine: 'podman', network: 'lan' }).join()).toContain(
      '`podman stop node && podman rename node node-before && podman run -d --name node --volumes-from node-before --network lan -p',
    )
  })
  test('in the compose file that made it', () => {
    expect(stepsWith(compose)).toMatchInlineSnapshot(`
      [
        "In /srv/compose.yaml, under \`services:\`, \`ipfs:\`, \`ports:\`, write \`- "4001:4001/udp"\`, \`- "4001:4001/tcp"\`.",
        "Then: \`docker compose up -d ipfs\`, which makes that container anew and keeps its volumes.",
        "Mind that what Docker publishes passes by ufw: \`ufw deny\` does not close it, and \`ufw allow\` is not needed. Where it shall be reached from here alone, publish it on 127.0.0.1.",
      ]
    `)
  })
  test('in the place of what is published there already', () => {
    expect(stepsWith({ ...compose, only: '127.0.0.1' })[0]).toContain('in the place of what is published at 127.0.0.1')
    expect(stepsWith({ ...compose, published: 14_001 })[0]).toContain('in the place of `- "14001:..."`')
  })
  test('by the engine, where it is published in name only', () => {
    expect(stepsWith({ ...node, ineffective: 1 }).join()).toContain('"userland-proxy": true')
  })
})
