import { type CompiledRuleset, compile } from '../../src/ruleset/compile.ts'
import { readIptables } from '../../src/ruleset/read-iptables.ts'
import { readNft } from '../../src/ruleset/read-nft.ts'

/** Helpers that write listings by hand, and read them as the programs' output is read. */

export const ACCEPT = { accept: null }
export const DROP = { drop: null }
export const jump = (target: string) => ({ jump: { target } })
export const goTo = (target: string) => ({ goto: { target } })
export const payload = (protocol: string, field: string) => ({ payload: { protocol, field } })
export const meta = (key: string) => ({ meta: { key } })
export const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } })
export const port = (right: unknown, op = '==') => match(payload('tcp', 'dport'), right, op)

type Body = Readonly<Record<string, unknown>>

export interface ChainText {
  readonly name: string
  readonly base?: Body
  readonly rules: readonly (readonly unknown[])[]
}

export const INPUT: Body = { type: 'filter', hook: 'input', prio: 0, policy: 'drop' }

/** A listing of one inet table. */
export function listing(chains: readonly ChainText[], sets: readonly Body[] = []): string {
  const place = { family: 'inet', table: 't' }
  return JSON.stringify({
    nftables: [
      { metainfo: { json_schema_version: 1 } },
      { table: { family: 'inet', name: 't' } },
      ...sets.map((set) => ({ [set.map === undefined ? 'set' : 'map']: { ...place, ...set } })),
      ...chains.map(({ name, base }) => ({ chain: { ...place, name, ...base } })),
      ...chains.flatMap(({ name, rules }) =>
        rules.map((expr, index) => ({ rule: { ...place, chain: name, handle: index + 1, expr } })),
      ),
    ],
  })
}

export function compiledNft(text: string): CompiledRuleset {
  const read = readNft(text)
  if (!read.ok) throw new Error(read.code)
  return compile(read.value)
}

export function compiledIptables(text: string, family: 'ip' | 'ip6' = 'ip'): CompiledRuleset {
  const read = readIptables(text, family, 'legacy')
  if (!read.ok) throw new Error(`${read.code} at ${read.offset}`)
  return compile(read.value)
}
