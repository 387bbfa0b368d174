import { PeerwayError } from '../../model/error.ts'
import { END, isEnd, type Word, wordsOf } from './nft-words.ts'

/** A value of JSON as `nft --json` writes it. */
type Json = null | string | number | readonly Json[] | { readonly [key: string]: Json }

/**
 * Rules in the language of `nft -f` as `nft --json list ruleset` would list them, for the words that hosts' firewalls
 * mostly use: tables, base and other chains; matches on interfaces, addresses, protocols, ports, ICMP types and the state
 * of the connection, with single values, ranges, prefixes and anonymous sets; verdicts, reject, counter, comment.
 * PeerwayError `bad-input`, with the line, for anything else.
 */
export function nftTextToJson(text: string, host: string): string {
  const parser = new NftParser(text, host)
  return JSON.stringify({ nftables: parser.tables() })
}

const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
}

const VERDICTS = ['accept', 'drop', 'return', 'continue']

class NftParser {
  readonly #words: readonly Word[]
  readonly #host: string
  #at = 0

  constructor(text: string, host: string) {
    this.#host = host
    this.#words = wordsOf(text)
  }

  tables(): readonly Json[] {
    const objects: Json[] = []
    for (this.#skipEnds(); this.#peek() !== END; this.#skipEnds()) {
      this.#expect('table')
      const family = FAMILIES.includes(this.#peek().text) ? this.#next().text : 'ip'
      objects.push(...this.#table(family, this.#next().text))
    }
    return objects
  }

  #table(family: string, name: string): readonly Json[] {
    const objects: Json[] = [{ table: { family, name } }]
    this.#expect('{')
    for (this.#skipEnds(); !this.#take('}'); this.#skipEnds()) {
      this.#expect('chain')
      objects.push(...this.#chain(family, name, this.#next().text))
    }
    return objects
  }

  #chain(family: string, table: string, name: string): readonly Json[] {
    const base: Record<string, Json> = {}
    const rules: Json[] = []
    this.#expect('{')
    for (this.#skipEnds(); !this.#take('}'); this.#skipEnds()) {
      const { text, line } = this.#peek()
      if (this.#peek() === END) throw this.#unknown(END)
      if (text === 'type') Object.assign(base, this.#hook())
      else if (text === 'policy') {
        this.#next()
        base.policy = this.#next().text
      } else {
        const forms = inEveryFamily(family, this.#rule())
        rules.push(...forms.map((expr) => ({ rule: { family, table, chain: name, handle: line, expr } })))
      }
    }
    return [{ chain: { family, table, name, ...base } }, ...rules]
  }

  #hook(): Record<string, Json> {
    this.#expect('type')
    const type = this.#next().text
    this.#expect('hook')
    const hook = this.#next().text
    this.#expect('priority')
    return { type, hook, prio: this.#priority() }
  }

  /** `filter`, `-10`, `filter + 10`. */
  #priority(): number {
    const word = this.#next()
    const base = Object.hasOwn(PRIORITIES, word.text) ? PRIORITIES[word.text]! : Number(word.text)
    if (!Number.isInteger(base)) throw this.#unknown(word)
    const sign = this.#take('+') ? 1 : this.#take('-') ? -1 : 0
    return sign === 0 ? base : base + sign * Number(this.#next().text)
  }

  #rule(): readonly Json[] {
    const expressions: Json[] = []
    while (!isEnd(this.#peek()) && this.#peek().text !== '}') {
      const statement = this.#statement()
      if (statement !== undefined) expressions.push(statement)
    }
    return expressions
  }

  #statement(): Json | undefined {
    const word = this.#next()
    if (VERDICTS.includes(word.text)) return { [word.text]: null }
    if (word.text === 'jump' || word.text === 'goto') return { [word.text]: { target: this.#next().text } }
    if (word.text === 'counter') return { counter: null }
    if (word.text === 'comment') return void this.#next()
    if (word.text === 'reject') return { reject: this.#rejection() }
    const left = this.#key(word)
    return this.#match(left)
  }

  #rejection(): Json {
    if (!this.#take('with')) return null
    const type = this.#next().text
    if (type === 'tcp') {
      this.#expect('reset')
      return { type: 'tcp reset' }
    }
    this.#take('type')
    return { type, expr: this.#next().text }
  }

  #key(word: Word): Json {
    const { text } = word
    if (['iif', 'iifname', 'oif', 'oifname', 'mark', 'l4proto', 'nfproto'].includes(text))
      return { meta: { key: text } }
    if (text === 'meta') return { meta: { key: this.#next().text } }
    if (text === 'ct') return { ct: { key: this.#next().text } }
    if (['ip', 'ip6', 'tcp', 'udp', 'th', 'icmp', 'icmpv6'].includes(text)) {
      return { payload: { protocol: text, field: this.#next().text } }
    }
    throw this.#unknown(word)
  }

  #match(left: Json): Json {
    const negated = this.#take('!=')
    if (!negated) this.#take('==')
    const isBits = JSON.stringify(left) === '{"ct":{"key":"state"}}'
    const right = this.#values()
    const op = negated ? '!=' : isBits && Array.isArray(right) ? 'in' : '=='
    return { match: { op, left, right } }
  }

  #values(): Json {
    if (this.#take('{')) {
      const elements: Json[] = []
      for (this.#skipEnds(); !this.#take('}'); this.#skipEnds()) {
        elements.push(this.#value())
        this.#take(',')
      }
      return { set: elements }
    }
    const first = this.#value()
    if (this.#peek().text !== ',') return first
    const all = [first]
    while (this.#take(',')) all.push(this.#value())
    return all
  }

  #value(): Json {
    const word = this.#next()
    const { text } = word
    if (isEnd(word) || ['{', '}', ','].includes(text) || text.startsWith('@')) throw this.#unknown(word)
    const range = /^(\w[\w.:]*)-(\w[\w.:]*)$/.exec(text)
    if (range !== null && /^[\d.]+$|:/.test(range[1]!)) return { range: [plain(range[1]!), plain(range[2]!)] }
    const prefix = /^([\d.]+|[\da-f:]+)\/(\d+)$/.exec(text)
    if (prefix !== null) return { prefix: { addr: prefix[1]!, len: Number(prefix[2]) } }
    return plain(text)
  }

  #peek(): Word {
    return this.#words[this.#at] ?? END
  }

  #next(): Word {
    const word = this.#peek()
    this.#at++
    return word
  }

  #take(text: string): boolean {
    if (this.#peek() === END || this.#peek().text !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    const word = this.#next()
    if (word.text !== text) throw this.#unknown(word)
  }

  #skipEnds(): void {
    while (this.#peek() !== END && isEnd(this.#peek())) this.#at++
  }

  #unknown({ text, line }: Word): PeerwayError {
    const what = text.trim() === '' ? 'an early end' : `"${text}"`
    const where = line === 0 ? 'at its end' : `in line ${line}`
    return new PeerwayError('bad-input', `the simulator cannot read ${what} ${where} of the firewall of ${this.#host}`)
  }
}

/**
 * A listing leaves the family out of rules of an inet table that end with a TCP reset, and so its reader cannot know which
 * is meant. The text does not: a rule without a family is one for each.
 */
function inEveryFamily(family: string, expressions: readonly Json[]): readonly (readonly Json[])[] {
  if (family !== 'inet' || !JSON.stringify(expressions).includes('tcp reset')) return [expressions]
  return ['ipv4', 'ipv6'].map((right) => [
    { match: { op: '==', left: { meta: { key: 'nfproto' } }, right } },
    ...expressions,
  ])
}

function plain(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}
