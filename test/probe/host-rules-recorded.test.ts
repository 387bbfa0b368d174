import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { Family, Transport } from '../../src/model/endpoint.ts'
import type { AddressesFact } from '../../src/model/evidence.ts'
import { probeHostRules } from '../../src/probe/host-rules/host-rules.ts'
import { readRules } from '../../src/probe/host-rules/read-rules.ts'

const FILES = {
  ufw: {
    nft: 'ufw-0.36.2.nft.json',
    iptablesNft: 'ufw-0.36.2.iptables-nft-save',
    ip6tablesNft: 'ufw-0.36.2.ip6tables-nft-save',
  },
  firewalld: { nft: 'firewalld-1.3.3.nft.json' },
  docker: { nft: 'docker-20.10.24.nft.json', iptablesNft: 'docker-20.10.24.iptables-nft-save' },
  dockerNoProxy: {
    nft: 'docker-20.10.24-no-proxy.nft.json',
    iptablesNft: 'docker-20.10.24-no-proxy.iptables-nft-save',
  },
} as const

const address = (name: string, text: string, prefixLength: number) =>
  ({ interface: name, address: text, family: text.includes(':') ? 'ipv6' : 'ipv4', prefixLength }) as const

const ADDRESSES: AddressesFact = {
  addresses: [
    address('eth0', '192.0.2.10', 24),
    address('eth0', '2001:db8::10', 64),
    address('docker0', '172.17.0.1', 16),
    address('docker1', '172.18.0.1', 16),
  ],
  defaultRoutes: [],
  source: { ipv4: '192.0.2.10', ipv6: '2001:db8::10' },
}

function hostWith(program: keyof typeof FILES): Host {
  const texts = Object.entries(FILES[program]).map(([key, file]) => [
    key,
    readFileSync(new URL(`../ruleset/fixtures/${file}`, import.meta.url), 'utf8'),
  ])
  const sourceTowards = async (to: string) =>
    to.startsWith('172.') ? to.replace(/\.\d+$/, '.1') : to.includes(':') ? '2001:db8::10' : '192.0.2.10'
  return {
    network: { sourceTowards },
    netfilter: { rulesets: async () => Object.fromEntries(texts) },
    sysctl: { read: async () => '1' },
  } as unknown as Host
}

type Row = readonly [
  keyof typeof FILES,
  Transport,
  number,
  Family,
  inbound: string,
  answer: string,
  path: string | null,
]

const ROWS: readonly Row[] = [
  ['ufw', 'tcp', 4001, 'ipv4', 'accept', 'accept', 'input'],
  ['ufw', 'udp', 4001, 'ipv6', 'accept', 'accept', 'input'],
  ['ufw', 'tcp', 4002, 'ipv4', 'drop', 'accept', 'input'],
  ['ufw', 'udp', 5001, 'ipv6', 'drop', 'accept', 'input'],
  ['ufw', 'tcp', 6001, 'ipv4', 'reject', 'accept', 'input'],
  // Let in at first, and not when somebody asks too often.
  ['ufw', 'tcp', 2222, 'ipv4', 'unknown', 'accept', 'input'],
  ['firewalld', 'udp', 4001, 'ipv4', 'accept', 'accept', 'input'],
  ['firewalld', 'udp', 4001, 'ipv6', 'accept', 'accept', 'input'],
  ['firewalld', 'tcp', 4001, 'ipv4', 'reject', 'accept', 'input'],
  ['docker', 'tcp', 4001, 'ipv4', 'accept', 'accept', 'forward'],
  ['docker', 'udp', 4001, 'ipv4', 'accept', 'accept', 'forward'],
  ['docker', 'tcp', 4002, 'ipv4', 'accept', 'accept', 'input'],
  // Published for this host's own programs alone.
  ['docker', 'tcp', 8080, 'ipv4', 'accept', 'accept', 'input'],
  ['dockerNoProxy', 'udp', 4001, 'ipv4', 'accept', 'accept', 'forward'],
  ['dockerNoProxy', 'tcp', 15_001, 'ipv4', 'accept', 'accept', 'forward'],
  ['dockerNoProxy', 'tcp', 5001, 'ipv4', 'accept', 'accept', 'input'],
  ['dockerNoProxy', 'tcp', 8080, 'ipv4', 'accept', 'accept', 'input'],
]

test.each(ROWS)('%s: %s %i over %s is %s, its answer %s', async (program, transport, port, family, ...expected) => {
  const host = hostWith(program)
  const { rules } = await readRules(host)
  const fact = await probeHostRules(host, rules!, { transport, port, family }, ADDRESSES)
  expect([fact?.inbound.kind, fact?.answer.kind, fact?.path]).toEqual(expected)
})
