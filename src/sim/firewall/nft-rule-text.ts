import { constant, readNftElements, readNftValue, readNftVerdict } from './nft-elements-text.ts'
import type { Json } from './nft-text-to-json.ts'
import { isEnd, type NftWords, type Word } from './nft-words.ts'

/** The statements of one rule, up to the end of its line. `family` is that of its table. */
export function readNftRule(words: NftWords, family: string): readonly Json[] {
  const statements: Json[] = []
  while (!isEnd(words.peek()) && words.peek().text !== '}') {
    const statement = readStatement(words, family)
    if (statement !== undefined) statements.push(statement)
  }
  return statements
}

/** Undefined for what changes nothing. */
function readStatement(words: NftWords, family: string): Json | undefined {
  const verdict = readNftVerdict(words)
  if (verdict !== undefined) return verdict
  if (words.take('counter')) return readCounter(words)
  if (words.take('comment')) return void words.plain()
  if (words.take('log')) return readLog(words)
  if (words.take('notrack')) return { notrack: null }
  if (words.take('reject')) return { reject: readRejection(words) }
  const translation = words.takeOne(['dnat', 'snat', 'masquerade', 'redirect'])
  if (translation !== undefined) return { [translation]: readTranslation(words, translation, family) }
  const left = readKeys(words)
  if (words.take('set')) return { mangle: { key: left, value: readNftValue(words) } }
  if (words.take('vmap'))
    return { vmap: { key: left, data: readNamed(words) ?? { set: readNftElements(words, 'map') } } }
  return readMatch(words, left)
}

function readCounter(words: NftWords): Json {
  for (const unit of ['packets', 'bytes']) if (words.take(unit)) words.plain()
  return { counter: null }
}

function readLog(words: NftWords): undefined {
  while (words.takeOne(['prefix', 'level', 'flags', 'group']) !== undefined) words.plain()
}

function readRejection(words: NftWords): Json {
  if (!words.take('with')) return null
  const type = words.plain()
  if (type === 'tcp') {
    words.expect('reset')
    return { type: 'tcp reset' }
  }
  words.take('type')
  return { type, expr: words.plain() }
}

// ------------------------------------------------------------------------------------------- translations

const FLAGS = ['random', 'fully-random', 'persistent']

function readTranslation(words: NftWords, kind: string, family: string): Json {
  const given = words.takeOne(['ip', 'ip6'])
  const target = words.take('to') ? readTarget(words) : {}
  const flags: Json[] = []
  while (FLAGS.includes(words.peek().text)) {
    flags.push(words.plain())
    words.take(',')
  }
  const addr = target.addr
  // In a table of both families a literal address tells its own.
  const told = family === 'inet' && typeof addr === 'string' ? (addr.includes(':') ? 'ip6' : 'ip') : undefined
  const named = given ?? told
  const body = { ...(named === undefined ? {} : { family: named }), ...target, ...(flags.length > 0 ? { flags } : {}) }
  const isBare = kind === 'masquerade' || kind === 'redirect'
  return isBare && Object.keys(body).length === 0 ? null : body
}

/** `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `:8000-8010`, or a key with a map. */
function readTarget(words: NftWords): { readonly addr?: Json; readonly port?: Json } {
  if (isKeyWord(words.peek())) return { addr: readMap(words, readKeys(words)) }
  if (words.take(':')) return { port: readMappedPort(words) }
  const word = words.peek()
  const text = words.plain()
  const [, bracketed, quad, port] = /^(?:\[([\da-f:.]+)\]|([\d.]*)):(\d+(?:-\d+)?)$/.exec(text) ?? []
  if (port !== undefined) {
    const addr = bracketed ?? quad
    return { ...(addr ? { addr } : {}), port: span(port) }
  }
  const alone = /^\[?([\d.]+(?:-[\d.]+)?|[\da-f:]+)\]?$/.exec(text)?.[1]
  if (alone === undefined) throw words.unknown(word)
  return { addr: span(alone) }
}

function readMappedPort(words: NftWords): Json {
  if (isKeyWord(words.peek())) return readMap(words, readKeys(words))
  return span(words.plain())
}

function span(text: string): Json {
  const [low, high] = text.split('-')
  return high === undefined ? constant(low!) : { range: [constant(low!), constant(high)] }
}

function readMap(words: NftWords, key: Json): Json {
  words.expect('map')
  return { map: { key, data: readNamed(words) ?? { set: readNftElements(words, 'map') } } }
}

/** `@name`. */
function readNamed(words: NftWords): string | undefined {
  const { text, quoted } = words.peek()
  return !quoted && /^@./.test(text) ? words.plain() : undefined
}

// ------------------------------------------------------------------------------------------- keys and matches

const METAS = ['iif', 'iifname', 'oif', 'oifname', 'mark', 'l4proto', 'nfproto']
const PROTOCOLS = ['ip', 'ip6', 'tcp', 'udp', 'th', 'icmp', 'icmpv6', 'ether']

function isKeyWord({ text, quoted }: Word): boolean {
  return !quoted && [...METAS, ...PROTOCOLS, 'meta', 'ct', 'fib'].includes(text)
}

/** One key, or several joined by dots. */
function readKeys(words: NftWords): Json {
  const keys = [readKey(words)]
  while (words.take('.')) keys.push(readKey(words))
  return keys.length === 1 ? keys[0]! : { concat: keys }
}

function readKey(words: NftWords): Json {
  const word = words.next()
  const { text } = word
  if (!isKeyWord(word)) throw words.unknown(word)
  if (METAS.includes(text)) return { meta: { key: text } }
  if (text === 'meta') return { meta: { key: words.plain() } }
  if (text === 'ct') return { ct: readCtKey(words) }
  if (text === 'fib') return { fib: readFib(words) }
  return { payload: { protocol: text, field: words.plain() } }
}

function readCtKey(words: NftWords): Json {
  const dir = words.takeOne(['original', 'reply'])
  if (dir === undefined) return { key: words.plain() }
  const family = words.takeOne(['ip', 'ip6'])
  const key = words.plain()
  return { key: family === undefined ? key : `${family} ${key}`, dir }
}

function readFib(words: NftWords): Json {
  const flags = [words.plain()]
  while (words.take('.')) flags.push(words.plain())
  return { result: words.plain(), flags }
}

const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>'] as const

function readMatch(words: NftWords, key: Json): Json {
  const left = words.take('&') ? { '&': [key, readBits(words)] } : key
  const op = words.takeOne(COMPARISONS)
  const right = readRight(words)
  // Bits without a comparison are asked for one by one; a single state of a connection is that state.
  const isBits = isKey(left, 'flags') || isKey(left, 'status') || (isKey(left, 'state') && Array.isArray(right))
  return { match: { op: op ?? (isBits && !isSet(right) ? 'in' : '=='), left, right } }
}

function isKey(left: Json, name: string): boolean {
  return JSON.stringify(left).includes(`"${name}"`)
}

function isSet(right: Json): boolean {
  return typeof right === 'object' && right !== null && 'set' in right
}

/** `(syn | ack)`, `syn|ack`, `0xff`. */
function readBits(words: NftWords): Json {
  const isOpen = words.take('(')
  const bits = [constant(words.plain())]
  while (words.take('|')) bits.push(constant(words.plain()))
  if (isOpen) words.expect(')')
  return bits.length === 1 ? bits[0]! : { '|': bits }
}

function readRight(words: NftWords): Json {
  const named = readNamed(words)
  if (named !== undefined) return named
  if (words.peek().text === '{') return { set: readNftElements(words, 'set') }
  const presence = words.takeOne(['missing', 'exists'])
  if (presence !== undefined) return presence === 'exists'
  const first = readNftValue(words)
  if (words.peek().text === '|') return readOrs(words, first)
  if (words.peek().text !== ',') return first
  const all = [first]
  while (words.take(',')) all.push(readNftValue(words))
  return all
}

function readOrs(words: NftWords, first: Json): Json {
  const bits = [first]
  while (words.take('|')) bits.push(constant(words.plain()))
  return { '|': bits }
}
