import type { PortSpec } from '../model/endpoint.ts'
import { familyOf } from '../model/endpoint.ts'
import type { NodeOpinion } from '../model/evidence.ts'
import { parseEndpoint, parsePort } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { logLines } from '../wire/docker/log.ts'
import { byHand, line } from './by-hand.ts'
import { type NodeKind, type NodeTold, tcp, told } from './node-kind.ts'
import type { NodePlace } from './place.ts'

/** A Tor relay. A client has the same name, and no port for strangers. */
export const tor: NodeKind = {
  name: 'tor',
  processes: ['tor'],
  images: null,
  ports: [tcp(9001)],
  adminPorts: [
    { port: 9050, service: 'socks' },
    { port: 9051, service: 'control' },
  ],
  protocols: [],
  reconfiguring: byHand({ port: (port) => line(`ORPort ${port}`, '/etc/tor/torrc') }, [
    'hole-punching',
    'relay',
    'tcp',
  ]),
  isNode: (sockets) => sockets.some(({ transport, address }) => transport === 'tcp' && !/^127\.|^::1$/.test(address)),
  ask: askTor,
}

const SETTINGS = '/etc/tor/torrc'
const LOGS = ['/var/log/tor/notices.log', '/var/log/tor/log']

/** Its control port wants a password; its settings and its log tell as much. */
async function askTor(place: NodePlace): Promise<NodeTold> {
  const [torrc, journal, ...files] = await Promise.all([
    place.file(SETTINGS),
    place.log(),
    ...LOGS.map((path) => place.file(path)),
  ])
  const lines = [...files.flatMap((file) => (file === undefined ? [] : logLines(file))), ...journal]
  const ports = torrc === undefined ? [] : readOrPorts(torrc)
  if (torrc === undefined && lines.length === 0) return told({ access: 'not-permitted' })
  return told({
    access: 'answered',
    asked: torrc === undefined ? LOGS[0]! : SETTINGS,
    ports: ports.length === 0 ? null : ports,
    opinions: readSelfTest(lines),
  })
}

/** The ports that its `ORPort` lines have it listen on, for strangers or for a router that forwards to them. */
export function readOrPorts(torrc: string): readonly PortSpec[] {
  const ports = torrc.split('\n').flatMap((line) => {
    const [key, value, ...flags] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (key?.toLowerCase() !== 'orport' || value === undefined) return []
    if (flags.some((flag) => flag.toLowerCase() === 'nolisten')) return []
    return parsePort(value) ?? parseEndpoint(value)?.port ?? []
  })
  return [...new Set(ports)].map(tcp)
}

const REACHED = /Self-testing indicates your ORPort(?: (\S+))? is reachable from the outside/
const NOT_REACHED = /has not managed to confirm reachability for its ORPort\(s\) at (\S+)/

/** What its own test, a circuit that comes from outside, last said of each family. */
export function readSelfTest(lines: readonly string[]): readonly NodeOpinion[] {
  const last = new Map<string, NodeOpinion>()
  for (const line of lines) {
    const reached = REACHED.exec(line)
    const where = reached ?? NOT_REACHED.exec(line)
    if (where === null) continue
    const endpoint = parseEndpoint((where[1] ?? '').replace(/\.$/, ''))
    const family = endpoint === undefined ? null : familyOf(endpoint.address)
    const answer = reached === null ? 'no' : 'yes'
    last.set(String(family), {
      transport: 'tcp',
      family,
      answer,
      words: 'ORPort self-test',
      told: message('opinion.self-test'),
    })
  }
  return [...last.values()]
}
