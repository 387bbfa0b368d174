import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNft } from '../../src/ruleset/read-nft.ts'
import type { Elements } from '../../src/ruleset/ruleset.ts'
import { nftTextToJson } from '../../src/sim/firewall/nft-text-to-json.ts'
import { missingFor } from '../lab/needs.ts'
import { NFT_TEXTS } from './nft-texts.ts'

const missing = missingFor()
const namespace = `pw-nft-text-${process.pid}`

/** The rule set in a listing, without the numbers that only a kernel gives. */
function readBack(listing: string) {
  const read = readNft(listing)
  if (!read.ok) throw new Error(`a listing cannot be read: ${read.code}`)
  const tables = read.value.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({
      ...chain,
      // Not every nft lists to which device a chain is bound.
      base: chain.base && { ...chain.base, devices: null },
      rules: chain.rules.map(({ statements }) => statements.map(({ text: _, ...statement }) => statement)),
    })),
    sets: [...table.sets].sort((a, b) => a.name.localeCompare(b.name)),
  }))
  const text = JSON.stringify(tables, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
  return JSON.parse(text, (_, value) => (value?.kind === 'elements' ? rowsOf(value) : value))
}

/** The kernel lists elements in an order of its own. */
function rowsOf({ columns, data }: Elements): readonly string[] {
  return columns[0]!.lows
    .map((_, index) =>
      JSON.stringify([columns.map(({ lows, highs }) => [lows[index], highs[index]]), data?.[index] ?? null]),
    )
    .sort()
}

describe.skipIf(missing)(`nft's own listing and ours read the same${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', namespace])
    execFileSync('ip', ['-n', namespace, 'link', 'add', 'eth0', 'type', 'bridge'])
  })
  afterAll(() => {
    execFileSync('ip', ['netns', 'del', namespace])
  })

  test.each(Object.entries(NFT_TEXTS))('%s', (_, text) => {
    const inside = (...command: string[]) => ['netns', 'exec', namespace, ...command]
    execFileSync('ip', inside('nft', 'flush', 'ruleset'))
    execFileSync('ip', inside('nft', '-f', '-'), { input: text })
    const listed = execFileSync('ip', inside('nft', '--json', 'list', 'ruleset'), { encoding: 'utf8' })
    expect(readBack(nftTextToJson(text, 'y'))).toEqual(readBack(listed))
  })
})
