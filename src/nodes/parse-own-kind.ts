import type { PortSpec } from '../model/endpoint.ts'
import { parsePort } from '../model/ip.ts'
import { type ParsedYaml, readYaml } from '../topology/read-yaml.ts'
import { entries, list, optional, type Parse, record, required } from '../topology/reader.ts'
import { integer, port, text, word } from '../topology/scalars.ts'
import { PROTOCOL_NAMES, type ProtocolName } from '../wire/first-packet/protocols.ts'
import type { AdminPort } from './node-kind.ts'
import type { OwnKind, OwnPeers, OwnQuestion } from './own-kind.ts'

/** Reads the file of a kind of node of one's own (docs/own-nodes.md); `file` is its path. Throws on no input. */
export function parseOwnKind(source: string, file: string): ParsedYaml<OwnKind> {
  const read = readYaml(source, file, 'a kind of node', document)
  return read.ok ? { ok: true, value: { file, ...read.value } } : read
}

const MOST_ENTRIES = 32

/** A text that fits `rule`, which `what` says in words. */
function fitting(rule: RegExp, what: string): Parse<string> {
  return (reader, at) => {
    const value = text(reader, at)
    if (value === undefined || rule.test(value)) return value
    return reader.wrong(at, JSON.stringify(value.slice(0, 40)), what)
  }
}

function few<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (reader, at) => {
    const values = list(parse)(reader, at)
    if (values === undefined || values.length <= MOST_ENTRIES) return values
    return reader.wrong(at, `${values.length} entries`, `at most ${MOST_ENTRIES}`)
  }
}

/** What cannot stand in an HTTP request or on a terminal has no place in any of these. */
const line = fitting(/^[\x20-\x7e\u00a1-\uffff]{1,500}$/u, 'one line of 1 to 500 characters')
const path = fitting(/^\/[\x21-\x7e]{0,500}$/, 'a path of a URL, such as /api/peers')
const keys = fitting(
  /^[A-Za-z0-9_$-]{1,64}(?:\.[A-Za-z0-9_$-]{1,64}){0,15}$/,
  'keys with dots between them, such as result.peers',
)

const version: Parse<1> = (reader, at) => (integer(1, 1, 'a version')(reader, at) === undefined ? undefined : 1)

const portSpec: Parse<PortSpec> = (reader, at) => {
  const value = text(reader, at)
  if (value === undefined) return undefined
  const match = /^(udp|tcp)\/([0-9]+)$/.exec(value)
  const number = parsePort(match?.[2] ?? '')
  if (match === null || number === undefined) {
    return reader.wrong(at, JSON.stringify(value.slice(0, 40)), 'a port such as tcp/4001 or udp/4001')
  }
  return { transport: match[1] as PortSpec['transport'], port: number }
}

/** `{ 8080: rpc }` */
const adminPorts: Parse<readonly AdminPort[]> = (reader, at) => {
  const given = entries(reader, at, 'a map from ports to what answers there')
  const read = given?.slice(0, MOST_ENTRIES).map(({ key, keyPlace, value }) => {
    const service = fitting(/^[a-z][a-z0-9-]{0,19}$/, 'a short word, such as rpc')(reader, value)
    const number = parsePort(key)
    if (number === undefined) return reader.wrong(keyPlace, JSON.stringify(key.slice(0, 40)), 'a port from 1 to 65535')
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
    record({ min: required(integer(0, 100_000, 'peers')), max: required(integer(0, 100_000, 'peers')) }),
    null,
  ),
  outbound: optional<number | null>(integer(0, 100_000, 'peers'), null),
})

const peersLine: Parse<string> = (reader, at) => {
  const value = line(reader, at)
  if (value === undefined || value.split('{peers}').length === 2) return value
  return reader.wrong(
    at,
    JSON.stringify(value.slice(0, 40)),
    'a line with {peers} in it once, such as "Idle ({peers} peers)"',
  )
}

const announce: Parse<string> = (reader, at) => {
  const value = line(reader, at)
  if (value === undefined || value.includes('{address}')) return value
  return reader.wrong(
    at,
    JSON.stringify(value.slice(0, 40)),
    'a command with {address} in it, and {port} where it takes one',
  )
}

const document: Parse<Omit<OwnKind, 'file'>> = (reader, at) => {
  const read = record({
    node: required(version),
    name: required(fitting(/^[a-z][a-z0-9-]{0,31}$/, 'a name of 1 to 32 small letters, digits and hyphens')),
    processes: optional(few(fitting(/^[\x21-\x7e]{1,15}$/, 'the name of a process, at most 15 characters')), []),
    images: optional(few(fitting(/^[A-Za-z0-9._/:@-]{1,200}$/, 'the name of an image')), []),
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
  if (own.api === null && asks !== null) return reader.wrong(at, 'a question', '"api", the port that answers it')
  return own
}
