import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import type { AddressesFact } from '../../src/model/evidence.ts'
import { message } from '../../src/model/message.ts'
import type { Obstacle, ObstacleId } from '../../src/model/obstacle.ts'
import { proposeHostChanges } from '../../src/remedy/propose-host.ts'
import type { RulesetTexts } from '../../src/ruleset/read-ruleset.ts'

const ADDRESSES: AddressesFact = {
  addresses: [
    { interface: 'eth0', address: '203.0.113.10', family: 'ipv4', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', family: 'ipv4', prefixLength: 16 },
  ],
  defaultRoutes: [],
  source: { ipv4: '203.0.113.10', ipv6: null },
}

function hostWith(saved: string, settings: Readonly<Record<string, string>> = {}): Host {
  const texts: RulesetTexts = { iptablesLegacy: saved }
  return {
    network: { sourceTowards: async (to: string) => (to.startsWith('172.17.') ? '172.17.0.1' : '203.0.113.10') },
    netfilter: { rulesets: async () => texts },
    sysctl: { read: async (name: string) => settings[name] },
  } as unknown as Host
}

const TCP = 'tcp/ipv4/4001'
const UDP = 'udp/ipv4/4001'

type Found = readonly [ObstacleId, readonly string[], Obstacle['certainty']?]

function diagnosed(...found: readonly Found[]) {
  const obstacles = found.map(([id, endpoints, certainty = 'proven']) => {
    return { id, endpoints, certainty, text: message(`obstacle.${id}`) }
  })
  const endpoints = (['tcp', 'udp'] as const).map((transport) => ({ transport, family: 'ipv4', port: 4001 }))
  return {
    obstacles,
    endpoints,
    evidence: [{ probe: 'addresses', value: ADDRESSES }],
  } as unknown as Pick<Diagnosis, 'obstacles' | 'endpoints' | 'evidence'>
}

const filter = (...lines: readonly string[]) => ['*filter', ...lines, 'COMMIT', ''].join('\n')
const DNAT = ['tcp', 'udp'].map(
  (transport) =>
    `-A PREROUTING -i eth0 -p ${transport} -m ${transport} --dport 4001 -j DNAT --to-destination 172.17.0.2`,
)
const NAT = ['*nat', ':PREROUTING ACCEPT [0:0]', ...DNAT, 'COMMIT', ''].join('\n')

describe('what is changed on this host', () => {
  test('opens the endpoints that its rules stop, and no others', async () => {
    const host = hostWith(filter(':INPUT DROP [0:0]'))
    const { changes } = await proposeHostChanges(host, diagnosed(['host-firewall-drops-inbound', [TCP]]))
    expect(changes).toMatchObject([
      {
        remedy: 'allow-in-host-firewall',
        clears: ['host-firewall-drops-inbound'],
        endpoints: [TCP],
        content: { kind: 'iptables-rule', chain: 'INPUT' },
      },
    ])
  })

  test('is a setting once, for all endpoints that need it', async () => {
    const settings = {
      'net.ipv4.ip_forward': '0',
      'net.ipv4.conf.eth0.forwarding': '0',
      'net.ipv4.conf.docker0.forwarding': '0',
    }
    const { changes } = await proposeHostChanges(
      hostWith(NAT, settings),
      diagnosed(['ip-forwarding-disabled', [TCP, UDP]]),
    )
    expect(changes.map(({ content, endpoints }) => [content.kind === 'sysctl' && content.name, endpoints])).toEqual([
      ['net.ipv4.conf.eth0.forwarding', [TCP, UDP]],
      ['net.ipv4.conf.docker0.forwarding', [TCP, UDP]],
    ])
  })

  test('is the switch for all where the kernel has none for an interface', async () => {
    const host = hostWith(NAT, { 'net.ipv4.ip_forward': '0' })
    const { changes } = await proposeHostChanges(host, diagnosed(['ip-forwarding-disabled', [TCP]]))
    expect(changes.map(({ content }) => content)).toEqual([
      { kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' },
    ])
  })

  test('is forwarding, whatever a rule that nobody can judge makes of it: a dial will tell', async () => {
    const doubtful = filter(':FORWARD ACCEPT [0:0]', '-A FORWARD -m u32 --u32 0x0=0x0 -j DROP') + NAT
    const settings = { 'net.ipv4.ip_forward': '0' }
    const found = diagnosed(['ip-forwarding-disabled', [TCP]])
    const { changes } = await proposeHostChanges(hostWith(doubtful, settings), found)
    expect(changes).toMatchObject([
      { remedy: 'enable-ip-forwarding', content: { name: 'net.ipv4.ip_forward', to: '1' } },
    ])
  })

  test('lets the node’s own datagrams out, which opens no endpoint', async () => {
    const host = hostWith(filter(':OUTPUT DROP [0:0]', '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT'))
    const { changes } = await proposeHostChanges(host, diagnosed(['host-firewall-drops-outbound', []]))
    expect(changes).toMatchObject([
      {
        remedy: 'allow-outbound-in-host-firewall',
        endpoints: [],
        content: { rule: expect.arrayContaining(['udp', '--sport']) },
      },
    ])
  })

  test.each<[what: string, found: Found]>([
    ['nothing is proven', ['host-firewall-drops-inbound', [TCP], 'likely']],
    ['others stop strangers', ['router-source-nat', [TCP]]],
  ])('is nothing where %s', async (_, found) => {
    const host = hostWith(filter(':INPUT DROP [0:0]'))
    expect(await proposeHostChanges(host, diagnosed(found))).toEqual({ changes: [], plans: [] })
  })
})
