import { expect, test } from 'vitest'
import { readRuleset } from '../../src/ruleset/read-ruleset.ts'

/** As nft 1.0.6 prints them. */
const CHAINS = `table netdev n {
	chain i {
		type filter hook ingress device "d1" priority filter; policy accept;
	}
	chain j {
		type filter hook ingress devices = { d1, lo } priority filter + 5; policy accept;
	}
}
table inet g {
	chain i {
		type filter hook ingress device "lo" priority filter; policy accept;
	}
	chain k {
		type filter hook input priority filter; policy accept;
	}
}
`
const chain = (family: string, table: string, name: string, hook: string, dev?: string) => ({
  chain: {
    family,
    table,
    name,
    type: 'filter',
    hook,
    prio: 0,
    policy: 'accept',
    ...(dev === undefined ? {} : { dev }),
  },
})
const NFT = JSON.stringify({
  nftables: [
    { table: { family: 'netdev', name: 'n' } },
    chain('netdev', 'n', 'i', 'ingress'),
    chain('netdev', 'n', 'j', 'ingress'),
    chain('netdev', 'n', 'told', 'ingress', 'eth9'),
    chain('netdev', 'n', 'untold', 'ingress'),
    { table: { family: 'inet', name: 'g' } },
    chain('inet', 'g', 'i', 'ingress'),
    chain('inet', 'g', 'k', 'input'),
  ],
})

test('devices that the JSON listing leaves out are taken from the other one', () => {
  const read = readRuleset({ nft: NFT, nftChains: CHAINS })
  const chains = read.ok ? read.value.tables.flatMap((table) => table.chains) : []
  expect(chains.map(({ name, base }) => [name, base?.devices])).toEqual([
    ['i', ['d1']],
    ['j', ['d1', 'lo']],
    ['told', ['eth9']],
    ['untold', null],
    ['i', ['lo']],
    ['k', null],
  ])
})
