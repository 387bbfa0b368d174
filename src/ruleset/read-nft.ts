import { type Decoded, decoded, malformed } from '../wire/bytes.ts'
import { integer, type Json, list, member, objectOf, only, text } from './json.ts'
import { parseNftNamedSet } from './nft-elements.ts'
import { parseNftRule } from './nft-statement.ts'
import { nftText } from './nft-text.ts'
import type { BaseChain, Chain, Hook, NamedSet, Rule, Ruleset, Table, TableFamily } from './ruleset.ts'

export type NftErrorCode = 'too-large' | 'not-json' | 'not-a-ruleset' | 'too-many-rules'

const MAX_CHARACTERS = 256 * 1024 * 1024
const MAX_OBJECTS = 2_000_000

/**
 * Reads what `nft --json list ruleset` prints. Expressions and statements that nobody knows become unknown ones that
 * carry their text; only text that is no listing at all is an error: 'too-large' (over 256 Mi characters), 'not-json'
 * (cut short, for example), 'not-a-ruleset' (JSON of something else), 'too-many-rules' (over 2,000,000 objects).
 */
export function readNft(listing: string): Decoded<Ruleset, NftErrorCode> {
  if (listing.length > MAX_CHARACTERS) return malformed('too-large', MAX_CHARACTERS)
  let json: Json
  try {
    json = JSON.parse(listing)
  } catch {
    return malformed('not-json', 0)
  }
  const objects = list(member(json, 'nftables'))
  if (objects === undefined) return malformed('not-a-ruleset', 0)
  if (objects.length > MAX_OBJECTS) return malformed('too-many-rules', MAX_OBJECTS)
  return decoded(collect(objects))
}

interface Draft {
  readonly table: Omit<Table, 'chains' | 'sets'>
  readonly chains: Map<string, { readonly base: BaseChain | null; readonly rules: Rule[] }>
  readonly sets: NamedSet[]
}

function collect(objects: readonly Json[]): Ruleset {
  const drafts = new Map<string, Draft>()
  const notes: string[] = []
  for (const object of objects) {
    const [kind, body] = only(object) ?? ['', undefined]
    if (kind === 'table') addTable(drafts, body)
    const draft = drafts.get(tableKey(body, kind === 'table' ? 'name' : 'table'))
    if (draft === undefined) {
      if (kind !== 'metainfo') notes.push(`a ${kind || 'nameless object'} outside of any table`)
    } else if (kind === 'chain') addChain(draft, body)
    else if (kind === 'rule') addRule(draft, body, notes)
    else if (kind === 'set' || kind === 'map') addSet(draft, body)
  }
  const tables = [...drafts.values()].map(({ table, chains, sets }) => ({
    ...table,
    chains: [...chains].map(([name, { base, rules }]): Chain => ({ name, base, rules })),
    sets,
  }))
  return { tables, notes }
}

function tableKey(body: Json, nameKey: string): string {
  return `${text(member(body, 'family'))} ${text(member(body, nameKey))}`
}

const FAMILIES: ReadonlySet<string> = new Set<TableFamily>(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'])

function addTable(drafts: Map<string, Draft>, body: Json): void {
  const [family, name] = [text(member(body, 'family')), text(member(body, 'name'))]
  if (family === undefined || name === undefined || !FAMILIES.has(family)) return
  const flags = [member(body, 'flags')].flat()
  const dormant = flags.includes('dormant')
  // nft 1.0.6 says "owned" in JSON, where its own language says "owner".
  const isOwned = flags.includes('owned') || flags.includes('owner')
  const table = {
    backend: 'nft' as const,
    family: family as TableFamily,
    name,
    dormant,
    ...(isOwned && { owned: true as const }),
  }
  drafts.set(tableKey(body, 'name'), { table, chains: new Map(), sets: [] })
}

const HOOKS: ReadonlySet<string> = new Set<Hook>([
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
])

function addChain(draft: Draft, body: Json): void {
  const name = text(member(body, 'name'))
  if (name !== undefined) draft.chains.set(name, { base: baseOf(body), rules: [] })
}

function baseOf(body: Json): BaseChain | null {
  const [hook, type] = [text(member(body, 'hook')), text(member(body, 'type'))]
  if (hook === undefined || !HOOKS.has(hook)) return null
  const devices = [member(body, 'dev')].flat().filter((name) => typeof name === 'string')
  return {
    type: type === 'nat' || type === 'route' ? type : 'filter',
    hook: hook as Hook,
    priority: integer(member(body, 'prio')) ?? 0,
    policy: member(body, 'policy') === 'drop' ? 'drop' : 'accept',
    devices: devices.length > 0 ? devices : null,
  }
}

function addRule(draft: Draft, body: Json, notes: string[]): void {
  const chain = draft.chains.get(text(member(body, 'chain')) ?? '')
  if (chain === undefined) {
    notes.push(`a rule of no chain in table ${draft.table.family} ${draft.table.name}`)
    return
  }
  const expressions = list(member(body, 'expr')) ?? []
  const statements = parseNftRule(expressions, draft.table.family)
  chain.rules.push({
    text: ruleText(expressions),
    handle: integer(member(body, 'handle')) ?? 0,
    comment: text(member(body, 'comment')) ?? null,
    statements,
  })
}

const MAX_RULE_TEXT = 1000

function ruleText(expressions: readonly Json[]): string {
  return expressions.slice(0, 100).map(nftText).join(' ').slice(0, MAX_RULE_TEXT)
}

/** A set is also listed under its own name by the statements that meter; the listing's own entry comes first. */
function addSet(draft: Draft, body: Json): void {
  const set = objectOf(body) === undefined ? undefined : parseNftNamedSet(body)
  if (set !== undefined) draft.sets.push(set)
}
