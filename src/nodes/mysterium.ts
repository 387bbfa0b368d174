import type { PortSpec } from '../model/endpoint.ts'
import type { NodeClients, NodeOpinion, PortRange } from '../model/evidence.ts'
import { parseAddress, parsePort } from '../model/ip.ts'
import { type Message, message } from '../model/message.ts'
import { type Json, list, member, text } from '../ruleset/json.ts'
import { byHand } from './by-hand.ts'
import { type NodeKind, type NodeTold, told } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'
import { valueAt } from './value-at.ts'

const USUAL_RANGE: PortRange = { transport: 'udp', first: 10_000, last: 59_999 }

/**
 * A Mysterium provider. It opens UDP ports of its range for the time of a session, and none before: an idle node that is
 * well has nobody at any of them. So the way to both ends of the range is tried, and what it and its log tell of sessions is
 * worth more.
 */
export const mysterium: NodeKind = {
  name: 'mysterium',
  processes: ['myst'],
  images: /^mysteriumnetwork\/myst$/,
  ports: portsOf(USUAL_RANGE),
  adminPorts: [
    { port: 4050, service: 'api' },
    { port: 4449, service: 'web-ui' },
  ],
  protocols: ['openvpn', 'wireguard', 'openvpn-tcp'],
  // `--openvpn.proto` and `--openvpn.port` are still taken, and change nothing in what runs today.
  reconfiguring: byHand(
    {
      port: () => message('step.mysterium-port'),
      'hole-punching': () => message('step.mysterium-punching'),
    },
    ['tcp', 'relay'],
  ),
  known: { onDemand: USUAL_RANGE },
  ask: askMysterium,
}

const API_PORT = 4050

/** Both ends of it: a forwarding of a part of the range does for a part of the clients. */
function portsOf({ transport, first, last }: PortRange): readonly PortSpec[] {
  return [...new Set([first, last])].map((port) => ({ transport, port }))
}

/** `10000:60000`, of which the end does not count. Undefined for what is no range. */
export function readPortRange(value: Json): PortRange | undefined {
  const [, from, to] = /^(\d{1,5}):(\d{1,5})$/.exec(text(value) ?? '') ?? []
  const [first, last] = [parsePort(from ?? ''), parsePort(String(Number(to) - 1))]
  if (first === undefined || last === undefined || first > last) return undefined
  return { transport: 'udp', first, last }
}

/**
 * `--udp.ports=30000:31000`. Today's node takes `--openvpn.port` and `--wireguard.listen.ports` as well and does nothing with
 * them, so that they say nothing.
 */
export function flagRange(words: readonly string[]): PortRange | undefined {
  return readPortRange(flagOf(words, '--udp.ports'))
}

/** The value of a flag, the last one where it is given again. */
function flagOf(words: readonly string[], flag: string): string | undefined {
  const given = words.flatMap((word, index) =>
    word === flag ? (words[index + 1] ?? []) : word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : [],
  )
  return given.at(-1)
}

const USUAL_NETWORK = '10.182.0.0/16'

/** Since 0.40 it appends rules for each client to chain FORWARD, which its policy comes after, and rules before them do not. */
function clientsOf(version: string | null, subnet: string | undefined): NodeClients {
  const [address, length] = (subnet ?? USUAL_NETWORK).split('/')
  const isNetwork = parseAddress(address ?? '')?.includes(':') === false && /^(?:[89]|1\d|2\d|30)$/.test(length ?? '')
  const network = isNetwork ? `${address}/${length}` : USUAL_NETWORK
  return { interfaces: 'myst', network, accepts: version === null || !/^0\.[1-3]?\d\./.test(version) }
}

async function askMysterium(place: NodePlace): Promise<NodeTold> {
  const isOurs = (json: Json) =>
    text(member(json, 'uptime')) !== undefined && text(member(json, 'version')) !== undefined
  const [found, lines, words] = await Promise.all([
    place.firstJson(place.askable(API_PORT), { path: '/healthcheck' }, isOurs),
    place.log(),
    place.arguments(),
  ])
  const fromLog = readMysteriumLog(lines)
  const flags = flagRange(words)
  // In user space it passes packets on by itself.
  const isUserspace = words.some((word) => /^--(?:userspace|usermode)(?:=true)?$/.test(word))
  if (typeof found === 'string') {
    const range = flags ?? USUAL_RANGE
    const clients = isUserspace ? null : clientsOf(null, flagOf(words, '--wireguard.allowed.subnet'))
    return told({ access: found, opinions: fromLog, onDemand: range, ports: portsOf(range), clients })
  }
  const ask = async (path: string): Promise<Json> => {
    const answer = await place.json(found.at, { path })
    return answer.access === 'answered' ? answer.json : undefined
  }
  const [monitoring, services, config] = await Promise.all([
    ask('/node/monitoring-status'),
    ask('/services'),
    ask('/config'),
  ])
  // A flag wins over what its settings say.
  const range = flags ?? readPortRange(valueAt(config, 'data.udp.ports')) ?? USUAL_RANGE
  const version = printable(text(member(found.json, 'version')))
  const subnet = flagOf(words, '--wireguard.allowed.subnet') ?? text(valueAt(config, 'data.wireguard.allowed.subnet'))
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/'),
    version,
    onDemand: range,
    ports: portsOf(range),
    clients: isUserspace ? null : clientsOf(version, subnet),
    opinions: [...readMonitoring(monitoring), ...readServices(services), ...fromLog],
  })
}

const GENERAL = { transport: null, family: null } as const
const VERDICTS: Readonly<Record<string, NodeOpinion['answer']>> = { success: 'yes', failed: 'no' }

/** What the network's own monitoring says of this node. */
export function readMonitoring(json: Json): readonly NodeOpinion[] {
  const status = text(member(json, 'status'))
  if (status === undefined) return []
  const answer = Object.hasOwn(VERDICTS, status) ? VERDICTS[status]! : 'unknown'
  const words = printable(status) ?? ''
  return [{ ...GENERAL, answer, words: `monitoring: ${words}`, told: message('opinion.monitoring', { status: words }) }]
}

/** Clients that tried to connect to its services, and those who did: an attempt that never ends well is one that does not come in. */
export function readServices(json: Json): readonly NodeOpinion[] {
  const statistics = (list(json) ?? []).map((service) => member(service, 'connection_statistics'))
  const sum = (key: string) =>
    statistics.reduce<number>((total, one) => {
      const value = member(one, key)
      return total + (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0)
    }, 0)
  const [attempted, successful] = [sum('attempted'), sum('successful')]
  if (attempted === 0) return []
  const words = `${successful} of ${attempted} clients connected`
  // That some failed says nothing; some clients always do.
  const answer = successful > 0 ? 'yes' : 'unknown'
  return [{ ...GENERAL, answer, words, told: message('opinion.clients', { successful, attempted }) }]
}

type LogLine = readonly [pattern: RegExp, answer: NodeOpinion['answer'], words: string, told: Message]

const LINES: readonly LogLine[] = [
  [
    /All ports \[[\d ]{1,64}\] are reachable/,
    'yes',
    'log: all ports are reachable',
    message('opinion.log-all-reachable'),
  ],
  [
    /Failed to check UPnP ports \[[\d ]{1,64}\] globally/,
    'no',
    'log: ports mapped by UPnP are not reachable',
    message('opinion.log-upnp-unreachable'),
  ],
  [
    /Failed to check manual ports \[[\d ]{1,64}\] globally/,
    'no',
    'log: ports are not reachable as they are',
    message('opinion.log-manual-unreachable'),
  ],
]

/** The last of its own tests, in which a server outside sends to the ports of a session. */
export function readMysteriumLog(lines: readonly string[]): readonly NodeOpinion[] {
  const last = lines.flatMap((line) => LINES.filter(([pattern]) => pattern.test(line)).slice(0, 1)).at(-1)
  if (last === undefined) return []
  const [, answer, words, told] = last
  return [{ transport: 'udp', family: 'ipv4', answer, words, told }]
}
