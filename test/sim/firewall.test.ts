import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFirewall } from '../../src/sim/firewall/read-firewall.ts'
import { RulesetGuard } from '../../src/sim/firewall/ruleset-guard.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { SmallWorld } from './small-world.ts'

const IN_NFT = (rules: string) => `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ${rules}
  }
}`

/** What `x` meets who dials TCP and UDP ports of `y`, which has this firewall; and what `y` meets outwards. */
async function fates(language: 'nft' | 'iptables', text: string) {
  const w = new SmallWorld()
  w.y.guard = new RulesetGuard(w.y, readFirewall({ language, text }, 'y'))
  const [x, y] = [openSimHost(w.x), openSimHost(w.y)]
  const dial = (from: typeof x, address: string, port: number) =>
    from.tcp.connect({ to: { address, port }, timeoutMs: 1000 }).then(({ outcome }) => outcome)
  const ask = async (port: number) => {
    const to = { address: '203.0.113.12', port }
    const socket = await x.udp.open({ toward: to, connect: to })
    await socket.send(Uint8Array.of(1), to)
    const event = await socket.receive(1000)
    return event === undefined ? 'silent' : event.kind === 'error' ? event.code : 'answered'
  }
  const all = Promise.all([
    dial(x, '203.0.113.12', 22),
    dial(x, '203.0.113.12', 23),
    ask(53),
    dial(y, '203.0.113.10', 22),
    x.icmp.echo({ to: '203.0.113.12', timeoutMs: 1000 }).then(({ answer }) => answer),
  ])
  const [ssh, telnet, dns, out, echo] = await w.world.run(all)
  return { ssh, telnet, dns, out, echo }
}

// A closed port refuses: that it was let in is what counts.
const OPEN = { ssh: 'refused', telnet: 'refused', dns: 'refused', out: 'refused', echo: 'echo-reply' }
const SHUT = { ssh: 'timed-out', telnet: 'timed-out', dns: 'silent', out: 'timed-out', echo: 'silent' }

describe("a host's own firewall", () => {
  test.each([
    ['lets in what its policy accepts', 'table ip t { chain input { type filter hook input priority 0; } }', OPEN],
    ['drops by its policy, answers too', IN_NFT(''), SHUT],
    ['lets answers in', IN_NFT('ct state established,related accept'), { ...SHUT, out: 'refused' }],
    ['opens a port', IN_NFT('tcp dport 22 accept'), { ...SHUT, ssh: 'refused' }],
    ['opens a set of ports', IN_NFT('tcp dport { 20-22, 80 } counter accept'), { ...SHUT, ssh: 'refused' }],
    [
      'knows senders',
      IN_NFT('ip saddr 203.0.113.8/30 tcp dport != 23 accept'),
      { ...SHUT, ssh: 'refused', out: 'refused' },
    ],
    ['knows other senders', IN_NFT('ip saddr { 203.0.113.99, 10.0.0.0/8 } accept'), SHUT],
    [
      'rejects',
      IN_NFT('tcp dport 23 reject with tcp reset; udp dport 53 reject'),
      { ...SHUT, telnet: 'refused', dns: 'refused' },
    ],
    ['knows ICMP', IN_NFT('icmp type echo-request accept comment "ping"'), { ...SHUT, echo: 'echo-reply' }],
    ['stops what leaves', 'table ip t {\n chain o { type filter hook output priority 0; policy drop; }\n}', SHUT],
  ])('in the words of nft: %s', async (_, text, seen) => {
    const outward = _ === 'stops what leaves' ? { out: 'timed-out' } : {}
    expect(await fates('nft', text)).toEqual({ ...seen, ...outward })
  })

  test('in the words of iptables', async () => {
    const text =
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n'
    expect(await fates('iptables', text)).toEqual({ ...SHUT, ssh: 'refused', out: 'refused' })
  })

  test.each([
    ['nft', 'table ip t { counter s { } }', 'cannot read "counter" in line 1 of the firewall of y'],
    ['nft', 'table ip t { set s { type ipv4_addr; flags timeout; } }', 'cannot read "timeout" in line 1'],
    ['nft', IN_NFT('tcp dport 22 update @s { ip saddr }'), 'cannot read "update" in line 4'],
    ['nft', IN_NFT('tcp dport 22 accept\n    socket cgroupv2 level 1 x accept'), 'cannot read "socket" in line 5'],
    ['nft', 'table ip t {', 'cannot read an early end'],
    ['nft', 'table ip t { chain c {', 'cannot read an early end'],
    ['nft', IN_NFT('tcp dport'), 'cannot read'],
    ['iptables', 'nonsense', 'the firewall of y cannot be read: not-a-ruleset, line 1'],
    [
      'iptables',
      '*raw\n-A PREROUTING -p tcp --dport 1 -j CT --notrack\nCOMMIT\n',
      'the simulator tracks every connection: it does not follow "-A PREROUTING -p tcp -m tcp --dport 1 -j CT --notrack"',
    ],
  ] as const)('that the simulator cannot follow is one clear error (%s: %s)', (language, text, message) => {
    expect(() => readFirewall({ language, text }, 'y')).toThrow(message)
  })

  test('of any text at all is rules or one clear error', () => {
    const words = IN_NFT(
      'tcp dport { 1-2, 3 } ct state new reject with icmpx type x jump "" @s set map elements = vmap : . dnat to 10.0.0.1:80 & | ( fib ct original',
    ).split(/\s+/)
    const text = fc.array(fc.oneof(fc.constantFrom(...words, '\n', '', '"'), fc.string()), { maxLength: 40 })
    fc.assert(
      fc.property(text, fc.constantFrom('nft' as const, 'iptables' as const), (parts, language) => {
        try {
          readFirewall({ language, text: parts.join(' ') }, 'y')
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-input' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('whose fate depends on what nobody can judge is an error too', async () => {
    const text = '*filter\n:INPUT DROP [0:0]\n-A INPUT -m recent --name x --rcheck -j ACCEPT\nCOMMIT\n'
    await expect(fates('iptables', text)).rejects.toMatchObject({ code: 'bad-input' })
  })
})
