import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/remedy/change.ts'
import {
  FirewalledHost,
  GUEST,
  GUEST6,
  HOST6,
  missingForChanges,
  repairAndUndo,
  TCP4,
  tagged,
} from './real/firewalled-host.ts'

const missing = missingForChanges('iptables-nft', 'iptables-legacy')
const DROP_INPUT = 'type filter hook input priority filter; policy drop;'
const INPUT = 'type filter hook input priority filter;'
const input = (rules: string) => `chain input { ${INPUT}\n${rules}\n}`

describe.skipIf(missing)(`a real firewall${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let host: FirewalledHost
  beforeAll(async () => {
    host = await FirewalledHost.open('rules')
  })
  beforeEach(() => host.reset())
  afterAll(async () => host?.close())

  const KEEPS = 'ct state established,related accept'

  describe('of nft lets strangers in by the smallest rule, and is as it was after undo:', () => {
    test.each<[what: string, rules: string, made: readonly string[]]>([
      [
        'a policy that drops',
        `table inet f { chain input { ${DROP_INPUT}\n${KEEPS}\n} }`,
        ['meta nfproto ipv4 tcp dport 4001 accept'],
      ],
      [
        'a rule in the middle',
        `table ip f { ${input('tcp dport 22 accept\ntcp dport 4000-4100 counter drop\ntcp dport 9 drop')} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'a chain that is jumped to',
        `table ip f { chain guard { tcp dport 22 accept\nreject with icmp type admin-prohibited\n}\n ${input('iifname "eth0" jump guard')} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'two base chains, one of them of another table',
        `table inet a { ${input(`${KEEPS}\ntcp dport 4001 drop`)} }
         table ip b { chain late { type filter hook input priority 10; policy drop;\n${KEEPS}\n} }`,
        ['meta nfproto ipv4 tcp dport 4001 accept', 'tcp dport 4001 accept'],
      ],
      [
        'a set of ports',
        `table ip f { set shut { type inet_service; flags interval; elements = { 4000-4100, 9 }\n}\n ${input('tcp dport @shut drop')} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'a map of verdicts',
        `table ip f { ${input('tcp dport vmap { 22 : accept, 4001 : drop }')} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'the ingress of its interface',
        `table netdev n { chain i { type filter hook ingress device "eth0" priority 0;\ntcp dport 4001 drop\n} }`,
        ['meta protocol ip tcp dport 4001 accept'],
      ],
      [
        'a chain before tracking that takes all packets for invalid',
        `table ip r { chain p { type filter hook prerouting priority raw;\ntcp dport 4001 ct state invalid drop\n} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'a port that is not tracked',
        `table ip r { chain p { type filter hook prerouting priority raw;\ntcp dport 4001 notrack\n} }
         table ip f { chain input { ${DROP_INPUT}\n${KEEPS}\n} }`,
        ['tcp dport 4001 accept'],
      ],
      [
        'answers that are dropped on the way out',
        `table ip f { chain output { type filter hook output priority filter; policy drop;\ntcp sport 22 accept\n} }`,
        ['tcp sport 4001 accept'],
      ],
    ])('%s', async (_, rules, words) => {
      host.nft(rules)
      const { made, lasting } = await repairAndUndo(host)
      expect(made.map((change) => (change.kind === 'nft-rule' ? change.rule : change.kind))).toEqual(words)
      // Nothing loads these rules at boot.
      expect(new Set(lasting)).toEqual(new Set(['until-reboot']))
    })

    test('UDP', async () => {
      host.nft(`table inet f { chain input { ${DROP_INPUT}\n${KEEPS}\n} }`)
      const requests = [{ key: { ...TCP4, transport: 'udp' as const } }]
      await repairAndUndo(host, { requests, getsIn: (within) => host.getsIn(undefined, 'udp', within) })
    })

    test('IPv6', async () => {
      host.nft(`table inet f { chain input { ${DROP_INPUT}\nmeta l4proto ipv6-icmp accept\n${KEEPS}\n} }`)
      const requests = [{ key: { ...TCP4, family: 'ipv6' as const } }]
      await repairAndUndo(host, {
        requests,
        getsIn: (within) => host.getsIn(HOST6, 'tcp', within),
        meanwhile: () => expect(host.getsIn(undefined, 'tcp', 0.5)).toBe(false),
      })
    })
  })

  describe('of iptables does so too:', () => {
    test.each<[what: string, rules: string, made: number]>([
      [
        'iptables-nft',
        'iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p tcp -m state --state RELATED,ESTABLISHED -j ACCEPT',
        1,
      ],
      ['iptables-nft with a policy alone', 'iptables-nft -P INPUT DROP; iptables-nft -P OUTPUT DROP', 2],
      [
        'iptables-legacy',
        'iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-legacy -A INPUT -p tcp --syn -j REJECT; iptables-legacy -A INPUT -p udp -j DROP',
        1,
      ],
      [
        'a chain of iptables-legacy that is jumped to',
        'iptables-legacy -N guard; iptables-legacy -A guard -p tcp --dport 22 -j RETURN; iptables-legacy -A guard -j DROP; iptables-legacy -A INPUT -p tcp -m comment --comment "all of it" -g guard',
        1,
      ],
      ['the raw table', 'iptables-legacy -t raw -A PREROUTING -p tcp --dport 4001 -j DROP', 1],
      [
        'both back ends at once',
        'iptables-nft -P INPUT DROP; iptables-nft -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT; iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT',
        2,
      ],
    ])('%s', async (_, rules, count) => {
      host.sh(rules)
      expect((await repairAndUndo(host)).made).toHaveLength(count)
    })

    test('ip6tables', async () => {
      host.sh('ip6tables-legacy -A INPUT -p tcp -j DROP')
      const requests = [{ key: { ...TCP4, family: 'ipv6' as const } }]
      await repairAndUndo(host, { requests, getsIn: (within) => host.getsIn(HOST6, 'tcp', within) })
    })
  })

  describe('before a guest', () => {
    const dnat = 'iptables-nft -t nat -A PREROUTING -i eth0 -p tcp --dport 4001 -j DNAT --to-destination 172.29.0.2'
    test('is opened for that guest alone, both ways', async () => {
      host.sh(`${dnat}; iptables-nft -P FORWARD DROP; sysctl -qw net.ipv4.ip_forward=1`)
      const { made } = await repairAndUndo(host)
      expect(made.map((change) => (change.kind === 'nft-rule' ? change.rule : ''))).toEqual([
        `ip daddr ${GUEST} tcp dport 4001 accept`,
        `ip saddr ${GUEST} tcp sport 4001 accept`,
      ])
    })

    test('is opened in DOCKER-USER, which Docker keeps', async () => {
      host.sh(`${dnat}; sysctl -qw net.ipv4.ip_forward=1
        iptables-nft -P FORWARD DROP; iptables-nft -N DOCKER-USER; iptables-nft -A DOCKER-USER -j RETURN
        iptables-nft -A FORWARD -j DOCKER-USER; iptables-nft -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`)
      const { made } = await repairAndUndo(host)
      expect(made).toMatchObject([{ kind: 'iptables-rule', chain: 'DOCKER-USER', before: '-j RETURN' }])
    })

    test('lets the kernel forward, on the two interfaces that need it', async () => {
      host.sh(`${dnat}; echo net.ipv4.ip_forward=0 > /etc/sysctl.d/99-local.conf`)
      // What boot does, for these settings alone; a link to no file is no matter to it.
      const boot = "sysctl -q --system --pattern '^net[.]ipv4[.](ip_forward|conf[.](all|eth0|guest0)[.]forwarding)$'"
      const { made, lasting } = await repairAndUndo(host, {
        meanwhile: () => {
          expect(host.sh('sysctl -n net.ipv4.ip_forward; cat /etc/sysctl.d/99-zz-peerway.conf')).toMatch(
            /^0\n# .*\nnet\.ipv4\.conf\.eth0\.forwarding = 1\nnet\.ipv4\.conf\.guest0\.forwarding = 1\n$/,
          )
          host.sh(`sysctl -qw net.ipv4.conf.eth0.forwarding=0; ${boot} || true`)
          expect(host.sh('sysctl -n net.ipv4.conf.eth0.forwarding net.ipv4.conf.guest0.forwarding')).toBe('1\n1\n')
        },
      })
      expect(made.map(({ kind }) => kind)).toEqual(['sysctl', 'sysctl', 'file', 'file'])
      expect(lasting).toEqual(['with', 'with'])
    })
  })

  test('before a guest by IPv6 it is opened, and the kernel forwards on the two interfaces alone where it can', async () => {
    host.sh(`ip6tables-nft -t nat -A PREROUTING -i eth0 -p tcp --dport 4001 -j DNAT --to-destination ${GUEST6}
      ip6tables-nft -P FORWARD DROP`)
    const { made } = await repairAndUndo(host, {
      requests: [{ key: { ...TCP4, family: 'ipv6' } }],
      getsIn: (within) => host.getsIn(HOST6, 'tcp', within),
    })
    const own = host.sh('ls /proc/sys/net/ipv6/conf/eth0').includes('force_forwarding')
    const settings = made.flatMap((change) => (change.kind === 'sysctl' ? [change.name] : []))
    const some = ['eth0', 'guest0'].map((name) => `net.ipv6.conf.${name}.${own ? 'force_forwarding' : 'accept_ra'}`)
    expect(settings).toEqual([...some, ...(own ? [] : ['net.ipv6.conf.all.forwarding'])])
  })

  describe('is loaded at boot from', () => {
    test('/etc/nftables.conf: the rule is there too, once, where it belongs', async () => {
      host.sh(`printf '%s\\n' '#!/usr/sbin/nft -f' 'flush ruleset' 'table inet f {' '	chain input {' \
        '		type filter hook input priority 0; policy accept;' '		tcp dport 22 accept' '		tcp dport 4001 drop' '	}' '}' > /etc/nftables.conf
        chmod 750 /etc/nftables.conf; nft -f /etc/nftables.conf`)
      const reboot = () => host.sh('nft -f /etc/nftables.conf; nft list chain inet f input')
      const { lasting } = await repairAndUndo(host, {
        meanwhile: () => {
          const listed = host.sh('nft list chain inet f input')
          expect(reboot()).toBe(listed)
          expect(listed.match(/peerway:/g)).toHaveLength(1)
          expect(host.getsIn()).toBe(true)
        },
      })
      expect(lasting).toEqual(['with'])
    })

    test('/etc/iptables/rules.v4', async () => {
      host.sh(`iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-legacy -A INPUT -p tcp -j DROP
        iptables-legacy-save -c > /etc/iptables/rules.v4`)
      const { lasting } = await repairAndUndo(host, {
        meanwhile: () => {
          const listed = host.sh('iptables-legacy -S')
          host.sh('iptables-legacy -F; iptables-legacy-restore < /etc/iptables/rules.v4')
          expect(host.sh('iptables-legacy -S')).toBe(listed)
          expect(host.getsIn()).toBe(true)
        },
      })
      expect(lasting).toEqual(['with'])
    })
  })

  describe('that somebody changed meanwhile', () => {
    const RULES = `table inet f { chain input { ${INPUT}\ntcp dport 22 accept\ntcp dport 4001 drop\n} }`
    const repaired = async () => {
      host.nft(RULES)
      const { changes } = await host.plan({ key: TCP4 })
      return host.apply(changes)
    }

    test('is left as it is where our rule was changed', async () => {
      const made = await repaired()
      const handle = /accept comment "peerway:.*handle (\d+)/.exec(host.sh('nft -a list chain inet f input'))![1]
      host.sh(`nft replace rule inet f input handle ${handle} tcp dport 4002 accept comment '"peerway:real0000"'`)
      const before = host.snapshot()
      expect(await host.state(made)).toEqual(['altered'])
      expect(await host.undo(made)).toMatchObject([{ outcome: 'left' }])
      expect(host.snapshot()).toBe(before)
    })

    test.each([
      ['flushed', 'nft flush ruleset'],
      [
        'loaded anew without our rule',
        `nft flush ruleset; nft add table inet f; nft add chain inet f input; nft add rule inet f input tcp dport 22 accept`,
      ],
    ])('was gone where the rules were %s, as by a reboot', async (_, script) => {
      const made = await repaired()
      host.sh(script)
      const before = host.snapshot()
      expect(await host.state(made)).toEqual(['absent'])
      expect(await host.undo(made)).toEqual([{ outcome: 'was-gone' }])
      expect(host.snapshot()).toBe(before)
    })

    test('loses our rule where others were put around it', async () => {
      const made = await repaired()
      host.sh('nft insert rule inet f input tcp dport 1 drop; nft add rule inet f input tcp dport 2 drop')
      expect(await host.undo(made)).toEqual([{ outcome: 'undone' }])
      expect(host.sh('nft list chain inet f input')).not.toContain('peerway')
      expect(host.getsIn(undefined, 'tcp', 0.5)).toBe(false)
    })

    test('gets no rule where the one to go before is gone, and one at its new place where it moved', async () => {
      host.nft(RULES)
      const { changes } = await host.plan({ key: TCP4 })
      host.sh('nft insert rule inet f input tcp dport 1 drop')
      await host.apply(changes)
      expect(host.sh('nft list chain inet f input')).toMatch(
        /4001 accept comment "peerway:real0000"\n\s*tcp dport 4001 drop/,
      )
      await host.undo(changes)
      host.sh('nft flush chain inet f input')
      await expect(host.apply(changes)).rejects.toMatchObject({ code: 'busy' })
    })
  })

  describe('where peerway is killed at any call', () => {
    const CASES: readonly (readonly [what: string, rules: string])[] = [
      ['a rule of nft', `nft -f - <<'E'\ntable inet f { chain input { ${INPUT}\ntcp dport 4001 drop\n} \n}\nE`],
      ['a rule of iptables', 'iptables-legacy -A INPUT -p tcp -j DROP'],
      [
        'two settings',
        'iptables-nft -t nat -A PREROUTING -i eth0 -p tcp --dport 4001 -j DNAT --to-destination 172.29.0.2',
      ],
    ]
    test.each(CASES)('making or taking back %s, the next run finishes it', async (_, rules) => {
      host.sh(rules)
      const before = host.snapshot()
      const { changes } = await host.plan({ key: TCP4 })
      const all: readonly Change[] = [...changes, ...tagged([FILE], 'file')]
      let kills = 0
      for (const isBefore of process.env.PEERWAY_LONG === '1' ? [true, false] : [false]) {
        for (let k = 1; await host.killed('apply', all, k, isBefore); k++, kills++) {
          await host.undo(all)
          expect(host.snapshot(), `killed at call ${k} of making it`).toBe(before)
        }
        await host.apply(all)
        for (let k = 1; await host.killed('undo', all, k, isBefore); k++, kills++) {
          await host.undo(all)
          expect(host.snapshot(), `killed at call ${k} of undoing it`).toBe(before)
          await host.apply(all)
        }
        expect(host.snapshot()).toBe(before)
      }
      expect(kills).toBeGreaterThan(3)
    })

    const FILE = { kind: 'file', path: '/etc/sysctl.d/60-peerway.conf', from: null, to: 'ours\n' } as const
  })
})
