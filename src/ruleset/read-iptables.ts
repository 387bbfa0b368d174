import { type Decoded, decoded, malformed } from '../wire/bytes.ts'
import { type RuleWords, ruleWords, splitWords } from './iptables-words.ts'
import type { Backend, BaseChain, Chain, Hook, Rule, Ruleset, Statement, Table } from './ruleset.ts'
import { protocolNumber, XT_MATCHES } from './xt-match.ts'
import { XT_TARGETS } from './xt-target.ts'

/** `offset` of these errors is a line number, from 1. */
export type IptablesErrorCode = 'too-large' | 'too-many-rules' | 'truncated' | 'not-a-ruleset'

const MAX_CHARACTERS = 256 * 1024 * 1024
const MAX_RULES = 1_000_000
const MAX_LINE = 65_536

type Family = 'ip' | 'ip6'

interface Draft {
  readonly name: string
  readonly chains: Map<string, { readonly base: BaseChain | null; readonly rules: Rule[] }>
}

/**
 * Reads what `iptables-save` or, with family ip6, `ip6tables-save` prints, of either backend. Matches and targets that
 * nobody knows become unknown ones. Errors: 'too-large' (256 Mi characters), 'too-many-rules' (1,000,000), 'truncated'
 * (a table without its COMMIT), 'not-a-ruleset' (a line that iptables-save does not write, or of over 65,536 characters).
 */
export function readIptables(saved: string, family: Family, backend: Backend): Decoded<Ruleset, IptablesErrorCode> {
  if (saved.length > MAX_CHARACTERS) return malformed('too-large', 0)
  const tables: Table[] = []
  const notes: string[] = []
  let draft: Draft | null = null
  let rules = 0
  const lines = saved.split('\n')
  for (const [index, line] of lines.entries()) {
    const number = index + 1
    if (line.trim() === '') continue
    if (line.startsWith('#')) {
      if (/is incompatible/.test(line)) notes.push(line.replace(/^#\s*/, ''))
    } else if (line.startsWith('*')) {
      if (draft !== null) return malformed('truncated', number)
      draft = { name: line.slice(1).trim(), chains: new Map() }
    } else if (draft === null) return malformed('not-a-ruleset', number)
    else if (line.startsWith('COMMIT')) {
      tables.push(finished(draft, family, backend))
      draft = null
    } else if (line.startsWith(':')) addChain(draft, line)
    else {
      if (++rules > MAX_RULES) return malformed('too-many-rules', number)
      if (!addRule(draft, line, number, family)) return malformed('not-a-ruleset', number)
    }
  }
  return draft === null ? decoded({ tables, notes }) : malformed('truncated', lines.length)
}

function finished(draft: Draft, family: Family, backend: Backend): Table {
  const chains = [...draft.chains].map(([name, { base, rules }]): Chain => ({ name, base, rules }))
  return { backend, family, name: draft.name, dormant: false, chains, sets: [] }
}

const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
}

/** Priorities of the kernel (netfilter_ipv4.h); the table nat has another one on the sender's side. */
const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }
const PRIORITY_NAT_SOURCE = 100

function addChain(draft: Draft, line: string): void {
  const [name, policy] = line.slice(1).split(/\s+/)
  const hook = policy === '-' || !Object.hasOwn(HOOKS, name!) ? undefined : HOOKS[name!]
  const base = hook === undefined ? null : baseChain(draft.name, hook, policy === 'DROP' ? 'drop' : 'accept')
  draft.chains.set(name!, { base, rules: [] })
}

function baseChain(table: string, hook: Hook, policy: 'accept' | 'drop'): BaseChain {
  const isSource = table === 'nat' && (hook === 'input' || hook === 'postrouting')
  return {
    type: table === 'nat' ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter',
    hook,
    priority: isSource ? PRIORITY_NAT_SOURCE : Object.hasOwn(PRIORITIES, table) ? PRIORITIES[table]! : 0,
    policy,
    devices: null,
  }
}

function addRule(draft: Draft, line: string, number: number, family: Family): boolean {
  if (line.length > MAX_LINE) return false
  const text = line.replace(/^\[[0-9]+:[0-9]+\]\s*/, '').trimEnd()
  const words = splitWords(text)
  const parts = words === undefined ? undefined : ruleWords(words)
  const chain = parts === undefined ? undefined : draft.chains.get(parts.chain)
  if (parts === undefined || chain === undefined) return false
  const statements = [...conditions(parts, family), ...ending(parts, family)]
  chain.rules.push({ text, handle: number, comment: commentOf(parts), statements })
  return true
}

function commentOf(parts: RuleWords): string | null {
  return parts.groups.find(({ module }) => module === 'comment')?.options[0]?.words[0] ?? null
}

function conditions(parts: RuleWords, family: Family): readonly Statement[] {
  const named = parts.groups[0]?.options.find(({ name, negated }) => name === '-p' && !negated)?.words[0]
  const scope = { family, protocol: named === undefined ? null : (protocolNumber(named) ?? null) }
  return parts.groups.flatMap((group) => {
    const module = group.module ?? ''
    const known = Object.hasOwn(XT_MATCHES, module) ? XT_MATCHES[module]! : {}
    const unknown = group.options.some(({ name }) => !Object.hasOwn(known, name))
    // One option that nobody knows may change what the module's other ones mean.
    if (unknown) return [{ kind: 'maybe', text: group.text } satisfies Statement]
    return group.options.flatMap((option): Statement[] => {
      const action = known[option.name]!(option, scope)
      return action === null ? [] : [{ ...action, text: group.text }]
    })
  })
}

function ending(parts: RuleWords, family: Family): readonly Statement[] {
  const { target, isGoto } = parts
  if (target === null) return []
  const name = target.module!
  if (isGoto) return [{ kind: 'verdict', verdict: { kind: 'goto', chain: name }, text: target.text }]
  if (Object.hasOwn(XT_TARGETS, name)) {
    const action = XT_TARGETS[name]!(target, family)
    return action === null ? [] : [{ ...action, text: target.text }]
  }
  // A chain of the table, or a target that nobody knows: the compiler finds out which.
  return [{ kind: 'verdict', verdict: { kind: 'jump', chain: name }, text: target.text }]
}
