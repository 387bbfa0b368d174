import { describe, expect, test } from 'vitest'
import { compile } from '../../src/ruleset/compile.ts'
import type { Packet } from '../../src/ruleset/packet.ts'
import { type RulesetTexts, readRuleset } from '../../src/ruleset/read-ruleset.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
import { ACCEPT, INPUT, listing, port } from './nft-listing.ts'

const SYN: Packet = {
  family: 'ipv4',
  source: '198.51.100.7',
  destination: '203.0.113.1',
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 22,
  tcpFlags: 2,
  inInterface: 'eth0',
}

function walked(texts: RulesetTexts, packet = SYN) {
  const read = readRuleset(texts)
  if (!read.ok) throw new Error(read.code)
  const local = ({ destination }: Packet) => (destination === '203.0.113.1' ? 'local' : { out: 'lan0' })
  return walkPacket(compile(read.value), packet, { route: local })
}

const nft = listing([{ name: 'in', base: INPUT, rules: [[port(22), ACCEPT]] }])
const saved = (table: string, ...lines: string[]) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`

describe('rules of several backends', () => {
  test('a drop in the older tables wins over an accept of nft', () => {
    const iptablesLegacy = saved('filter', ':INPUT ACCEPT [0:0]', '-A INPUT -p tcp -m tcp --dport 22 -j DROP')
    expect(walked({ nft, iptablesLegacy })).toMatchObject({
      kind: 'drop',
      by: { at: { backend: 'legacy', table: 'filter', chain: 'INPUT', rule: { handle: 3 } } },
    })
  })

  test('the older tables of one family leave the other alone', () => {
    const ip6tablesLegacy = saved('filter', ':INPUT DROP [0:0]')
    expect(walked({ nft, ip6tablesLegacy }).kind).toBe('accept')
  })

  test('which of two translations comes first is not known across backends', () => {
    const to = (address: string) => [`-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination ${address}`]
    const chain = ':PREROUTING ACCEPT [0:0]'
    const different = {
      iptablesNft: saved('nat', chain, ...to('10.0.0.1')),
      iptablesLegacy: saved('nat', chain, ...to('10.0.0.2')),
    }
    expect(walked(different)).toMatchObject({ kind: 'unknown', expression: expect.stringContaining('prerouting') })
    const same = { ...different, iptablesLegacy: saved('nat', chain, ...to('10.0.0.1')) }
    expect(walked(same)).toMatchObject({ kind: 'accept', packet: { destination: '10.0.0.1' } })
  })
})

describe('tables of iptables-nft', () => {
  const xt = JSON.stringify({
    nftables: [
      { table: { family: 'ip', name: 'filter' } },
      { chain: { family: 'ip', table: 'filter', name: 'INPUT', ...INPUT } },
      {
        rule: {
          ...{ family: 'ip', table: 'filter', chain: 'INPUT', handle: 7 },
          expr: [{ xt: { type: 'match', name: 'conntrack' } }, { xt: { type: 'target', name: 'REJECT' } }],
        },
      },
    ],
  })

  test('alone are names that decide nothing', () => {
    expect(walked({ nft: xt })).toMatchObject({ kind: 'unknown', expression: 'xt target REJECT' })
  })

  test('take their words from iptables-nft-save', () => {
    const words = '-A INPUT -m conntrack --ctstate NEW -j REJECT --reject-with icmp-host-prohibited'
    const iptablesNft = saved('filter', ':INPUT DROP [0:0]', words)
    expect(walked({ nft: xt, iptablesNft })).toMatchObject({
      kind: 'reject',
      rejection: { kind: 'icmp', ipv4: { type: 3, code: 10 } },
      by: { at: { rule: { text: words } } },
    })
  })

  test('are walked once, though both programs list them', () => {
    const iptablesNft = saved('filter', ':INPUT ACCEPT [0:0]')
    expect(walked({ nft, iptablesNft })).toMatchObject({ kind: 'accept', trail: { length: 1 } })
  })

  test('that iptables cannot show are told', () => {
    const read = readRuleset({ iptablesNft: "# Table `filter' is incompatible, use 'nft' tool.\n" })
    expect(read).toMatchObject({ ok: true, value: { notes: ["Table `filter' is incompatible, use 'nft' tool."] } })
  })

  test('cut short are an error', () => {
    expect(readRuleset({ nft, iptablesNft: '*filter\n' })).toMatchObject({ ok: false, code: 'truncated' })
  })
})
