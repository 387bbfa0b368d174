import { addressBytes } from '../../model/ip.ts'
import type { ArrivalCount, ArrivalWatch } from '../host.ts'
import { packetsByCounter } from './nft-counters.ts'

export interface TableShape {
  readonly name: string
  /** The table ends with the nft process that made it (Linux 5.12, nft 0.9.9). */
  readonly owned: boolean
  /** Devices to count on at ingress (Linux 5.10); with none, at the very start of prerouting. */
  readonly devices: readonly string[]
  /**
   * Count what a destination NAT takes elsewhere, too. It needs connection tracking, and asking for that turns it on, so it is
   * asked for only where NAT has turned it on already.
   */
  readonly redirected: boolean
}

/**
 * One nft command that makes the table. Every chain accepts, and no rule has a verdict: no packet's fate changes. Ingress
 * and -1000 come before any filter, 1000000 after any; the kernel's own last hook stands at 2147483647.
 */
export function arrivalTable(shape: TableShape, watches: readonly ArrivalWatch[]): string {
  const each = (rules: (watch: ArrivalWatch, index: number) => readonly string[]) => watches.flatMap(rules)
  const parts = [
    ...(shape.owned ? ['flags owner'] : []),
    ...each((_, index) => [
      `counter w${index} { }`,
      `counter p${index} { }`,
      `counter a${index} { }`,
      `counter s${index} { }`,
    ]),
    chain(
      'wire',
      wireHook(shape.devices),
      each((watch, index) => wireRules(watch, index, watches)),
    ),
    chain('passed', 'input priority 1000000', each(passedRules)),
    ...(shape.redirected
      ? [
          chain('redirected_here', 'input priority 1000001', each(redirectedHereRules)),
          chain('redirected_on', 'postrouting priority 1000000', each(redirectedRules)),
        ]
      : []),
  ]
  return `add table inet ${shape.name} { ${parts.join('; ')}; }`
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return `chain ${name} { type filter hook ${hook}; policy accept; ${rules.map((rule) => `${rule}; `).join('')}}`
}

function wireHook(devices: readonly string[]): string {
  if (devices.length === 0) return 'prerouting priority -1000'
  return `ingress devices = { ${devices.map((device) => `"${device}"`).join(', ')} } priority -1000`
}

function wireRules(watch: ArrivalWatch, index: number, all: readonly ArrivalWatch[]): string[] {
  const opens = watch.transport === 'tcp' ? 'tcp flags & (syn | ack) == syn ' : ''
  return [
    ...fromSources(watch, `${toPort(watch)} counter name w${index}`),
    `${toPort(watch)} ${opens}counter name a${index}`,
    ...strayRules(watch, index, all),
  ]
}

/** Over TCP alone: a datagram to a port that no watch names may be the answer to one of ours. */
function strayRules(watch: ArrivalWatch, index: number, all: readonly ArrivalWatch[]): string[] {
  if (watch.transport === 'udp') return []
  const watched = new Set(
    all.filter(({ family, transport }) => family === watch.family && transport === 'tcp').map(({ port }) => port),
  )
  const syn = `tcp dport != { ${[...watched].join(', ')} } tcp flags & (syn | ack) == syn`
  return fromSources(watch, `${protocol(watch)} ${syn} counter name s${index}`)
}

function passedRules(watch: ArrivalWatch, index: number): string[] {
  return fromSources(watch, `${toPort(watch)} counter name p${index}`)
}

/** The dial by the destination that it arrived with, on the way to a guest. */
function redirectedRules(watch: ArrivalWatch, index: number): string[] {
  return byOriginal(watch, `meta l4proto ${watch.transport}`, index)
}

/** The same, taken to another port of this host. One that kept its port is counted by `passedRules`. */
function redirectedHereRules(watch: ArrivalWatch, index: number): string[] {
  return byOriginal(watch, `${watch.transport} dport != ${watch.port}`, index)
}

function byOriginal({ family, port, sources }: ArrivalWatch, match: string, index: number): string[] {
  if (sources.length === 0) return []
  const saddr = family === 'ipv4' ? 'ip saddr' : 'ip6 saddr'
  const original = `ct direction original ct original ${saddr} { ${sources.join(', ')} } ct original proto-dst ${port}`
  return [`${match} ${original} ct status dnat counter name p${index}`]
}

function toPort(watch: ArrivalWatch): string {
  return `${protocol(watch)} ${watch.transport} dport ${watch.port}`
}

function protocol({ family }: ArrivalWatch): string {
  return `meta protocol ${family === 'ipv4' ? 'ip' : 'ip6'}`
}

function fromSources({ family, sources }: ArrivalWatch, rest: string): string[] {
  if (sources.length === 0) return []
  return [`${family === 'ipv4' ? 'ip' : 'ip6'} saddr { ${sources.join(', ')} } ${rest}`]
}

/** The counts in what `list counters table` printed; zero for a counter that is not there. */
export function parseCounters(text: string, watches: readonly ArrivalWatch[]): ArrivalCount[] {
  const packets = packetsByCounter(text)
  const count = (name: string) => packets.get(name) ?? 0
  return watches.map((_, index) => ({
    wire: count(`w${index}`),
    passed: count(`p${index}`),
    anySourceOpening: count(`a${index}`),
    strayOpening: count(`s${index}`),
  }))
}

const MOST_WATCHES = 256
const MOST_SOURCES = 64

/** RangeError for what would not be nft's syntax, or for too much of it. */
export function requireWatches(watches: readonly ArrivalWatch[]): void {
  if (watches.length > MOST_WATCHES) throw new RangeError(`at most ${MOST_WATCHES} watches, not ${watches.length}`)
  for (const { family, port, sources } of watches) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`a port is 1 to 65535, not ${port}`)
    if (sources.length > MOST_SOURCES) throw new RangeError(`at most ${MOST_SOURCES} sources, not ${sources.length}`)
    for (const source of sources) {
      const length = addressBytes(source).length
      if (length !== (family === 'ipv4' ? 4 : 16)) throw new RangeError(`${source} is not an ${family} address`)
    }
  }
}
