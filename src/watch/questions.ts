import type { GatewayMemory } from '../gateway/ask-memory.ts'
import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { type Endpoint, type EndpointName, type Family, familyOf, formatEndpoint } from '../model/endpoint.ts'
import type { ListeningSocket } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { SOMEWHERE } from '../probe/addresses.ts'
import { attempt } from '../probe/attempt.ts'
import { listListeners } from '../probe/listeners.ts'
import type { JournalEntry } from '../remedy/journal.ts'
import type { GatewaySaid, Input } from './core/watcher-io.ts'
import { grantorOf, isHeld } from './keeper.ts'

type InputOf<K extends Input['kind']> = Extract<Input, { kind: K }>

/** This host's addresses, without those that every host has and those that change by themselves. */
export async function look({ network }: Host): Promise<InputOf<'looked'>> {
  const [addresses, ...sources] = await Promise.all([
    attempt(() => network.addresses(), []),
    ...Object.values(SOMEWHERE).map((to) => attempt(() => network.sourceTowards(to), undefined)),
  ])
  const own = addresses.filter(({ address, family }) => {
    const scope = scopeOf(address)
    // IPv6 addresses for privacy come and go every day; what matters of them is the one that is sent from.
    return scope !== 'loopback' && scope !== 'link-local' && family === 'ipv4'
  })
  return {
    kind: 'looked',
    addresses: own.map((each) => `${each.interface} ${each.address}`),
    sources: sources.filter((each) => each !== undefined),
  }
}

/** Who listens on each endpoint: `process 123`, `somebody`, or null. Undefined where the host does not tell. */
export async function holdersOf(
  host: Host,
  names: readonly EndpointName[],
): Promise<ReadonlyMap<EndpointName, string | null> | undefined> {
  const list = await listListeners(host)
  if (list === undefined) return undefined
  return new Map(names.map((name) => [name, holderOf(name, list.sockets)]))
}

function holderOf(name: EndpointName, sockets: readonly ListeningSocket[]): string | null {
  const [transport, family, port] = name.split('/') as [string, Family, string]
  const held = sockets.filter(
    (socket) => socket.transport === transport && socket.port === Number(port) && socket.families.includes(family),
  )
  if (held.length === 0) return null
  const pids = held.map(({ pid, process }) => (pid === null ? 'somebody' : `${process ?? ''} ${pid}`))
  return [...new Set(pids)].toSorted().join(', ')
}

/** Asks each of `grantors` once, at the same time. `turn` chooses, of several mappings, which UPnP is asked about. */
export async function askGateways(
  memory: GatewayMemory,
  entries: readonly JournalEntry[],
  grantors: readonly string[],
  turn: number,
): Promise<InputOf<'gateways-said'>> {
  const held = entries.filter(isHeld)
  const said = await Promise.all(
    grantors.map(async (grantor): Promise<readonly GatewaySaid[]> => {
      const own = held.filter(({ change }) => grantorOf(change.mapping) === grantor)
      const asked = own[turn % Math.max(1, own.length)]
      if (asked === undefined) return []
      const { id, mapping } = asked.change
      const target = { gateway: mapping.gateway, local: mapping.internal.address }
      const told = await memory.ask(target, mapping.protocol, mapping)
      if (told.outcome === 'silent') {
        return [{ grantor, outcome: 'silent', epochSeconds: null, externalAddress: null, missing: [] }]
      }
      // A router that has lost one has lost all of the same moment, or will be asked about the next one next time.
      return [{ grantor, ...told, missing: told.has === 'gone' ? [id] : [] }]
    }),
  )
  return { kind: 'gateways-said', said: said.flat() }
}

/** STUN servers that answered the last check: one for each family, the first of the list. */
export function outsideServers({ evidence }: Diagnosis): readonly Endpoint[] {
  const answered = evidence.flatMap(({ probe, value }) => {
    if (probe !== 'vantage' || value.stun !== 'answered' || value.address === null) return []
    return [{ address: value.address, port: value.port }]
  })
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    answered.filter(({ address }) => familyOf(address) === family).slice(0, 1),
  )
}

/** Where those servers saw this host in the same check. */
export function seenFrom(diagnosis: Diagnosis): InputOf<'checked'>['result']['outside'] {
  const servers = outsideServers(diagnosis).map(formatEndpoint)
  const seen = diagnosis.evidence.flatMap(({ probe, value }) => {
    if (probe !== 'external-address' || !servers.includes(formatEndpoint(value.server))) return []
    return [[value.family, value.mapped.address] as const]
  })
  return Object.fromEntries(seen)
}
