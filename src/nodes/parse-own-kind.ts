import type { PortSpec } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import { parsePort } from '../model/ip.ts'
import type { Message } from '../model/message.ts'
import { asWritten } from '../topology/problem.ts'
import { type ParsedYaml, readYaml } from '../topology/read-yaml.ts'
import { entries, list, optional, type Parse, record, required } from '../topology/reader.ts'
import { integer, port, text, word } from '../topology/scalars.ts'
import { PROTOCOL_NAMES, type ProtocolName } from '../wire/first-packet/protocols.ts'
import type { AdminPort } from './node-kind.ts'
import type { OwnKind, OwnPeers, OwnQuestion } from './own-kind.ts'

/** Reads the file of a kind of node of one's own (docs/own-nodes.md); `file` is its path. Throws on no input. */
export function parseOwnKind(source: string, file: string): ParsedYaml<OwnKind> {
  const read = readYaml(source, file, errorText('problem.a-node-kind'), document)
  return read.ok ? { ok: true, value: { file, ...read.value } } : read
}

const MOST_ENTRIES = 32

/** A text that fits `rule`, which `what` says in words. */
function fitting(rule: RegExp, what: Message): Parse<string> {
  return (reader, at) => {
    const value = text(reader, at)
    if (value === undefined || rule.test(value)) return value
    return reader.wrong(at, quoted(value), what)
  }
}

function quoted(value: string): Message {
  return asWritten(JSON.stringify(value.slice(0, 40)))
}

function few<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (reader, at) => {
    const values = list(parse)(reader, at)
    if (values === undefined || values.length <= MOST_ENTRIES) return values
    return reader.wrong(
      at,
      errorText('problem.entries', { count: values.length }),
      errorText('problem.at-most', { most: MOST_ENTRIES }),
    )
  }
}

/** What cannot stand in an HTTP request or on a terminal has no place in any of these. */
const line = fitting(/^[\x20-\x7e\u00a1-\uffff]{1,500}$/u, errorText('problem.one-line'))
const path = fitting(/^\/[\x21-\x7e]{0,500}$/, errorText('problem.url-path'))
const keys = fitting(/^[A-Za-z0-9_$-]{1,64}(?:\.[A-Za-z0-9_$-]{1,64}){0,15}$/, errorText('problem.dotted-keys'))

const version: Parse<1> = (reader, at) =>
  integer(1, 1, errorText('problem.of-version'))(reader, at) === undefined ? undefined : 1

const portSpec: Parse<PortSpec> = (reader, at) => {
  const value = text(reader, at)
  if (value === undefined) return undefined
  const match = /^(udp|tcp)\/([0-9]+)$/.exec(value)
  const number = parsePort(match?.[2] ?? '')
  if (match === null || number === undefined) {
    return reader.wrong(at, quoted(value), errorText('problem.port-spec'))
  }
  return { transport: match[1] as PortSpec['transport'], port: number }
}

/** `{ 8080: rpc }` */
const adminPorts: Parse<readonly AdminPort[]> = (reader, at) => {
  const given = entries(reader, at, errorText('problem.map-of-ports'))
  const read = given?.slice(0, MOST_ENTRIES).map(({ key, keyPlace, value }) => {
    const service = fitting(/^[a-z][a-z0-9-]{0,19}$/, errorText('problem.short-word'))(reader, value)
    const number = parsePort(key)
    if (number === undefined)
      return reader.wrong(
        keyPlace,
        quoted(key),
        errorText('problem.range', { what: errorText('problem.a-port'), least: 1, most: 65_535 }),
      )
    return service === undefined ? undefined : { port: number, service }
  })
  return read?.every((one) => one !== undefined) ? (read as readonly AdminPort[]) : undefined
}

const QUESTION = { path: required(path), body: optional<string | null>(line, null), at: required(keys) }
const question: Parse<OwnQuestion> = record(QUESTION)

const peers: Parse<OwnPeers> = record({
  ...QUESTION,
  inbound: optional<OwnPeers['inbound']>(record({ key: required(keys), is: required(line) }), null),
  wanted: optional<OwnPeers['wanted']>(
    record({
      min: required(integer(0, 100_000, errorText('problem.of-peers'))),
      max: required(integer(0, 100_000, errorText('problem.of-peers'))),
    }),
    null,
  ),
  outbound: optional<number | null>(integer(0, 100_000, errorText('problem.of-peers')), null),
})

const peersLine: Parse<string> = (reader, at) => {
  const value = line(reader, at)
  if (value === undefined || value.split('{peers}').length === 2) return value
  const expected = errorText('problem.peers-line', { placeholder: '{peers}', example: '"Idle ({peers} peers)"' })
  return reader.wrong(at, quoted(value), expected)
}

const announce: Parse<string> = (reader, at) => {
  const value = line(reader, at)
  if (value === undefined || value.includes('{address}')) return value
  const expected = errorText('problem.announce', { address: '{address}', port: '{port}' })
  return reader.wrong(at, quoted(value), expected)
}

const document: Parse<Omit<OwnKind, 'file'>> = (reader, at) => {
  const read = record({
    node: required(version),
    name: required(fitting(/^[a-z][a-z0-9-]{0,31}$/, errorText('problem.kind-name'))),
    processes: optional(few(fitting(/^[\x21-\x7e]{1,15}$/, errorText('problem.process-name'))), []),
    images: optional(few(fitting(/^[A-Za-z0-9._/:@-]{1,200}$/, errorText('problem.image-name'))), []),
    ports: required(few(portSpec)),
    adminPorts: optional(adminPorts, []),
    protocols: optional(few(word<ProtocolName>(PROTOCOL_NAMES)), []),
    api: optional<number | null>(port, null),
    version: optional<OwnQuestion | null>(question, null),
    peers: optional<OwnPeers | null>(peers, null),
    announced: optional<OwnQuestion | null>(question, null),
    peersInLog: optional<string | null>(peersLine, null),
    announce: optional<string | null>(announce, null),
    restart: optional<string | null>(line, null),
  })(reader, at)
  if (read === undefined) return undefined
  const { node: _, ...own } = read
  const asks = own.version ?? own.peers ?? own.announced
  if (own.api === null && asks !== null)
    return reader.wrong(at, errorText('problem.a-question'), errorText('problem.api-port'))
  return own
}
