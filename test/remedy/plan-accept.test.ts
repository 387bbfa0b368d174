import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { EndpointKey } from '../../src/model/endpoint.ts'
import type { AddressesFact } from '../../src/model/evidence.ts'
import type { ChangeContent } from '../../src/remedy/change.ts'
import { planAccepts } from '../../src/remedy/plan-accept.ts'
import type { RulesetTexts } from '../../src/ruleset/read-ruleset.ts'
import { nftTextToJson } from '../../src/sim/firewall/nft-text-to-json.ts'

const ADDRESSES: AddressesFact = {
  addresses: [
    { interface: 'eth0', address: '203.0.113.10', family: 'ipv4', prefixLength: 24 },
    { interface: 'eth0', address: '2001:db8::10', family: 'ipv6', prefixLength: 64 },
    { interface: 'docker0', address: '172.17.0.1', family: 'ipv4', prefixLength: 16 },
  ],
  defaultRoutes: [{ family: 'ipv4', gateway: '203.0.113.1', interface: 'eth0', metric: 0, gatewayMac: null }],
  source: { ipv4: '203.0.113.10', ipv6: '2001:db8::10' },
}

function hostWith(texts: RulesetTexts): Host {
  const sourceTowards = async (to: string) =>
    to.startsWith('172.17.') ? '172.17.0.1' : to.includes(':') ? '2001:db8::10' : '203.0.113.10'
  return { network: { sourceTowards }, netfilter: { rulesets: async () => texts } } as unknown as Host
}

const TCP4: EndpointKey = { transport: 'tcp', family: 'ipv4', port: 4001 }
const UDP4: EndpointKey = { ...TCP4, transport: 'udp' }
const TCP6: EndpointKey = { ...TCP4, family: 'ipv6' }

async function planned(texts: RulesetTexts, key: EndpointKey = TCP4, own = false) {
  const [only] = await planAccepts(
    hostWith(texts),
    [{ key, own }],
    ADDRESSES,
    ['198.51.100.21'].filter(() => key.family === 'ipv4'),
  )
  return only!.plan
}

/** Changes as lines that are read at a glance. */
function lines(changes: readonly ChangeContent[]): readonly string[] {
  return changes.map((change) => {
    switch (change.kind) {
      case 'nft-rule':
        return `${change.family} ${change.table} ${change.chain}: ${change.rule} | ${change.before ?? 'end'}`
      case 'iptables-rule':
        return `${change.backend} ${change.table} ${change.chain}: ${change.rule.join(' ')} | ${change.before ?? 'end'}`
      case 'ufw-rule':
        return `ufw ${change.rule.join(' ')} | ${change.before ?? 'end'}`
      case 'firewalld-port':
        return `firewalld ${change.zone} ${change.port}`
      default:
        return change.kind
    }
  })
}

const nft = (text: string): RulesetTexts => ({ nft: nftTextToJson(text, 'here') })
const filter = (...rules: readonly string[]): RulesetTexts => ({ iptablesLegacy: saved(...rules) })
const saved = (...rules: readonly string[]) =>
  [
    '*filter',
    ...['INPUT', 'FORWARD', 'OUTPUT'].map(
      (chain) => `:${chain} ${rules.includes(`-P ${chain} DROP`) ? 'DROP' : 'ACCEPT'} [0:0]`,
    ),
    ...rules.filter((rule) => rule.startsWith(':')),
    ...rules.filter((rule) => rule.startsWith('-A')),
    'COMMIT',
    '',
  ].join('\n')
const DNAT = [
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  '-A PREROUTING -i eth0 -p tcp -m tcp --dport 4001 -j DNAT --to-destination 172.17.0.2:4101',
  'COMMIT',
  '',
].join('\n')

const recorded = (name: string) => readFileSync(`test/ruleset/fixtures/${name}`, 'utf8')
const input = (body: string, policy = 'accept') =>
  `chain input { type filter hook input priority filter; policy ${policy}\n${body}\n }`

describe('the smallest accept rule', () => {
  test.each<[what: string, texts: RulesetTexts, key: EndpointKey, changes: readonly string[]]>([
    ['is none where nothing stops strangers', nft(`table ip f { ${input('tcp dport 22 drop')} }`), TCP4, []],
    [
      'goes to the end of a chain whose policy drops',
      nft(`table inet f { ${input('ct state established accept\ntcp dport 22 accept', 'drop')} }`),
      TCP4,
      ['inet f input: meta nfproto ipv4 tcp dport 4001 accept | end'],
    ],
    [
      'goes before the rule that drops, in the middle',
      nft(`table ip f { ${input('tcp dport 22 accept\ntcp dport 4000-4100 drop\ntcp dport 9 drop')} }`),
      TCP4,
      ['ip f input: tcp dport 4001 accept | tcp dport 4000-4100 drop'],
    ],
    [
      'goes into the chain that was jumped to',
      nft(`table ip f { ${input('jump guard')}\n chain guard { tcp dport 22 accept\n drop\n } }`),
      TCP4,
      ['ip f guard: tcp dport 4001 accept | drop'],
    ],
    [
      'goes before a return behind which the policy drops',
      nft(`table ip f { ${input('tcp dport 4001 return\ntcp dport 22 accept', 'drop')} }`),
      TCP4,
      ['ip f input: tcp dport 4001 accept | tcp dport 4001 return'],
    ],
    [
      'goes to the end of a chain that a goto leads to',
      nft(`table ip f { ${input('goto guard', 'drop')}\n chain guard { tcp dport 22 accept\n } }`),
      TCP4,
      ['ip f guard: tcp dport 4001 accept | end'],
    ],
    [
      'is one for each base chain that drops',
      nft(`table inet a { ${input('', 'drop')} }\ntable ip b { ${input('udp dport 4001 drop')} }`),
      UDP4,
      [
        'ip b input: udp dport 4001 accept | udp dport 4001 drop',
        'inet a input: meta nfproto ipv4 udp dport 4001 accept | end',
      ],
    ],
    [
      'is one for each back end',
      { ...nft(`table inet a { ${input('', 'drop')} }`), ...filter('-P INPUT DROP', '-A INPUT -i lo -j ACCEPT') },
      TCP4,
      [
        'inet a input: meta nfproto ipv4 tcp dport 4001 accept | end',
        'legacy filter INPUT: -p tcp -m tcp --dport 4001 -j ACCEPT | end',
      ],
    ],
    [
      'lets in by IPv6',
      nft(`table inet a { ${input('meta l4proto ipv6-icmp accept', 'drop')} }`),
      TCP6,
      ['inet a input: meta nfproto ipv6 tcp dport 4001 accept | end'],
    ],
    [
      'lets the answers out',
      filter('-P OUTPUT DROP', '-A OUTPUT -p tcp -m tcp --dport 443 -j ACCEPT'),
      TCP4,
      ['legacy filter OUTPUT: -p tcp -m tcp --sport 4001 -j ACCEPT | end'],
    ],
    [
      'lets a guest be reached and answer',
      { iptablesLegacy: saved('-P FORWARD DROP') + DNAT },
      TCP4,
      [
        'legacy filter FORWARD: -d 172.17.0.2/32 -p tcp -m tcp --dport 4101 -j ACCEPT | end',
        'legacy filter FORWARD: -s 172.17.0.2/32 -p tcp -m tcp --sport 4101 -j ACCEPT | end',
      ],
    ],
    [
      'names the port that strangers dial where it is not translated yet',
      {
        iptablesLegacy: `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 4001 -j DROP\nCOMMIT\n${DNAT}`,
      },
      TCP4,
      ['legacy raw PREROUTING: -p tcp -m tcp --dport 4001 -j ACCEPT | -p tcp -m tcp --dport 4001 -j DROP'],
    ],
    [
      'goes before what drops all that tracking has not seen',
      nft(`table ip r { chain pre { type filter hook prerouting priority raw\nct state invalid drop\n } }`),
      TCP4,
      ['ip r pre: tcp dport 4001 accept | ct state invalid drop'],
    ],
    [
      'goes into DOCKER-USER, before its return',
      {
        iptablesLegacy:
          saved(
            '-P FORWARD DROP',
            ':DOCKER-USER - [0:0]',
            '-A FORWARD -j DOCKER-USER',
            '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            '-A DOCKER-USER -j RETURN',
          ) + DNAT,
      },
      TCP4,
      ['legacy filter DOCKER-USER: -d 172.17.0.2/32 -p tcp -m tcp --dport 4101 -j ACCEPT | -j RETURN'],
    ],
  ])('%s', async (_, texts, key, changes) => {
    const plan = await planned(texts, key)
    expect(plan.kind).toBe('planned')
    expect(lines(plan.kind === 'planned' ? plan.changes : [])).toEqual(changes)
  })

  test('lets the node’s own datagrams out where that is asked for', async () => {
    const texts = filter('-P OUTPUT DROP', '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT')
    expect(await planned(texts, UDP4)).toMatchObject({ changes: [] })
    const plan = await planned(texts, UDP4, true)
    expect(lines(plan.kind === 'planned' ? plan.changes : [])).toEqual([
      'legacy filter OUTPUT: -p udp -m udp --sport 4001 -j ACCEPT | end',
    ])
  })

  test('tells by which interface a guest is reached', async () => {
    expect(await planned({ iptablesLegacy: saved('-P FORWARD DROP') + DNAT })).toMatchObject({ out: 'docker0' })
    expect(await planned(filter('-P INPUT DROP'))).toMatchObject({ out: null })
  })
})

describe("where Docker's rules are nftables' own,", () => {
  // After its documentation (28.3): a table of its own, which it writes anew, and no DOCKER-USER.
  const docker = (verdict: string) => `table ip docker-bridges {
    chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept
      fib daddr type local tcp dport 4001 dnat to 172.17.0.2:4101
    }
    chain filter-FORWARD { type filter hook forward priority filter; policy accept
      oifname "docker0" jump filter-forward-in__docker0
    }
    chain filter-forward-in__docker0 {
      ct state established,related accept
      ip daddr 172.17.0.2 tcp dport 4101 ${verdict}
      drop
    }
  }`
  const mine = `table inet mine { chain forward { type filter hook forward priority -10; policy accept
    ct state established,related accept
    iifname "eth0" drop
  } }`

  test("a rule of the host's own is gone before", async () => {
    const plan = await planned(nft(docker('accept') + mine))
    expect(lines(plan.kind === 'planned' ? plan.changes : [plan as never])).toEqual([
      'inet mine forward: ip daddr 172.17.0.2 tcp dport 4101 accept | iifname eth0 drop',
    ])
  })

  test('nothing is put among them', async () => {
    expect(await planned(nft(docker('drop')))).toMatchObject({ kind: 'not-planned', why: 'no-spot' })
  })
})

describe('a manager of rules is asked to let strangers in', () => {
  const ufw: RulesetTexts = {
    nft: recorded('ufw-0.36.2.nft.json'),
    iptablesNft: recorded('ufw-0.36.2.iptables-nft-save'),
    ip6tablesNft: recorded('ufw-0.36.2.ip6tables-nft-save'),
  }
  const port = (number: number, key = TCP4) => ({ ...key, port: number })
  test.each<[what: string, key: EndpointKey, changes: readonly string[]]>([
    ['ufw, whose policy drops', port(4444), ['ufw allow in proto tcp to 0.0.0.0/0 port 4444 | end']],
    ['ufw by IPv6', port(4444, TCP6), ['ufw allow in proto tcp to ::/0 port 4444 | end']],
    [
      'ufw, before a rule of its own, on the interface alone',
      port(6001),
      [
        'ufw allow in on eth0 proto tcp to 0.0.0.0/0 port 6001 | -A ufw-user-input -p tcp -m tcp --dport 6001 -j REJECT --reject-with tcp-reset',
      ],
    ],
  ])('%s', async (_, key, changes) => {
    const plan = await planned(ufw, key)
    expect(lines(plan.kind === 'planned' ? plan.changes : [plan as never])).toEqual(changes)
  })

  test('firewalld, in the zone of the interface, once for both families', async () => {
    const host = hostWith({ nft: recorded('firewalld-1.3.3.nft.json') })
    const plans = await planAccepts(host, [{ key: port(4444) }, { key: port(4444, TCP6) }], ADDRESSES, [])
    expect(plans.map(({ plan }) => (plan.kind === 'planned' ? lines(plan.changes) : plan))).toEqual([
      ['firewalld public 4444/tcp'],
      [],
    ])
  })
})

describe('where counters saw strangers stopped, the rule that nobody can judge is gone before', () => {
  const seen = async (texts: RulesetTexts) => {
    const [only] = await planAccepts(hostWith(texts), [{ key: TCP4, seenStopped: true }], ADDRESSES, [])
    return only!.plan
  }

  test.each<[what: string, texts: RulesetTexts, changes: readonly string[]]>([
    [
      'alone',
      filter('-A INPUT -i lo -j ACCEPT', '-A INPUT -m u32 --u32 0x0=0x0 -j DROP'),
      ['legacy filter INPUT: -p tcp -m tcp --dport 4001 -j ACCEPT | -m u32 --u32 0x0=0x0 -j DROP'],
    ],
    [
      'and a rule of another back end that certainly stops them',
      {
        ...filter('-A INPUT -m u32 --u32 0x0=0x0 -j DROP'),
        ...nft(`table inet f { ${input('tcp dport 4001 drop')} }`),
      },
      [
        'legacy filter INPUT: -p tcp -m tcp --dport 4001 -j ACCEPT | -m u32 --u32 0x0=0x0 -j DROP',
        'inet f input: meta nfproto ipv4 tcp dport 4001 accept | tcp dport 4001 drop',
      ],
    ],
  ])('%s', async (_, texts, expected) => {
    const plan = await seen(texts)
    if (plan.kind !== 'planned') throw new Error(JSON.stringify(plan))
    expect(lines(plan.changes).toSorted()).toEqual([...expected].toSorted())
  })

  test('but not where a table of bridges may have its say', async () => {
    expect(await seen(nft(`table bridge b { ${input('drop')} }`))).toMatchObject({
      kind: 'not-planned',
      why: 'unknown',
    })
  })
})

test('of two back ends that both stop them, whichever comes first, both get a rule', async () => {
  const plan = await planned({
    ...filter('-A INPUT -p tcp -m tcp --dport 4001 -j REJECT --reject-with tcp-reset'),
    ...nft(`table inet f { ${input('tcp dport 4001 drop')} }`),
  })
  expect(lines(plan.kind === 'planned' ? plan.changes : [plan as never]).toSorted()).toEqual([
    'inet f input: meta nfproto ipv4 tcp dport 4001 accept | tcp dport 4001 drop',
    'legacy filter INPUT: -p tcp -m tcp --dport 4001 -j ACCEPT | -p tcp -m tcp --dport 4001 -j REJECT --reject-with tcp-reset',
  ])
})

describe('nothing is planned', () => {
  test.each<[what: string, texts: RulesetTexts, why: string]>([
    [
      'where nobody can judge a rule',
      filter('-A INPUT -p tcp -m statistic --mode random --probability 0.5 -j DROP'),
      'unknown',
    ],
    [
      'where only some strangers are stopped',
      filter('-A INPUT -s 73.0.0.0/8 -p tcp -m tcp --dport 4001 -j DROP'),
      'some-strangers',
    ],
    ['where a table of bridges may have its say', nft(`table bridge b { ${input('drop')} }`), 'unknown'],
    [
      'in a table that a program owns',
      {
        nft: nftTextToJson(`table inet f { ${input('tcp dport 4001 drop')} }`, 'here').replace(
          '"name":"f"',
          '"name":"f","flags":"owned"',
        ),
      },
      'no-spot',
    ],
    [
      'in chains of ufw that it writes anew',
      filter(':ufw-before-input - [0:0]', '-A INPUT -j ufw-before-input', '-A ufw-before-input -j DROP'),
      'no-spot',
    ],
  ])('%s', async (_, texts, why) => {
    expect(await planned(texts)).toMatchObject({ kind: 'not-planned', why })
  })

  test('for a family that this host has no address of', async () => {
    const none = { ...ADDRESSES, source: { ipv4: null, ipv6: null } }
    const [only] = await planAccepts(hostWith({}), [{ key: TCP4 }], none, [])
    expect(only?.plan).toMatchObject({ kind: 'not-planned', why: 'no-address' })
  })
})
