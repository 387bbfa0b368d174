import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { BootSource } from '../../src/model/evidence.ts'
import type { Change } from '../../src/remedy/change.ts'
import { withNftLine } from '../../src/remedy/persist/nft-file.ts'
import { withSavedLine } from '../../src/remedy/persist/save-file.ts'
import { settingsAtBoot } from '../../src/remedy/persist/settings-at-boot.ts'
import { valueSetBy, withSetting } from '../../src/remedy/persist/sysctl-file.ts'
import { inReadingOrder, placeOfSetting } from '../../src/remedy/persist/sysctl-place.ts'

const RULE = 'tcp dport 4001 accept'
const TAG = 'peerway:abcd1234'
const nftRule = (before: string | null) =>
  ({ kind: 'nft-rule', family: 'inet', table: 'filter', chain: 'input', before, rule: RULE }) as const

const CONF = `#!/usr/sbin/nft -f
flush ruleset
define web = { 80, 443 } # one { brace

table inet filter {
	set banned { type ipv4_addr; }
	chain input {
		type filter hook input priority filter; policy drop;
		ct state {established,related} accept
		tcp dport $web accept comment "pages {"
		tcp dport 4000-4100 counter drop; # all of them
	}
	chain forward {
		type filter hook forward priority filter
		tcp dport 4000-4100 drop
	}
}
`

describe('a file for nft gets the rule', () => {
  const lineAfter = (text: string | undefined, found: string) => {
    const lines = (text ?? '').split('\n')
    return lines[lines.findIndex((line) => line.includes('peerway')) + 1]?.includes(found)
  }
  test('before the line of the deciding rule', () => {
    const to = withNftLine(CONF, nftRule('tcp dport 4000-4100 counter drop'), TAG)
    expect(to).toContain(`\n\t\t${RULE} comment "${TAG}"\n\t\ttcp dport 4000-4100 counter drop; # all of them\n`)
    expect(to?.split('\n')).toHaveLength(CONF.split('\n').length + 1)
  })

  test('last in a chain whose policy decides', () => {
    const to = withNftLine(CONF, nftRule(null), TAG)
    expect(lineAfter(to, '\t}')).toBe(true)
    expect(to).toContain(`\n\t\t${RULE} comment "${TAG}"\n\t}\n\tchain forward`)
  })

  test('as a command at its end where the line cannot be found', () => {
    const to = withNftLine(CONF, nftRule('tcp dport { 80, 443 } drop'), TAG)
    expect(to).toBe(`${CONF}insert rule inet filter input ${RULE} comment "${TAG}"\n`)
  })

  test('as a command at its end where the chain is one line', () => {
    const text = 'table inet filter { chain input { type filter hook input priority 0; policy drop; } }'
    expect(withNftLine(text, nftRule(null), TAG)).toBe(`${text}\nadd rule inet filter input ${RULE} comment "${TAG}"\n`)
  })

  test.each([
    ['makes no such chain', 'table inet filter {\n chain output {\n }\n}\n'],
    ['makes the table in another family', 'table ip filter {\n chain input {\n }\n}\n'],
    ['names it in a comment alone', '# table inet filter { chain input {\n'],
    ['is empty', ''],
  ])('never where it %s', (_, text) => {
    expect(withNftLine(text, nftRule(null), TAG)).toBeUndefined()
  })
})

describe('a file for iptables-restore gets the rule', () => {
  const change = (before: string | null, chain = 'INPUT') =>
    ({
      id: 'abcd1234',
      kind: 'iptables-rule',
      backend: 'legacy',
      family: 'ipv4',
      table: 'filter',
      chain,
      before,
      rule: ['-p', 'tcp', '-m', 'tcp', '--dport', '4001', '-j', 'ACCEPT'],
    }) as const satisfies Change
  const ADDED = `INPUT -p tcp -m tcp --dport 4001 -m comment --comment "${TAG}" -j ACCEPT`
  const SAVED = `*nat
:PREROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT DROP [5:300]
:FORWARD ACCEPT [0:0]
[7:420] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-port-unreachable
COMMIT
`
  test.each([
    ['before the deciding rule', '-j REJECT --reject-with icmp-port-unreachable', `-A ${ADDED}\n-A INPUT -j REJECT`],
    ['last in its table', null, `-A ${ADDED}\nCOMMIT\n`],
    ['first in its chain where the deciding rule is not in the file', '-j DROP', `-I ${ADDED}\nCOMMIT\n`],
  ])('%s', (_, before, part) => {
    const to = withSavedLine(SAVED, change(before))
    expect(to).toContain(part)
    expect(to?.replace(/^.*peerway.*\n/m, '')).toBe(SAVED)
  })

  test('never where the file does not make the chain', () => {
    expect(withSavedLine(SAVED, change(null, 'DOCKER-USER'))).toBeUndefined()
  })
})

describe('a file of settings', () => {
  const forward = { kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' } as const
  test('is made, or gets a line more', () => {
    expect(withSetting(null, forward)).toMatch(/^# Written by peerway .*\nnet\.ipv4\.ip_forward = 1\n$/)
    expect(withSetting('a = 1', forward)).toBe('a = 1\nnet.ipv4.ip_forward = 1\n')
  })

  test.each([
    ['net.ipv4.ip_forward=0', true],
    [' net/ipv4/ip_forward = 1', true],
    ['#net.ipv4.ip_forward=1', false],
    ['net.ipv4.ip_forward_use_pmtu=1', false],
  ])('%s: does it set the switch? %s', (line, sets) => {
    expect(valueSetBy(`x = 1\n${line}\n`, forward) !== undefined).toBe(sets)
  })

  test.each([
    ['net.ipv4.conf.eth0/10.forwarding', 'net.ipv4.ip_forward = 0', true],
    ['net.ipv4.conf.eth0/10.forwarding', 'net.ipv4.conf.all.forwarding = 0', true],
    ['net.ipv4.conf.eth0/10.forwarding', 'net.ipv4.conf.eth1.forwarding = 0', false],
    ['net.ipv6.conf.eth0.force_forwarding', 'net.ipv6.conf.all.force_forwarding = 0', true],
    ['net.ipv6.conf.eth0.force_forwarding', 'net.ipv4.ip_forward = 0', false],
  ])('%s is set by %s, which the kernel copies to each interface: %s', (name, line, sets) => {
    expect(valueSetBy(`${line}\n`, { name }) !== undefined).toBe(sets)
  })

  test.each([
    ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding=1', '1'],
    ['net.ipv4.conf.eth0.forwarding', 'net.ipv4.conf.*.forwarding = 0', '0'],
    ['net.ipv4.conf.eth0.forwarding', 'net.ipv4.conf.eth?.forwarding = 0', undefined],
    ['net.ipv4.ip_forward', 'net.ipv4.ip_forward=0\nnet.ipv4.ip_forward = 1 ', '1'],
    ['net.ipv4.ip_forward', '-net.ipv4.ip_forward=0', '0'],
  ])('%s: %s leaves it at %s', (name, text, value) => {
    expect(valueSetBy(text, { name })).toBe(value)
  })
})

describe('the place where a setting holds after a reboot', () => {
  const forward = { kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' } as const
  const off = (path: string) => ({ path, text: 'net.ipv4.ip_forward=0\n' })
  const on = (path: string) => ({ path, text: 'net/ipv4/ip_forward = 1\n' })

  test.each([
    ['nobody sets it', [], '/etc/sysctl.d/60-peerway.conf'],
    ['an early file switches it off', [off('/usr/lib/sysctl.d/50-x.conf')], '/etc/sysctl.d/60-peerway.conf'],
    ['a late one does', [off('/etc/sysctl.d/99-local.conf')], '/etc/sysctl.d/99-zz-peerway.conf'],
    ['one of the very last', [off('/run/sysctl.d/zz.conf')], '/etc/sysctl.d/zzz-peerway.conf'],
    ['the very last', [off('/etc/sysctl.d/zzzz.conf')], null],
    ['a file that is read on its own', [off('/etc/sysctl.d/10-a.conf'), off('/etc/sysctl.conf')], '/etc/sysctl.conf'],
    ["ufw's own", [on('/etc/sysctl.d/10-a.conf'), off('/etc/ufw/sysctl.conf')], '/etc/ufw/sysctl.conf'],
    ['it is on there', [off('/etc/sysctl.d/10-a.conf'), on('/etc/sysctl.d/20-b.conf')], 'by-itself'],
    ['ours has it off', [off('/etc/sysctl.d/60-peerway.conf')], '/etc/sysctl.d/60-peerway.conf'],
  ])('where %s', (_, files, place) => {
    expect(placeOfSetting(files, forward)).toBe(place)
  })

  test('files are read by name, and one folder hides the namesakes of those behind it', () => {
    const paths = [
      ...['/usr/lib/sysctl.d/50-a.conf', '/usr/lib/sysctl.d/99-b.conf', '/lib/sysctl.d/50-a.conf'],
      ...['/etc/sysctl.d/99-b.conf', '/etc/sysctl.d/README', '/run/sysctl.d/60-c.conf', '/etc/passwd', ''],
    ]
    expect(inReadingOrder(paths)).toEqual([
      '/usr/lib/sysctl.d/50-a.conf',
      '/run/sysctl.d/60-c.conf',
      '/etc/sysctl.d/99-b.conf',
    ])
  })

  const reads = (files: Readonly<Record<string, string>>) => async (path: string) => files[path] ?? null
  const lists = (...paths: readonly string[]) =>
    ({ services: { run: async () => ({ exitCode: 0, stdout: paths.join('\n'), stderr: '' }) } }) as unknown as Host
  const LINK = '/etc/sysctl.d/99-sysctl.conf'
  const UFW = [{ name: 'ufw', file: '/etc/ufw/ufw.conf', enabled: 'yes' }] as const

  test.each<[string, readonly string[], Record<string, string>, readonly BootSource[], readonly string[]]>([
    [
      'a link',
      [LINK, '/etc/sysctl.d/zz.conf'],
      { [LINK]: 'a=1', '/etc/sysctl.conf': 'a=1', '/etc/sysctl.d/zz.conf': '' },
      [],
      ['/etc/sysctl.conf', '/etc/sysctl.d/zz.conf'],
    ],
    ['no link', [], { '/etc/sysctl.conf': 'a=1' }, [], ['/etc/sysctl.conf']],
    ['no link, and systemd', [], { '/etc/sysctl.conf': 'a=1', '/proc/1/comm': 'systemd\n' }, [], []],
    [
      'ufw',
      [],
      { '/etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf', '/etc/ufw/sysctl.conf': '' },
      UFW,
      ['/etc/ufw/sysctl.conf'],
    ],
    [
      'ufw that is not started',
      [],
      { '/etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf', '/etc/ufw/sysctl.conf': '' },
      [],
      [],
    ],
  ])('with %s', async (_, listed, files, atBoot, expected) => {
    const found = await settingsAtBoot(lists(...listed), atBoot, [], reads(files))
    expect(found.map(({ path }) => path)).toEqual(expected)
  })
})
