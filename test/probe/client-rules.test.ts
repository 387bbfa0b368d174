import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import type { AddressesFact, ClientRulesFact, NodeClients } from '../../src/model/evidence.ts'
import { probeClientRules } from '../../src/probe/host-rules/client-rules.ts'
import { readRules } from '../../src/probe/host-rules/read-rules.ts'
import type { RulesetTexts } from '../../src/ruleset/read-ruleset.ts'

const CLIENTS: NodeClients = { interfaces: 'myst', network: '10.182.0.0/16', accepts: true }
const ETH0 = { interface: 'eth0', address: '203.0.113.10', family: 'ipv4', prefixLength: 24 } as const
const MYST7 = { interface: 'myst7', address: '10.182.3.1', family: 'ipv4', prefixLength: 24 } as const

async function walked(texts: RulesetTexts, addresses: AddressesFact['addresses']): Promise<ClientRulesFact> {
  const ways: Record<string, string> = addresses.includes(MYST7) ? { '10.182.3.2': MYST7.address } : {}
  const host = {
    network: { sourceTowards: async (to: string) => ways[to] ?? ETH0.address },
    netfilter: { rulesets: async () => texts },
  } as unknown as Host
  const { rules } = await readRules(host)
  const fact = { addresses, defaultRoutes: [], source: { ipv4: ETH0.address, ipv6: null } }
  return (await probeClientRules(host, rules!, fact, CLIENTS))!
}

const forward = (policy: string, ...rules: readonly string[]) => ({
  iptablesLegacy: ['*filter', `:FORWARD ${policy} [0:0]`, ...rules, 'COMMIT', ''].join('\n'),
})
const NODES_OWN = ['-A FORWARD -s 10.182.3.0/24 -j ACCEPT', '-A FORWARD -d 10.182.3.0/24 -j ACCEPT']
const POLICY = { kind: 'drop', at: { chain: 'FORWARD', rule: null } }

describe('what a client of the node sends through this host', () => {
  test('passes where nothing stops it, and what comes back too', async () => {
    expect(await walked({ iptablesLegacy: '' }, [ETH0, MYST7])).toEqual({
      interface: 'myst7',
      client: '10.182.3.2',
      isThere: true,
      outwards: { kind: 'accept', at: null, expression: null },
      back: { kind: 'accept', at: null, expression: null },
    })
  })

  test('is dropped by the policy that Docker sets', async () => {
    const iptablesNft = readFileSync(
      new URL('../ruleset/fixtures/docker-20.10.24.iptables-nft-save', import.meta.url),
      'utf8',
    )
    const nft = readFileSync(new URL('../ruleset/fixtures/docker-20.10.24.nft.json', import.meta.url), 'utf8')
    expect(await walked({ nft, iptablesNft }, [ETH0, MYST7])).toMatchObject({ outwards: POLICY, back: POLICY })
  })

  test('passes a policy of dropping with the rules that the node appends', async () => {
    const { outwards, back } = await walked(forward('DROP', ...NODES_OWN), [ETH0, MYST7])
    expect([outwards.kind, back.kind]).toEqual(['accept', 'accept'])
  })

  test('is stopped by a rule before those', async () => {
    const reject = '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'
    const { outwards } = await walked(forward('ACCEPT', reject, ...NODES_OWN), [ETH0, MYST7])
    expect(outwards).toMatchObject({ kind: 'reject', at: { chain: 'FORWARD', rule: reject } })
  })

  test('may go out and not come back', async () => {
    const { outwards, back } = await walked(forward('DROP', '-A FORWARD -i myst+ -j ACCEPT'), [ETH0, MYST7])
    expect([outwards.kind, back]).toMatchObject(['accept', POLICY])
  })

  test('is followed for a client to come where none is there, as far as that can be told', async () => {
    const { back, ...rest } = await walked(forward('DROP'), [ETH0])
    expect(rest).toMatchObject({ interface: 'myst0', client: '10.182.0.2', isThere: false, outwards: POLICY })
    // By which interface it will go is for the client to bring.
    expect(back.kind).toBe('unknown')
  })

  test('is not said to be dropped for its way back, where the interface is yet to come', async () => {
    const nft = JSON.stringify({
      nftables: [
        { metainfo: { json_schema_version: 1 } },
        { table: { family: 'ip', name: 'x', handle: 1 } },
        {
          chain: {
            family: 'ip',
            table: 'x',
            name: 'p',
            handle: 2,
            type: 'filter',
            hook: 'prerouting',
            prio: -300,
            policy: 'accept',
          },
        },
        {
          rule: {
            family: 'ip',
            table: 'x',
            chain: 'p',
            handle: 3,
            expr: [
              { match: { op: '==', left: { fib: { result: 'oif', flags: ['saddr', 'iif'] } }, right: false } },
              { drop: null },
            ],
          },
        },
      ],
    })
    expect((await walked({ nft }, [ETH0])).outwards.kind).toBe('unknown')
    expect((await walked({ nft }, [ETH0, MYST7])).outwards.kind).toBe('accept')
  })
})
