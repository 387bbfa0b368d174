import { isMap, isScalar, LineCounter, type Pair, parseDocument, type Scalar } from 'yaml'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { yamlFault } from '../topology/yaml-fault.ts'

/** What a configuration file may say; the values are still text, checked where flags and variables are. */
export interface ConfigFile {
  readonly node?: string
  readonly ports?: readonly string[]
  readonly vantages?: readonly string[]
  readonly stunServers?: readonly string[]
  readonly lang?: string
  readonly token?: string
  readonly listen?: string
  readonly alertWebhook?: string
  readonly alertCommand?: readonly string[]
  readonly alertEmail?: string
}

const KEYS: Readonly<Record<keyof ConfigFile, 'text' | 'list'>> = {
  node: 'text',
  ports: 'list',
  vantages: 'list',
  stunServers: 'list',
  lang: 'text',
  token: 'text',
  listen: 'text',
  alertWebhook: 'text',
  alertCommand: 'list',
  alertEmail: 'text',
}

/**
 * Reads a configuration file that is there; `path` is for messages alone. Strict: an unknown key is a mistyped one.
 * `PeerwayError` `bad-input` names file and line.
 */
export function parseConfig(path: string, text: string): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const wrong = (offset: number, problem: Message) =>
    new PeerwayError('bad-input', errorText('error.settings', { path, line: lines.linePos(offset).line, problem }))

  const [error] = document.errors
  if (error !== undefined) throw wrong(error.pos[0], yamlFault(error.code))
  if (document.contents === null) return {}
  if (!isMap(document.contents)) throw wrong(document.contents.range?.[0] ?? 0, errorText('error.of.not-lines'))

  const config: Record<string, string | readonly string[]> = {}
  for (const pair of document.contents.items as Pair<Scalar>[]) {
    const key = String(pair.key.value)
    const kind = Object.hasOwn(KEYS, key) ? KEYS[key as keyof ConfigFile] : undefined
    const at = pair.key.range?.[0] ?? 0
    if (kind === undefined)
      throw wrong(at, errorText('error.of.unknown-key', { key, keys: Object.keys(KEYS).join(', ') }))
    const value = textOrList(document.getIn([key]))
    if (value === undefined)
      throw wrong(at, errorText(kind === 'list' ? 'error.of.not-a-list' : 'error.of.not-a-text', { key }))
    if (kind === 'text' && typeof value !== 'string') throw wrong(at, errorText('error.of.one-value', { key }))
    config[key] = kind === 'list' && typeof value === 'string' ? [value] : value
  }
  return config
}

/** Numbers count as text, for `ports: [4001]` is how people write it. */
function textOrList(value: unknown): string | readonly string[] | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined
  if (!Array.isArray(items)) return undefined
  const texts = items.map((item) => (isScalar(item) ? textOrList(item.value) : undefined))
  return texts.every((text) => typeof text === 'string') ? texts : undefined
}
