import { errorText } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { checkAddresses, checkLinks, checkRoom, checkShape } from './check-topology.ts'
import { Names, nameOf, section } from './names.ts'
import { carrierParser, providerParser, routerParser } from './parse-boxes.ts'
import { hostParser, vantageParser } from './parse-hosts.ts'
import { truthParser } from './parse-truth.ts'
import type { Problem } from './problem.ts'
import { readYaml } from './read-yaml.ts'
import { list, optional, type Parse, type Place, record, required } from './reader.ts'
import { integer, number, prefix, text } from './scalars.ts'
import type { Link, Network, Topology } from './topology.ts'

export type ParsedTopology =
  | { readonly ok: true; readonly topology: Topology }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads a topology file (docs/topologies.md). `file` is its name for the messages. Throws on no input: a file with
 * mistakes gives all of them (at most 20), in the order of the file.
 */
export function parseTopology(source: string, file: string): ParsedTopology {
  const parsed = readYaml(source, file, errorText('problem.a-topology'), readDocument)
  return parsed.ok ? { ok: true, topology: parsed.value } : parsed
}

const readDocument: Parse<Topology> = (reader, at) => {
  const names = new Names()
  const fields = record({
    topology: required(version),
    title: required(text),
    networks: required(section(names, 'network', network)),
    hosts: optional(section(names, 'host', hostParser(names)), []),
    routers: optional(section(names, 'box', routerParser(names)), []),
    carriers: optional(section(names, 'box', carrierParser(names)), []),
    providers: optional(section(names, 'box', providerParser(names)), []),
    vantages: optional(section(names, 'vantage', vantageParser(names)), []),
    links: optional(list(linkParser(names)), []),
    truth: optional(list(truthParser(names)), []),
  })(reader, at)
  reader.runLater()
  if (fields === undefined) return undefined
  const boxes = [...fields.routers, ...fields.carriers, ...fields.providers]
  const located = { ...fields, boxes }
  // Each check relies on those before it: only what names existing things can be compared with them.
  for (const check of [checkShape, checkAddresses, checkLinks, checkRoom]) {
    if (reader.problems.length === 0) check(reader, located)
  }
  const { title, networks, hosts, vantages, links, truth } = fields
  return {
    title,
    networks: bare(networks),
    hosts: bare(hosts),
    boxes: bare(boxes),
    vantages: bare(vantages),
    links: bare(links),
    truth,
  }
}

const version: Parse<number> = (reader, at) => {
  const value = (at.node as { value?: unknown } | null)?.value
  return value === 1 ? 1 : reader.wrong(at, written(String(value ?? '').slice(0, 20)), written('1'))
}

function written(version: string): Message {
  return version === '' ? errorText('problem.nothing') : errorText('problem.version', { version })
}

const network: Parse<Omit<Network, 'name'>> = (reader, at) => {
  const fields = record({
    ipv4: optional<string | null>(prefix('ipv4'), null),
    ipv6: optional<string | null>(prefix('ipv6'), null),
  })(reader, at)
  if (fields === undefined || fields.ipv4 !== null || fields.ipv6 !== null) return fields
  return reader.wrong(at, errorText('problem.no-prefix'), errorText('problem.some-prefix'))
}

function linkParser(names: Names): Parse<Link & { readonly at: Place }> {
  const fields = record({
    from: required(nameOf(names, 'host', 'vantage', 'box')),
    to: required(nameOf(names, 'network')),
    delayMs: optional(number(0, 5_000, errorText('problem.of-milliseconds')), 0),
    jitterMs: optional(number(0, 5_000, errorText('problem.of-milliseconds')), 0),
    reorderPercent: optional(number(0, 100, errorText('problem.of-percent')), 0),
    lossPercent: optional(number(0, 100, errorText('problem.of-percent')), 0),
    mtu: optional(integer(576, 1_500, errorText('problem.of-bytes')), 1_500),
  })
  return (reader, at) => {
    const link = fields(reader, at)
    if (link === undefined) return undefined
    if (link.reorderPercent > 0 && link.jitterMs === 0) {
      const alone = errorText('problem.without', { key: 'reorderPercent', other: 'jitterMs' })
      return reader.wrong(at, alone, errorText('problem.overtaking'))
    }
    return { ...link, at }
  }
}

/** The value without the place where it stood. */
function bare<T extends { readonly at: unknown }>(located: readonly T[]): readonly Omit<T, 'at'>[] {
  return located.map(({ at: _, ...value }) => value)
}
