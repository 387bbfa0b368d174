import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compile } from '../../src/ruleset/compile.ts'
import type { Fate } from '../../src/ruleset/fate.ts'
import type { Packet, WalkContext } from '../../src/ruleset/packet.ts'
import { type RulesetTexts, readRuleset } from '../../src/ruleset/read-ruleset.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'

/** Rule sets that the programs themselves made, recorded on Debian 12 (iptables 1.8.9, nftables 1.0.6, Linux 6.18). */
const RECORDED = {
  /** enable; allow 22/tcp; limit 2222/tcp; allow 4001; deny 5001/udp; reject 6001/tcp; 9000/tcp from 198.51.100.0/24; 8000:8100/tcp */
  ufw: {
    nft: 'ufw-0.36.2.nft.json',
    iptablesNft: 'ufw-0.36.2.iptables-nft-save',
    ip6tablesNft: 'ufw-0.36.2.ip6tables-nft-save',
  },
  /** zone public on eth0: 4001/udp, 30000-30010/tcp, rich rules for 9000 and 6001, 8080 forwarded to 192.0.2.77:80 */
  firewalld: { nft: 'firewalld-1.3.3.nft.json' },
  /** one container at 172.17.0.2: -p 4001:4001/udp -p 4001:4001/tcp -p 127.0.0.1:8080:80/tcp */
  docker: { nft: 'docker-20.10.24.nft.json', iptablesNft: 'docker-20.10.24.iptables-nft-save' },
  /** userland-proxy=false; the same container, and one at 172.18.0.2 in a network docker1: -p 15001:5001/tcp */
  dockerNoProxy: {
    nft: 'docker-20.10.24-no-proxy.nft.json',
    iptablesNft: 'docker-20.10.24-no-proxy.iptables-nft-save',
  },
} satisfies Record<string, RulesetTexts>

function recorded(name: keyof typeof RECORDED) {
  const files = Object.entries(RECORDED[name])
  const texts = files.map(([key, file]) => [key, readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8')])
  const read = readRuleset(Object.fromEntries(texts) as RulesetTexts)
  if (!read.ok) throw new Error(read.code)
  return compile(read.value)
}

const CONTEXT: WalkContext = {
  route: ({ destination }) => {
    if (destination === '192.0.2.10' || destination === '2001:db8::10') return 'local'
    return { out: { '172.17.0.2': 'docker0', '172.18.0.2': 'docker1' }[destination] ?? 'eth0' }
  },
  primaryAddress: () => '192.0.2.10',
  passesReversePath: () => true,
  addressType: (address) => (address === '192.0.2.10' || address === '2001:db8::10' ? 'local' : 'unicast'),
}

type Dial = readonly [transport: 'tcp' | 'udp', port: number, from?: string]

function dial([transport, port, from = '203.0.113.9']: Dial): Packet {
  const isIpv4 = !from.includes(':')
  return {
    family: isIpv4 ? 'ipv4' : 'ipv6',
    source: from,
    destination: isIpv4 ? '192.0.2.10' : '2001:db8::10',
    protocol: transport === 'tcp' ? 6 : 17,
    sourcePort: 50000,
    destinationPort: port,
    tcpFlags: 2,
    inInterface: 'eth0',
    ttl: 64,
    lengthBytes: 60,
    packetType: 'host',
  }
}

function told(fate: Fate): string {
  if (fate.kind === 'unknown') return `unknown: ${fate.expression}`
  if (fate.kind === 'unroutable') return fate.kind
  if (fate.kind === 'accept' && fate.out !== null) {
    return `forwarded to ${fate.packet?.destination}:${fate.packet?.destinationPort} by ${fate.out}`
  }
  const { by } = fate
  return `${fate.kind} ${by?.at.chain}: ${by?.at.rule?.text ?? 'policy'}`
}

const CASES: readonly (readonly [set: keyof typeof RECORDED, dial: Dial, fate: string])[] = [
  ['ufw', ['tcp', 22], 'accept ufw-user-input: -A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT'],
  ['ufw', ['tcp', 22, '2001:db8::9'], 'accept ufw6-user-input: -A ufw6-user-input -p tcp -m tcp --dport 22 -j ACCEPT'],
  ['ufw', ['udp', 4001], 'accept ufw-user-input: -A ufw-user-input -p udp -m udp --dport 4001 -j ACCEPT'],
  [
    'ufw',
    ['udp', 4001, '2001:db8::9'],
    'accept ufw6-user-input: -A ufw6-user-input -p udp -m udp --dport 4001 -j ACCEPT',
  ],
  ['ufw', ['udp', 5001], 'drop ufw-user-input: -A ufw-user-input -p udp -m udp --dport 5001 -j DROP'],
  [
    'ufw',
    ['tcp', 6001],
    'reject ufw-user-input: -A ufw-user-input -p tcp -m tcp --dport 6001 -j REJECT --reject-with tcp-reset',
  ],
  [
    'ufw',
    ['tcp', 2222],
    'unknown: -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource',
  ],
  ['ufw', ['tcp', 8050], 'accept ufw-user-input: -A ufw-user-input -p tcp -m multiport --dports 8000:8100 -j ACCEPT'],
  ['ufw', ['tcp', 9000], 'drop INPUT: policy'],
  [
    'ufw',
    ['tcp', 9000, '198.51.100.7'],
    'accept ufw-user-input: -A ufw-user-input -s 198.51.100.0/24 -p tcp -m tcp --dport 9000 -j ACCEPT',
  ],
  ['ufw', ['udp', 7000, '2001:db8::9'], 'drop INPUT: policy'],
  ['firewalld', ['tcp', 22], 'accept filter_IN_public_allow: tcp dport 22 accept'],
  ['firewalld', ['udp', 4001], 'accept filter_IN_public_allow: udp dport 4001 accept'],
  ['firewalld', ['udp', 4001, '2001:db8::9'], 'accept filter_IN_public_allow: udp dport 4001 accept'],
  ['firewalld', ['tcp', 4001], 'reject filter_IN_public: reject with icmpx admin-prohibited'],
  ['firewalld', ['tcp', 30005], 'accept filter_IN_public_allow: tcp dport 30000-30010 accept'],
  ['firewalld', ['tcp', 6001], 'reject filter_IN_public_deny: tcp dport 6001 reject with icmpx port-unreachable'],
  [
    'firewalld',
    ['tcp', 9000, '198.51.100.7'],
    'accept filter_IN_public_allow: ip saddr 198.51.100.0/24 tcp dport 9000 accept',
  ],
  ['firewalld', ['tcp', 8080], 'forwarded to 192.0.2.77:80 by eth0'],
  ['docker', ['udp', 4001], 'forwarded to 172.17.0.2:4001 by docker0'],
  ['docker', ['tcp', 4001], 'forwarded to 172.17.0.2:4001 by docker0'],
  ['docker', ['tcp', 8080], 'accept INPUT: policy'],
  ['docker', ['tcp', 4002], 'accept INPUT: policy'],
  ['dockerNoProxy', ['udp', 4001], 'forwarded to 172.17.0.2:4001 by docker0'],
  ['dockerNoProxy', ['tcp', 15_001], 'forwarded to 172.18.0.2:5001 by docker1'],
  ['dockerNoProxy', ['tcp', 5001], 'accept INPUT: policy'],
  ['dockerNoProxy', ['tcp', 8080], 'accept INPUT: policy'],
]

describe('rule sets recorded from the programs', () => {
  test.each(CASES)('%s, a stranger dials %j', (name, dialled, fate) => {
    expect(told(walkPacket(recorded(name), dial(dialled), CONTEXT))).toBe(fate)
  })
})
