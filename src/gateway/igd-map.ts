import type { Host } from '../host/host.ts'
import { type Endpoint, sameEndpoint } from '../model/endpoint.ts'
import { parsePort } from '../model/ip.ts'
import { viewOf } from '../wire/bytes.ts'
import { addMapping, deleteMapping, getExternalAddress, lookUp } from './igd-actions.ts'
import type { Call, CallResult } from './igd-call.ts'
import { failedBy, refusedBy } from './igd-faults.ts'
import type { ListedMapping, MappingRequest, MapResult, PortMapper, PortMapping, UnmapResult } from './port-mapper.ts'

/** The nonce is PCP's. */
export type IgdRequest = Omit<MappingRequest, 'nonce'>

/** The mapper itself: which version answers may change under way, when the router starts anew. */
export type IgdSite = Pick<PortMapper, 'protocol' | 'gateway' | 'list'>

/** External ports that are tried where the one wished for is taken. */
const MOST_PORTS = 6
const LOWEST_TRIED = 20_000
const HIGHEST_TRIED = 59_999
/** Longest lease of version 2 (WANIPConnection:2 §2.3.16). */
const WEEK_SECONDS = 604_800

/** 725: permanent leases alone. Other routers say the same with "invalid args", or with "action failed". */
const MAY_BE_ABOUT_LEASE: readonly number[] = [725, 402, 501]
const SAME_PORTS_ONLY = 724
/** Version 2 by name, but without what is new in it. */
const NOT_IMPLEMENTED: readonly number[] = [401, 501, 602]

/** Why another external port is worth a try: somebody has it, or the router will not say who, or it maps equal ports alone. */
type Obstructed = 'taken' | 'hidden' | 'same-ports-only'

/**
 * Asks for an IPv4 port mapping. A port is looked up before it is asked for, and left alone if anybody else has it, be
 * it a host or another program of this one; then another is tried, at random, so that several nodes behind one router do not
 * meet. What the router accepted is read back, and only that is told as granted.
 */
export async function mapPort(host: Host, call: Call, site: IgdSite, request: IgdRequest): Promise<MapResult> {
  const met = new Set<Obstructed>()
  let externalPort = request.suggestedPort
  for (let tried = 0; tried < MOST_PORTS; tried++) {
    const result = await tryPort(host, call, site, request, externalPort)
    if (typeof result !== 'string') return result
    const isFirstOfKind = !met.has(result)
    met.add(result)
    if (result !== 'same-ports-only') externalPort = randomPort(host)
    else if (isFirstOfKind && externalPort !== request.internal.port) externalPort = request.internal.port
    else return { outcome: 'refused', why: 'in-use', detail: 'UPnP 724 SamePortValuesRequired' }
  }
  if (met.has('taken')) return { outcome: 'refused', why: 'in-use', detail: `${MOST_PORTS} external ports were taken` }
  return { outcome: 'refused', why: 'not-authorized', detail: 'UPnP 606 for every port looked up' }
}

/** Deletes the mapping if the router's table still shows it as it was granted. */
export async function unmapPort(call: Call, site: IgdSite, mapping: PortMapping): Promise<UnmapResult> {
  const { transport, externalPort } = mapping
  const found = await find(call, site, transport, externalPort)
  if (found === 'unknown') return 'refused'
  if (found === 'none') return 'not-there'
  if (found === 'hidden') return 'not-ours'
  if (typeof found === 'string') return found === 'garbage' ? 'garbage' : 'silent'
  if (!isSame(found, mapping)) return 'not-ours'
  const deleted = await deleteMapping(call, transport, externalPort)
  if (deleted.outcome === 'returned') return 'deleted'
  if (deleted.outcome === 'fault') return deleted.code === 714 ? 'not-there' : 'refused'
  return deleted.outcome === 'garbage' ? 'garbage' : 'silent'
}

async function tryPort(
  host: Host,
  call: Call,
  site: IgdSite,
  request: IgdRequest,
  externalPort: number,
): Promise<MapResult | Obstructed> {
  const before = await find(call, site, request.transport, externalPort)
  if (before === 'hidden') return 'hidden'
  if (before === 'absent' || before === 'silent' || before === 'garbage') return failedBy({ outcome: before })
  if (typeof before !== 'string' && !isSame(before, request)) return 'taken'

  const { result, leaseSeconds } = await add(call, site, request, externalPort)
  if (result.outcome === 'fault') {
    const refused = refusedBy(result)
    if (result.code === SAME_PORTS_ONLY) return 'same-ports-only'
    return refused.outcome === 'refused' && refused.why === 'in-use' ? 'taken' : refused
  }
  if (result.outcome !== 'returned') return failedBy(result)
  const reserved = result.values.get('NewReservedPort')
  const port = reserved === undefined ? externalPort : parsePort(reserved)
  if (port === undefined) return { outcome: 'garbage' }
  return readBack(host, call, site, { ...request, externalPort: port, leaseSeconds })
}

/** With the lease asked for, else without one; by version 2's own action where the router has it. */
async function add(
  call: Call,
  { protocol }: IgdSite,
  request: IgdRequest,
  externalPort: number,
): Promise<{ readonly result: CallResult; readonly leaseSeconds: number }> {
  const longest = protocol === 'igd2' ? WEEK_SECONDS : 2 ** 32 - 1
  const asked = Math.min(request.lifetimeSeconds, longest)
  const attempt = async (leaseSeconds: number): Promise<CallResult> => {
    const mapping = { ...request, externalPort, leaseSeconds }
    if (protocol === 'igd1') return addMapping(call, 'AddPortMapping', mapping)
    const any = await addMapping(call, 'AddAnyPortMapping', mapping)
    const isMissing = any.outcome === 'fault' && NOT_IMPLEMENTED.includes(any.code)
    return isMissing ? addMapping(call, 'AddPortMapping', mapping) : any
  }
  const first = await attempt(asked)
  if (first.outcome !== 'fault' || !MAY_BE_ABOUT_LEASE.includes(first.code)) {
    return { result: first, leaseSeconds: asked }
  }
  const second = await attempt(0)
  // The first refusal says more about what was asked for.
  return second.outcome === 'fault' ? { result: first, leaseSeconds: asked } : { result: second, leaseSeconds: 0 }
}

type Added = IgdRequest & { readonly externalPort: number; readonly leaseSeconds: number }

async function readBack(host: Host, call: Call, site: IgdSite, added: Added): Promise<MapResult | Obstructed> {
  const [found, externalAddress] = await Promise.all([
    find(call, site, added.transport, added.externalPort),
    getExternalAddress(call),
  ])
  if (found === 'silent' || found === 'garbage' || found === 'absent') return failedBy({ outcome: found })
  if (found === 'hidden') return 'hidden'
  const entry = found === 'none' ? await findElsewhere(site, added) : found
  if (entry === undefined) {
    return { outcome: 'refused', why: 'other', detail: 'accepted, and not in the table afterwards' }
  }
  // Where the router shows no table at all, what it said is all there is; a dial from outside will tell.
  const shown = entry === 'unknown' ? undefined : entry
  if (shown !== undefined && !sameEndpoint(shown.internal, added.internal)) return 'taken'
  const { transport, internal } = added
  return {
    outcome: 'mapped',
    mapping: {
      protocol: site.protocol,
      gateway: site.gateway,
      transport,
      internal,
      externalPort: shown?.externalPort ?? added.externalPort,
      externalAddress,
      lifetimeSeconds: shown === undefined ? added.leaseSeconds || null : grantedSeconds(added.leaseSeconds, shown),
      grantedAtMs: host.clock.nowMs(),
      epochSeconds: null,
      token: null,
      // As the table has it: some routers cut it, or put their own words there, and deletion compares it.
      description: shown?.description ?? added.description,
    },
  }
}

/**
 * How long the mapping surely lasts. No router grants more than was asked for, so that a longer lease is one in another unit
 * (milliseconds) and means the one asked for; a shorter one may be in minutes, and to believe it costs a renewal.
 */
function grantedSeconds(askedSeconds: number, { lifetimeSeconds: told }: ListedMapping): number | null {
  if (told === null || askedSeconds === 0) return told
  return Math.min(askedSeconds, told)
}

/** Some version 1 routers take another external port than asked for, and say so nowhere but in their table. */
async function findElsewhere(site: IgdSite, { transport, internal, description }: Added) {
  return (await site.list())?.find((entry) => entry.transport === transport && isSame(entry, { internal, description }))
}

/** The entry of a port, by a look-up or else in the whole table. `unknown`: the router shows neither. */
async function find(
  call: Call,
  site: IgdSite,
  transport: IgdRequest['transport'],
  externalPort: number,
): Promise<ListedMapping | 'none' | 'unknown' | 'hidden' | 'absent' | 'silent' | 'garbage'> {
  const looked = await lookUp(call, transport, externalPort)
  if (looked.outcome === 'entry') return looked.entry
  if (looked.outcome !== 'none') return looked.outcome
  if (looked.certain) return 'none'
  const table = await site.list()
  if (table === null) return 'unknown'
  return table.find((entry) => entry.transport === transport && entry.externalPort === externalPort) ?? 'none'
}

const SHORTEST_CUT = 8

/** The same mapping of the same program: some routers cut descriptions. */
function isSame(
  entry: ListedMapping,
  { internal, description }: { readonly internal: Endpoint; readonly description: string },
): boolean {
  const isCut = entry.description.length >= SHORTEST_CUT && description.startsWith(entry.description)
  return sameEndpoint(entry.internal, internal) && (entry.description === description || isCut)
}

function randomPort(host: Host): number {
  const drawn = viewOf(host.random.bytes(4)).getUint32(0)
  return LOWEST_TRIED + (drawn % (HIGHEST_TRIED - LOWEST_TRIED + 1))
}
