import { type Json, list, member, objectOf, only, text } from './json.ts'

const MAX_DEPTH = 12
const MAX_SHOWN = 8
const MAX_LENGTH = 400

/** nft's JSON of one statement, in the words in which nft lists rules; cut where it is very long. */
export function nftText(json: Json): string {
  const whole = statementText(json)
  return whole.length > MAX_LENGTH ? `${whole.slice(0, MAX_LENGTH)}…` : whole
}

function statementText(json: Json): string {
  const [key, body] = only(json) ?? ['', json]
  if (key === 'match') return matchText(body)
  if (key === 'counter') return 'counter'
  if (key === 'vmap') return `${valueText(member(body, 'key'))} vmap ${valueText(member(body, 'data'))}`
  if (key === 'mangle') return `${valueText(member(body, 'key'))} set ${valueText(member(body, 'value'))}`
  if (key === 'jump' || key === 'goto') return `${key} ${valueText(member(body, 'target'))}`
  if (key === 'reject') return rejectText(body)
  if (key === 'limit') return limitText(body)
  if (key === 'dnat' || key === 'snat' || key === 'redirect' || key === 'masquerade') return translationText(key, body)
  if (key === 'xt') return `xt ${valueText(member(body, 'type'))} ${valueText(member(body, 'name'))}`
  if (key === 'log') return 'log'
  return key === '' ? valueText(json) : body === null ? key : `${key} ${valueText(body)}`
}

function matchText(body: Json): string {
  const op = text(member(body, 'op')) ?? '?'
  const shown = op === '==' || op === 'in' ? '' : `${op} `
  return `${valueText(member(body, 'left'))} ${shown}${valueText(member(body, 'right'))}`
}

function rejectText(body: Json): string {
  const [type, expression] = [text(member(body, 'type')), text(member(body, 'expr'))]
  if (type === undefined) return 'reject'
  return `reject with ${[type, expression].filter((word) => word !== undefined).join(' ')}`
}

function limitText(body: Json): string {
  if (typeof body === 'string') return `limit name ${body}`
  return `limit rate ${member(body, 'inv') === true ? 'over ' : ''}${word(body, 'rate')}/${word(body, 'per')}`
}

function translationText(kind: string, body: Json): string {
  const [family, address, port] = ['family', 'addr', 'port'].map((key) => member(body, key))
  if (address === undefined && port === undefined) return kind
  const words = [kind, family === undefined ? '' : `${family} `, 'to ']
  const shown = address === undefined ? '' : valueText(address)
  return `${words[0]} ${words[1]}${words[2]}${shown}${port === undefined ? '' : `:${valueText(port)}`}`
}

/** A member that is one word. An object of JSON may claim to be text in ways that throw. */
function word(body: Json, key: string): string {
  const value = member(body, key)
  return typeof value === 'object' ? '…' : String(value)
}

type Render = (body: Json, depth: number) => string

const EXPRESSIONS: Readonly<Record<string, Render>> = {
  payload: (body) =>
    member(body, 'protocol') === undefined
      ? `@${word(body, 'base')},${word(body, 'offset')},${word(body, 'len')}`
      : `${word(body, 'protocol')} ${word(body, 'field')}`,
  meta: (body) => {
    const key = word(body, 'key')
    return /^[io]if(name)?$/.test(key) ? key : `meta ${key}`
  },
  ct: (body) =>
    member(body, 'dir') === undefined ? `ct ${word(body, 'key')}` : `ct ${word(body, 'dir')} ${word(body, 'key')}`,
  prefix: (body) => `${word(body, 'addr')}/${word(body, 'len')}`,
  range: (body, depth) => joined(body, '-', depth),
  concat: (body, depth) => joined(body, ' . ', depth),
  set: (body, depth) => (Array.isArray(body) ? `{ ${joined(body, ', ', depth)} }` : valueText(body, depth)),
  elem: (body, depth) => valueText(member(body, 'val'), depth),
  map: (body, depth) => `${valueText(member(body, 'key'), depth)} map ${valueText(member(body, 'data'), depth)}`,
  fib: (body) => `fib ${joined(member(body, 'flags'), ' . ', MAX_DEPTH - 1)} ${word(body, 'result')}`,
  '&': (body, depth) => joined(body, ' & ', depth),
  '|': (body, depth) => joined(body, ' | ', depth),
  '^': (body, depth) => joined(body, ' ^ ', depth),
  jump: (body) => `jump ${word(body, 'target')}`,
  goto: (body) => `goto ${word(body, 'target')}`,
}

function valueText(json: Json, depth = 0): string {
  if (depth > MAX_DEPTH) return '…'
  if (Array.isArray(json)) return joined(json, ',', depth)
  if (objectOf(json) === undefined) return String(json)
  const [key, body] = only(json) ?? ['', undefined]
  if (Object.hasOwn(EXPRESSIONS, key)) return EXPRESSIONS[key]!(body, depth + 1)
  if (key !== '' && body === null) return key
  const members = Object.entries(objectOf(json)!).slice(0, MAX_SHOWN)
  return members.map(([name, value]) => `${name} ${valueText(value, depth + 1)}`).join(' ')
}

/** Members of a list; a pair inside it is an element of a map. */
function joined(json: Json, separator: string, depth: number): string {
  const members = list(json) ?? [json]
  const shown = members.slice(0, MAX_SHOWN).map((one) => {
    const pair = separator === ', ' ? list(one) : undefined
    return pair?.length === 2 ? pair.map((half) => valueText(half, depth + 1)).join(' : ') : valueText(one, depth + 1)
  })
  return shown.join(separator) + (members.length > MAX_SHOWN ? `${separator}…` : '')
}
