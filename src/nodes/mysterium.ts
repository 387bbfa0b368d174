import type { NodeOpinion } from '../model/evidence.ts'
import { type Json, list, member, text } from '../ruleset/json.ts'
import { type NodeKind, type NodeTold, told } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/**
 * A Mysterium provider. It opens UDP ports of its range for the time of a session, and none before: an idle node that is
 * well has no port to dial, so its port has to be named, and what it and its log tell of sessions is worth more.
 */
export const mysterium: NodeKind = {
  name: 'mysterium',
  processes: ['myst'],
  images: /^mysteriumnetwork\/myst$/,
  ports: null,
  adminPorts: [
    { port: 4050, service: 'api' },
    { port: 4449, service: 'web-ui' },
  ],
  protocols: ['openvpn', 'wireguard', 'openvpn-tcp'],
  ask: askMysterium,
}

const API_PORT = 4050

async function askMysterium(place: NodePlace): Promise<NodeTold> {
  const isOurs = (json: Json) =>
    text(member(json, 'uptime')) !== undefined && text(member(json, 'version')) !== undefined
  const [found, lines] = await Promise.all([
    place.firstJson(place.askable(API_PORT), { path: '/healthcheck' }, isOurs),
    place.log(),
  ])
  const fromLog = readMysteriumLog(lines)
  if (typeof found === 'string') return told({ access: found, opinions: fromLog })
  const ask = async (path: string): Promise<Json> => {
    const answer = await place.json(found.at, { path })
    return answer.access === 'answered' ? answer.json : undefined
  }
  const [monitoring, services] = await Promise.all([ask('/node/monitoring-status'), ask('/services')])
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/'),
    version: printable(text(member(found.json, 'version'))),
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
  return [{ ...GENERAL, answer, words: `monitoring: ${printable(status)}` }]
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
  return [{ ...GENERAL, answer: successful > 0 ? 'yes' : 'unknown', words }]
}

const LINES: readonly (readonly [RegExp, NodeOpinion['answer'], string])[] = [
  [/All ports \[[\d ]{1,64}\] are reachable/, 'yes', 'log: all ports are reachable'],
  [/Failed to check UPnP ports \[[\d ]{1,64}\] globally/, 'no', 'log: ports mapped by UPnP are not reachable'],
  [/Failed to check manual ports \[[\d ]{1,64}\] globally/, 'no', 'log: ports are not reachable as they are'],
]

/** The last of its own tests, in which a server outside sends to the ports of a session. */
export function readMysteriumLog(lines: readonly string[]): readonly NodeOpinion[] {
  const last = lines.flatMap((line) => LINES.filter(([pattern]) => pattern.test(line)).slice(0, 1)).at(-1)
  return last === undefined ? [] : [{ transport: 'udp', family: 'ipv4', answer: last[1], words: last[2] }]
}
