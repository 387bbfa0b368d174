import { readNftElements } from './nft-elements-text.ts'
import { readNftRule } from './nft-rule-text.ts'
import { NftWords } from './nft-words.ts'

/** A value of JSON as `nft --json` writes it. */
export type Json = null | boolean | string | number | readonly Json[] | { readonly [key: string]: Json }

/**
 * Rules in the language of `nft -f` as `nft --json list ruleset` would list them, for the words that hosts' firewalls
 * mostly use: tables, base and other chains, sets and maps; matches on interfaces, addresses, protocols, ports, ICMP types, TCP
 * flags, marks, the routing tables and the connection, with values, ranges, prefixes, sets and concatenations; verdicts and
 * verdict maps, reject, translations, marks, counter, log, comment. PeerwayError `bad-input`, with the line, for anything else.
 */
export function nftTextToJson(text: string, host: string): string {
  return JSON.stringify({ nftables: new NftText(text, host).tables() })
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

class NftText {
  readonly #words: NftWords
  /** The listing has the sets of a table before its rules, wherever they stand in the text. */
  readonly #objects: Json[] = []

  constructor(text: string, host: string) {
    this.#words = new NftWords(text, host)
  }

  tables(): readonly Json[] {
    const words = this.#words
    for (words.skipEnds(); words.peek().line !== 0; words.skipEnds()) {
      // A new network has no rules yet.
      if (words.take('flush')) words.expect('ruleset')
      else {
        words.expect('table')
        this.#table(words.takeOne(FAMILIES) ?? 'ip', words.plain())
      }
    }
    return this.#objects
  }

  #table(family: string, name: string): void {
    this.#objects.push({ table: { family, name } })
    const words = this.#words
    words.block(() => {
      if (words.take('comment')) words.plain()
      else if (words.take('set')) this.#set('set', { family, table: name, name: words.plain() })
      else if (words.take('map')) this.#set('map', { family, table: name, name: words.plain() })
      else {
        words.expect('chain')
        this.#chain(family, name, words.plain())
      }
    })
  }

  #set(kind: 'set' | 'map', place: Readonly<Record<string, Json>>): void {
    const words = this.#words
    const body: Record<string, Json> = { ...place }
    words.block(() => {
      if (words.take('type')) {
        body.type = this.#types()
        if (kind === 'map') {
          words.expect(':')
          body.map = this.#types()
        }
      } else if (words.take('flags')) this.#flags()
      else if (words.takeOne(['size', 'comment'])) words.plain()
      else if (!words.take('auto-merge')) {
        words.expect('elements')
        words.expect('=')
        body.elem = readNftElements(words, kind)
      }
    })
    this.#objects.push({ [kind]: body })
  }

  #types(): Json {
    const types = [this.#words.plain()]
    while (this.#words.take('.')) types.push(this.#words.plain())
    return types.length === 1 ? types[0]! : types
  }

  /** Elements that come and go are none that a file could know. */
  #flags(): void {
    do {
      const flag = this.#words.next()
      if (!['interval', 'constant'].includes(flag.text)) throw this.#words.unknown(flag)
    } while (this.#words.take(','))
  }

  #chain(family: string, table: string, name: string): void {
    const words = this.#words
    const base: Record<string, Json> = {}
    const rules: Json[] = []
    words.block(() => {
      const { line } = words.peek()
      if (words.take('type')) Object.assign(base, this.#hook())
      else if (words.take('policy')) base.policy = words.plain()
      else if (words.take('comment')) words.plain()
      else {
        rules.push({ rule: { family, table, chain: name, handle: line, expr: readNftRule(words, family) } })
      }
    })
    this.#objects.push({ chain: { family, table, name, ...base } }, ...rules)
  }

  #hook(): Record<string, Json> {
    const words = this.#words
    const type = words.plain()
    words.expect('hook')
    const hook = words.plain()
    const device = words.take('device') ? { dev: words.plain() } : {}
    words.expect('priority')
    return { type, hook, ...device, prio: this.#priority() }
  }

  /** `filter`, `-10`, `filter + 10`. */
  #priority(): number {
    const word = this.#words.next()
    const base = Object.hasOwn(PRIORITIES, word.text) ? PRIORITIES[word.text]! : Number(word.text || Number.NaN)
    if (!Number.isInteger(base)) throw this.#words.unknown(word)
    const sign = this.#words.take('+') ? 1 : this.#words.take('-') ? -1 : 0
    if (sign === 0) return base
    const more = this.#words.next()
    if (!/^\d+$/.test(more.text)) throw this.#words.unknown(more)
    return base + sign * Number(more.text)
  }
}
