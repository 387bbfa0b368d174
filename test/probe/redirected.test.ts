import { expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { AddressesFact } from '../../src/model/evidence.ts'
import { readRules } from '../../src/probe/host-rules/read-rules.ts'
import { probeRedirected } from '../../src/probe/host-rules/redirected.ts'
import type { RulesetTexts } from '../../src/ruleset/read-ruleset.ts'

const ETH0 = { interface: 'eth0', address: '192.0.2.2', family: 'ipv4', prefixLength: 24 } as const
const DOCKER0 = { interface: 'docker0', address: '172.17.0.1', family: 'ipv4', prefixLength: 16 } as const
const ADDRESSES: AddressesFact = {
  addresses: [ETH0, DOCKER0],
  defaultRoutes: [{ family: 'ipv4', gateway: '192.0.2.1', interface: 'eth0', metric: 0, gatewayMac: null }],
  source: { ipv4: '192.0.2.2', ipv6: null },
}

async function redirected(texts: RulesetTexts, asked: object = {}, addresses = ADDRESSES) {
  const host = {
    network: { sourceTowards: async (to: string) => (to.startsWith('172.17.') ? '172.17.0.1' : '192.0.2.2') },
    netfilter: { rulesets: async () => texts },
  } as unknown as Host
  const { rules } = await readRules(host)
  return probeRedirected(host, rules!, { transport: 'tcp', family: 'ipv4', port: 8080, ...asked }, addresses)
}

const table = (name: string, ...rules: readonly string[]) =>
  [`*${name}`, ':PREROUTING ACCEPT [0:0]', ...rules.map((rule) => `-A PREROUTING ${rule}`), 'COMMIT', ''].join('\n')
const nat = (...rules: readonly string[]) => table('nat', ...rules)
const TAKEN = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'
const DOCKER = [
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  ':DOCKER - [0:0]',
  '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
  '-A DOCKER -i docker0 -j RETURN',
  '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
  'COMMIT',
  '',
].join('\n')

test.each([
  ['no rule at all', '', {}, 'no'],
  ['Docker publishes it', DOCKER, {}, 'yes'],
  ['Docker publishes another port', DOCKER, { port: 8081 }, 'no'],
  ['Docker publishes the other transport', DOCKER, { transport: 'udp' }, 'no'],
  ['the other family', DOCKER, { family: 'ipv6' }, 'no'],
  ['many ports', nat('-p tcp -m multiport --dports 80,8000:8100 -j REDIRECT --to-ports 5'), {}, 'yes'],
  ['to the very same place', nat('-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 8080'), {}, 'no'],
  ['another destination', nat('-d 192.0.2.9/32 -p tcp -j DNAT --to-destination 10.0.0.1'), {}, 'no'],
  ['some strangers', nat('-s 73.0.0.0/8 -p tcp -j DNAT --to-destination 10.0.0.1'), {}, 'unknown'],
  ['neighbours alone', nat('-s 10.0.0.0/8 -p tcp -j DNAT --to-destination 10.0.0.1'), {}, 'no'],
  ['a target from elsewhere', nat('-p tcp -j XYZ'), {}, 'unknown'],
  ['exempted before', nat('-p tcp -j ACCEPT', TAKEN), {}, 'no'],
  ['perhaps exempted before', nat('-p tcp -m nobodys --knows -j ACCEPT', TAKEN), {}, 'unknown'],
  [
    'by a mark',
    table('mangle', '-p tcp -j MARK --set-xmark 0x1/0xffffffff') +
      nat(TAKEN.replace('-p tcp', '-p tcp -m mark --mark 0x1')),
    {},
    'yes',
  ],
  ['dropped before', table('raw', '-p tcp -j DROP') + nat(TAKEN), {}, 'yes'],
  ['dropped before, and taken nowhere', table('raw', '-p tcp -j DROP') + nat(), {}, 'no'],
  ['dropped by what nobody can judge', table('raw', '-m nobodys --knows -j DROP') + nat(TAKEN), {}, 'yes'],
  ['a loop', '*nat\n:PREROUTING ACCEPT [0:0]\n:A - [0:0]\n-A PREROUTING -j A\n-A A -j A\nCOMMIT\n', {}, 'unknown'],
] as const)('%s', async (_, iptablesLegacy, asked, answer) => {
  expect(await redirected({ iptablesLegacy }, asked)).toBe(answer)
})

test('a host without a way out is asked at all its addresses', async () => {
  const cut = { ...ADDRESSES, source: { ipv4: null, ipv6: null } }
  const here = nat('-d 192.0.2.2/32 -p tcp -j DNAT --to-destination 172.17.0.2')
  expect(await redirected({ iptablesLegacy: nat(TAKEN) }, {}, cut)).toBe('yes')
  expect(await redirected({ iptablesLegacy: here }, {}, cut)).toBe('unknown')
  expect(await redirected({ iptablesLegacy: here }, {}, { ...cut, addresses: [] })).toBe('no')
})
