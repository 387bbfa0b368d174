import type { Answer } from '../../model/answer.ts'
import { destinationIs, every, interfaceIs, not, type RedirectQuery, some } from './redirect-query.ts'

type Json = unknown
type Chains = ReadonlyMap<string, readonly Json[]>

const DEEPEST_JUMP = 16

/** What `nft -j list ruleset` holds, as far as destination NAT needs it. Undefined for what is not its JSON. */
export interface NftRules {
  /** Rules of a chain, by `FAMILY TABLE CHAIN`. */
  readonly chains: Chains
  /** Chains at the prerouting hook. */
  readonly prerouting: readonly string[]
  /** Is there a chain of type nat? */
  readonly nat: boolean
  /** Has iptables-nft written rules that nft's JSON does not tell? */
  readonly foreign: boolean
}

export function parseNftRules(json: string): NftRules | undefined {
  const entries = entriesOf(json)
  if (entries === undefined) return undefined
  const chains = new Map<string, Json[]>()
  const prerouting: string[] = []
  let nat = false
  for (const entry of entries) {
    const chain = field(entry, 'chain')
    if (chain !== undefined) {
      const name = `${field(chain, 'family')} ${field(chain, 'table')} ${field(chain, 'name')}`
      chains.set(name, [])
      if (field(chain, 'hook') === 'prerouting') prerouting.push(name)
      if (field(chain, 'type') === 'nat') nat = true
    }
    const rule = field(entry, 'rule')
    if (rule === undefined) continue
    chains.get(`${field(rule, 'family')} ${field(rule, 'table')} ${field(rule, 'chain')}`)?.push(field(rule, 'expr'))
  }
  return { chains, prerouting, nat, foreign: /"xt":/.test(json) }
}

function entriesOf(json: string): readonly Json[] | undefined {
  try {
    const entries = field(JSON.parse(json), 'nftables')
    return Array.isArray(entries) ? entries : undefined
  } catch {
    return undefined
  }
}

/**
 * Does a rule at prerouting translate the packet's destination? Rules with parts that iptables-nft wrote and nft does
 * not show are passed over: `judgeIptables` reads those.
 */
export function judgeNft({ chains, prerouting }: NftRules, query: RedirectQuery): Answer {
  const mine = prerouting.filter((name) =>
    ['inet', query.family === 'ipv4' ? 'ip' : 'ip6'].includes(name.split(' ')[0]!),
  )
  return some(mine.map((name) => judgeChain(name, chains, query, 0)))
}

function judgeChain(name: string, chains: Chains, query: RedirectQuery, depth: number): Answer {
  if (depth > DEEPEST_JUMP) return 'unknown'
  const answers: Answer[] = []
  let reached: Answer = 'yes'
  for (const rule of chains.get(name) ?? []) {
    const statements: readonly Json[] = Array.isArray(rule) ? rule : []
    if (statements.some((statement) => field(statement, 'xt') !== undefined)) continue
    const matches = every(statements.map((statement) => matchOf(field(statement, 'match'), query)))
    if (matches === 'no') continue
    const jump = (chain: string) => judgeChain(siblingOf(name, chain), chains, query, depth + 1)
    answers.push(every([reached, matches, some(statements.map((statement) => verdictOf(statement, query, jump)))]))
    if (statements.some(ends)) reached = every([reached, not(matches)])
    if (reached === 'no') break
  }
  return some(answers)
}

function siblingOf(name: string, chain: string): string {
  const [family, table] = name.split(' ')
  return `${family} ${table} ${chain}`
}

function ends(statement: Json): boolean {
  return ['accept', 'drop', 'return', 'reject'].some((verdict) => field(statement, verdict) !== undefined)
}

/** Does this statement take the packet elsewhere, given that the rule matches? */
function verdictOf(statement: Json, query: RedirectQuery, jump: (chain: string) => Answer): Answer {
  for (const verdict of ['dnat', 'redirect', 'tproxy']) {
    const target = field(statement, verdict)
    if (target !== undefined) return targetOf(target, query)
  }
  const target = field(field(statement, 'jump') ?? field(statement, 'goto'), 'target')
  if (typeof target === 'string') return jump(target)
  return field(statement, 'vmap') === undefined ? 'no' : 'unknown'
}

/** `dnat to tcp dport map { 8080 : 10.0.0.2 }` translates the ports of its map alone. */
function targetOf(target: Json, query: RedirectQuery): Answer {
  const map = field(field(target, 'addr'), 'map') ?? field(field(target, 'port'), 'map')
  if (map === undefined) return 'yes'
  const elements = field(field(map, 'data'), 'set')
  if (!Array.isArray(elements) || field(field(field(map, 'key'), 'payload'), 'field') !== 'dport') return 'unknown'
  return some(elements.map((element) => (Array.isArray(element) ? numberIs(element[0], query.port) : 'unknown')))
}

function matchOf(match: Json, query: RedirectQuery): Answer {
  if (match === undefined) return 'yes'
  const right = field(match, 'right')
  const answer = leftIs(field(match, 'left'), right, query)
  if (field(match, 'op') === '!=') return not(answer)
  return field(match, 'op') === '==' || field(match, 'op') === 'in' ? answer : 'unknown'
}

function leftIs(left: Json, right: Json, query: RedirectQuery): Answer {
  const payload = field(left, 'payload')
  if (payload !== undefined) return payloadIs(payload, right, query)
  const key = field(field(left, 'meta'), 'key')
  if (key === 'l4proto') return anyOf(right, (value) => protocolIs(value, query))
  if (key === 'nfproto') return anyOf(right, (value) => (value === query.family ? 'yes' : 'no'))
  if (key === 'iifname' || key === 'iif') return anyOf(right, (value) => interfaceIs(String(value), query))
  const fib = field(left, 'fib')
  if (field(fib, 'result') === 'type') return anyOf(right, (value) => (value === 'local' ? 'yes' : 'no'))
  return 'unknown'
}

function payloadIs(payload: Json, right: Json, query: RedirectQuery): Answer {
  const protocol = field(payload, 'protocol')
  const name = field(payload, 'field')
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'th') {
    if (protocol !== 'th' && protocol !== query.transport) return 'no'
    return name === 'dport' ? anyOf(right, (value) => numberIs(value, query.port)) : 'unknown'
  }
  if (protocol === 'ip' || protocol === 'ip6') {
    if ((protocol === 'ip') !== (query.family === 'ipv4')) return 'no'
    if (name === 'protocol' || name === 'nexthdr') return anyOf(right, (value) => protocolIs(value, query))
    return name === 'daddr' ? anyOf(right, (value) => addressIs(value, query)) : 'unknown'
  }
  return 'unknown'
}

function anyOf(right: Json, test: (value: Json) => Answer): Answer {
  const set = Array.isArray(right) ? right : field(right, 'set')
  return Array.isArray(set) ? some(set.map(test)) : test(right)
}

function protocolIs(value: Json, { transport }: RedirectQuery): Answer {
  return value === transport || value === (transport === 'tcp' ? 6 : 17) ? 'yes' : 'no'
}

function numberIs(value: Json, port: number): Answer {
  if (typeof value === 'number') return value === port ? 'yes' : 'no'
  const range = field(value, 'range')
  if (!Array.isArray(range)) return 'unknown'
  return Number(range[0]) <= port && port <= Number(range[1]) ? 'yes' : 'no'
}

function addressIs(value: Json, query: RedirectQuery): Answer {
  const prefix = field(value, 'prefix')
  if (prefix !== undefined) return destinationIs(`${field(prefix, 'addr')}/${field(prefix, 'len')}`, query)
  return typeof value === 'string' ? destinationIs(value, query) : 'unknown'
}

/** A member of an object; undefined for anything that has none. `{ "drop": null }` has one. */
function field(value: Json, name: string): Json {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, Json>>)[name]
}
