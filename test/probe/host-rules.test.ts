import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { AddressesFact, HostRulesFact } from '../../src/model/evidence.ts'
import { findBootSources } from '../../src/probe/host-rules/boot-sources.ts'
import { probeDiallers, probeHostRules, probeOwnPacket } from '../../src/probe/host-rules/host-rules.ts'
import { readRules } from '../../src/probe/host-rules/read-rules.ts'
import type { RulesetTexts } from '../../src/ruleset/read-ruleset.ts'

const ADDRESSES: AddressesFact = {
  addresses: [
    { interface: 'eth0', address: '203.0.113.10', family: 'ipv4', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', family: 'ipv4', prefixLength: 16 },
  ],
  defaultRoutes: [{ family: 'ipv4', gateway: '203.0.113.1', interface: 'eth0', metric: 0, gatewayMac: null }],
  source: { ipv4: '203.0.113.10', ipv6: null },
}

function hostWith(texts: RulesetTexts, settings: Readonly<Record<string, string>> = {}): Host {
  return {
    network: {
      sourceTowards: async (to: string) => (to.startsWith('172.17.') ? '172.17.0.1' : '203.0.113.10'),
    },
    netfilter: { rulesets: async () => texts },
    sysctl: { read: async (name: string) => settings[name] },
  } as unknown as Host
}

async function walked(
  rules: string,
  options: { readonly transport?: 'udp' | 'tcp'; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<HostRulesFact> {
  const host = hostWith({ iptablesLegacy: rules }, options.settings)
  const reading = await readRules(host)
  const key = { transport: options.transport ?? 'tcp', family: 'ipv4', port: 4001 } as const
  const fact = await probeHostRules(host, reading.rules!, key, ADDRESSES)
  const diallers = await probeDiallers(host, reading.rules!, key, ADDRESSES, ['198.51.100.21'])
  return { ...fact!, diallers }
}

const filter = (...rules: readonly string[]) =>
  ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n')
const nat = (...rules: readonly string[]) =>
  ['*nat', ':PREROUTING ACCEPT [0:0]', ':POSTROUTING ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n')
const TO_GUEST = nat('-A PREROUTING -i eth0 -p tcp -m tcp --dport 4001 -j DNAT --to-destination 172.17.0.2:4101')
const GUEST = { address: '172.17.0.2', port: 4101 }

describe('a stranger’s packets', () => {
  test('no rules at all let them in', async () => {
    expect(await walked('')).toMatchObject({
      inbound: { kind: 'accept' },
      path: 'input',
      translatedTo: null,
      forwarding: null,
      answer: { kind: 'accept' },
      outbound: { kind: 'accept' },
    })
  })

  test('the rule that drops them is named', async () => {
    const fact = await walked(filter('-A INPUT -p tcp -m tcp --dport 4001 -j DROP'))
    expect(fact.inbound).toEqual({
      kind: 'drop',
      at: {
        backend: 'legacy',
        family: 'ip',
        table: 'filter',
        chain: 'INPUT',
        hook: 'input',
        rule: '-A INPUT -p tcp -m tcp --dport 4001 -j DROP',
      },
      expression: null,
    })
    expect(fact).toMatchObject({ path: 'input', outbound: { kind: 'accept' } })
  })

  test.each([
    [
      'some strangers are let in',
      '-A INPUT ! -s 73.0.0.0/8 -p tcp -m tcp --dport 4001 -j DROP',
      'unknown',
      true,
      'drop',
    ],
    ['the dialler alone is let in', '-A INPUT ! -s 198.51.100.0/24 -p tcp -j DROP', 'drop', false, 'accept'],
    ['the dialler alone is stopped', '-A INPUT -s 198.51.100.0/24 -p tcp -j DROP', 'accept', false, 'drop'],
    [
      'nobody can tell',
      '-A INPUT -p tcp -m statistic --mode random --probability 0.5 -j DROP',
      'unknown',
      false,
      'unknown',
    ],
  ])('%s', async (_, rule, inbound, picksStrangers, dialler) => {
    const fact = await walked(filter(rule))
    expect(fact).toMatchObject({ inbound: { kind: inbound }, picksStrangers })
    expect(fact.diallers).toMatchObject([{ address: '198.51.100.21', inbound: { kind: dialler } }])
  })

  test('a packet of this host’s own to a server is followed to the rule that stops it', async () => {
    const host = hostWith({ iptablesLegacy: filter('-A OUTPUT -p tcp -m tcp --dport 30333 -j DROP') })
    const { rules } = await readRules(host)
    const own = async (port: number) =>
      (await probeOwnPacket(host, rules!, { transport: 'tcp', family: 'ipv4', port }, ADDRESSES, '198.51.100.20'))?.kind
    expect([await own(30333), await own(443)]).toEqual(['drop', 'accept'])
  })

  test.each([
    ['the answer', '-A OUTPUT -p tcp -m tcp --sport 4001 -j DROP', { answer: 'drop', outbound: 'accept' }],
    ['a new flow', '-A OUTPUT -p tcp -m conntrack --ctstate NEW -j REJECT', { answer: 'accept', outbound: 'reject' }],
    ['one port of peers', '-A OUTPUT -p tcp -m tcp --dport 30303 -j DROP', { answer: 'accept', outbound: 'unknown' }],
  ])('%s dropped on the way out', async (_, rule, expected) => {
    const { inbound, answer, outbound } = await walked(filter(rule))
    expect({ answer: answer.kind, outbound: outbound.kind }).toEqual(expected)
    expect(inbound.kind).toBe('accept')
  })
})

describe('a guest that the port is sent on to', () => {
  test('is reached where the kernel forwards', async () => {
    const settings = { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.forwarding': '1' }
    expect(await walked(TO_GUEST, { settings })).toMatchObject({
      inbound: { kind: 'accept' },
      path: 'forward',
      translatedTo: GUEST,
      forwarding: { setting: 'net.ipv4.ip_forward', on: 'yes' },
      answer: { kind: 'accept' },
    })
  })

  test.each([
    ['everywhere', { 'net.ipv4.ip_forward': '0', 'net.ipv4.conf.eth0.forwarding': '0' }, 'net.ipv4.ip_forward'],
    [
      'on its interface',
      { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.forwarding': '0' },
      'net.ipv4.conf.eth0.forwarding',
    ],
  ])('is not where forwarding is off %s', async (_, settings, setting) => {
    expect((await walked(TO_GUEST, { settings })).forwarding).toEqual({ setting, on: 'no' })
  })

  test('is not where forwarding is off, whatever a rule behind makes of it that nobody can judge', async () => {
    const settings = { 'net.ipv4.ip_forward': '0', 'net.ipv4.conf.eth0.forwarding': '0' }
    const fact = await walked(filter('-A FORWARD -m u32 --u32 0x0=0x0 -j DROP') + TO_GUEST, { settings })
    expect(fact).toMatchObject({
      inbound: { kind: 'unknown' },
      path: null,
      translatedTo: GUEST,
      forwarding: { setting: 'net.ipv4.ip_forward', on: 'no' },
    })
  })

  test('is not where a rule drops what is forwarded', async () => {
    const fact = await walked(filter('-A FORWARD -d 172.17.0.2/32 -j DROP') + TO_GUEST)
    expect(fact).toMatchObject({
      inbound: { kind: 'drop', at: { hook: 'forward' } },
      path: 'forward',
      translatedTo: GUEST,
    })
  })

  test('answers nobody where its answers are dropped', async () => {
    const fact = await walked(filter('-A FORWARD -s 172.17.0.2/32 -j DROP') + TO_GUEST)
    expect(fact).toMatchObject({ inbound: { kind: 'accept' }, answer: { kind: 'drop' } })
  })
})

test('a redirected port is answered from there', async () => {
  const redirect = nat('-A PREROUTING -p tcp -m tcp --dport 4001 -j REDIRECT --to-ports 4002')
  const fact = await walked(filter('-A OUTPUT -p tcp -m tcp --sport 4002 -j DROP') + redirect)
  expect(fact).toMatchObject({
    path: 'input',
    translatedTo: { address: '203.0.113.10', port: 4002 },
    inbound: { kind: 'accept' },
    answer: { kind: 'drop' },
  })
})

describe('rules that cannot be read', () => {
  test('without root it says what it would need', async () => {
    const refuse = async () => {
      throw new PeerwayError('not-permitted', 'reading the packet filter needs root')
    }
    const told = { id: 'error.plain', params: { text: 'reading the packet filter needs root' } }
    const reading = await readRules({ netfilter: { rulesets: refuse } } as unknown as Host)
    expect(reading).toEqual({
      access: 'not-permitted',
      detail: 'reading the packet filter needs root',
      told,
      rules: null,
    })
  })

  test('a listing cut short is no rule set', async () => {
    expect(await readRules(hostWith({ nft: '{"nftables": [' }))).toMatchObject({ access: 'unreadable', rules: null })
  })
})

test('where rules can be loaded from at boot', async () => {
  const files: Readonly<Record<string, string>> = {
    '/proc/1/comm': 'systemd\n',
    '/etc/nftables.conf': 'flush ruleset',
    '/etc/systemd/system/sysinit.target.wants/nftables.service': '[Unit]',
    '/etc/iptables/rules.v4': '*filter\nCOMMIT\n',
    '/etc/ufw/ufw.conf': 'ENABLED=no\n',
    '/etc/systemd/system/multi-user.target.wants/ufw.service': '[Unit]',
  }
  const host = { files: { read: async (path: string) => files[path] } } as unknown as Host
  expect(await findBootSources(host)).toEqual([
    { name: 'nftables', file: '/etc/nftables.conf', enabled: 'yes' },
    { name: 'netfilter-persistent', file: '/etc/iptables/rules.v4', enabled: 'no' },
    { name: 'ufw', file: '/etc/ufw/ufw.conf', enabled: 'no' },
  ])
})
