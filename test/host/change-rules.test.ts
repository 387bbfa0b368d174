import { describe, expect, test } from 'vitest'
import { deleteNftRule, insertIptablesRule, insertNftRule } from '../../src/host/os/change-rules.ts'

const NFT = { family: 'inet', table: 'filter', chain: 'input' } as const
const XT = { backend: 'legacy', family: 'ipv4', table: 'filter', chain: 'INPUT' } as const
const RULE = 'tcp dport 4001 accept'
const TAG = 'peerway:abcd1234'

// Each is refused before any program is started.
describe('nothing that means more than one rule is handed to a program:', () => {
  test.each<[what: string, act: () => Promise<void>]>([
    ['a second statement', () => insertNftRule(NFT, `${RULE}; flush ruleset`, TAG, null)],
    ['a second line', () => insertNftRule(NFT, `${RULE}\nflush ruleset`, TAG, null)],
    ['a variable', () => insertNftRule(NFT, 'tcp dport $port accept', TAG, null)],
    ['a comment that ends early', () => insertNftRule(NFT, RULE, 'peerway"; flush ruleset', null)],
    ['a chain that is several words', () => insertNftRule({ ...NFT, chain: 'input drop' }, RULE, TAG, null)],
    ['a table that is several words', () => deleteNftRule({ ...NFT, table: 'filter input handle 1' }, 1)],
    ['a family that there is not', () => insertNftRule({ ...NFT, family: 'ip; flush' as 'ip' }, RULE, TAG, null)],
    ['a handle that is none', () => deleteNftRule(NFT, 0)],
    ['a number that is none', () => insertIptablesRule(XT, ['-j', 'ACCEPT'], 1.5)],
    ['a chain that is an option', () => insertIptablesRule({ ...XT, chain: '-F' }, ['-j', 'ACCEPT'], null)],
    ['a table that is an option', () => insertIptablesRule({ ...XT, table: '-F' }, ['-j', 'ACCEPT'], null)],
    ['a word with a line end', () => insertIptablesRule(XT, ['-j', 'ACCEPT\n-F'], null)],
    ['words without end', () => insertIptablesRule(XT, Array(200).fill('!'), null)],
  ])('%s', async (_, act) => {
    await expect(act()).rejects.toBeInstanceOf(RangeError)
  })
})
