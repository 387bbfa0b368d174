import type { Address, Endpoint, Transport } from '../model/endpoint.ts'
import { parseAddress, parsePort, scopeOf } from '../model/ip.ts'
import { printable } from '../wire/igd/description.ts'
import type { SoapArguments } from '../wire/igd/soap.ts'
import type { Call, CallResult } from './igd-call.ts'
import type { ListedMapping } from './port-mapper.ts'
import { toldAddress } from './told-address.ts'

/** Some routers know "UDP" and "TCP" in capitals alone, as the standard writes them. */
export const PROTOCOL_NAMES: Readonly<Record<Transport, string>> = { udp: 'UDP', tcp: 'TCP' }

/** What the router says of one external port. `none` is `certain` where it says so, and not something else. */
export type Lookup =
  | { readonly outcome: 'entry'; readonly entry: ListedMapping }
  | { readonly outcome: 'none'; readonly certain: boolean }
  | { readonly outcome: 'hidden' | 'absent' | 'silent' | 'garbage' }

const NO_SUCH_ENTRY = 714
const ACTION_FAILED = 501
const NOT_AUTHORIZED = 606

/**
 * Whose is this external port? A router that hides other hosts' entries answers "not authorized", which is an answer.
 * Many say something else than "no such entry" (402, 501, 713) for a port that nobody has, so that any other fault counts
 * as none, but not as certain.
 */
export async function lookUp(call: Call, transport: Transport, externalPort: number): Promise<Lookup> {
  const result = await call('GetSpecificPortMappingEntry', portOf(transport, externalPort))
  if (result.outcome === 'fault') {
    if (result.code === NOT_AUTHORIZED) return { outcome: 'hidden' }
    return { outcome: 'none', certain: result.code === NO_SUCH_ENTRY }
  }
  if (result.outcome !== 'returned') return result
  const entry = entryOf(result.values, transport, externalPort)
  return entry === undefined ? { outcome: 'garbage' } : { outcome: 'entry', entry }
}

/** 713 SpecifiedArrayIndexInvalid by the standard; the others from those that did not read it. */
const BEHIND_LAST: readonly number[] = [713, 714, 402, 501]

/** The entry with this index in the router's table; null behind the last one. */
export async function entryAt(call: Call, index: number): Promise<ListedMapping | null | 'failed'> {
  const result = await call('GetGenericPortMappingEntry', [['NewPortMappingIndex', String(index)]])
  if (result.outcome === 'fault') return BEHIND_LAST.includes(result.code) ? null : 'failed'
  if (result.outcome !== 'returned') return 'failed'
  const { values } = result
  const transport = transportNamed(values.get('NewProtocol'))
  const externalPort = parsePort(values.get('NewExternalPort') ?? '')
  const entry =
    transport === undefined || externalPort === undefined ? undefined : entryOf(values, transport, externalPort)
  return entry ?? 'failed'
}

export interface NewMapping {
  readonly transport: Transport
  readonly externalPort: number
  readonly internal: Endpoint
  /** 0: for ever (version 1), or a week (version 2). */
  readonly leaseSeconds: number
  readonly description: string
}

/** `AddPortMapping`, or version 2's `AddAnyPortMapping`, which chooses another external port where that one is taken. */
export function addMapping(
  call: Call,
  action: 'AddPortMapping' | 'AddAnyPortMapping',
  { transport, externalPort, internal, leaseSeconds, description }: NewMapping,
): Promise<CallResult> {
  return call(action, [
    ...portOf(transport, externalPort),
    ['NewInternalPort', String(internal.port)],
    ['NewInternalClient', internal.address],
    ['NewEnabled', '1'],
    ['NewPortMappingDescription', description],
    ['NewLeaseDuration', String(leaseSeconds)],
  ])
}

export function deleteMapping(call: Call, transport: Transport, externalPort: number): Promise<CallResult> {
  return call('DeletePortMapping', portOf(transport, externalPort))
}

/** Of the access line; null where the router tells none, or what no host can have. */
export async function getExternalAddress(call: Call): Promise<Address | null> {
  const told = await askExternalAddress(call)
  return told === 'none' ? null : told
}

/** The same; `none` where the router says that it has none, as many do whose address outside is private. */
export async function askExternalAddress(call: Call): Promise<Address | 'none' | null> {
  const result = await call('GetExternalIPAddress', [])
  if (result.outcome === 'fault') return result.code === ACTION_FAILED ? 'none' : null
  if (result.outcome !== 'returned') return null
  const text = (result.values.get('NewExternalIPAddress') ?? '').trim()
  const address = parseAddress(text)
  if (text === '' || (address !== undefined && scopeOf(address) === 'unspecified')) return 'none'
  return address === undefined ? null : toldAddress(address, 'ipv4')
}

/** Is this the service of a line that is up? Undefined where it does not tell. */
export async function isConnected(call: Call): Promise<boolean | undefined> {
  const result = await call('GetStatusInfo', [])
  return result.outcome === 'returned' ? result.values.get('NewConnectionStatus') === 'Connected' : undefined
}

/** NewRemoteHost stays empty: strangers come from anywhere. The order is the standard's, which some routers insist on. */
function portOf(transport: Transport, externalPort: number): SoapArguments {
  return [
    ['NewRemoteHost', ''],
    ['NewExternalPort', String(externalPort)],
    ['NewProtocol', PROTOCOL_NAMES[transport]],
  ]
}

function entryOf(
  values: ReadonlyMap<string, string>,
  transport: Transport,
  externalPort: number,
): ListedMapping | undefined {
  const address = parseAddress(values.get('NewInternalClient') ?? '')
  const port = parsePort(values.get('NewInternalPort') ?? '')
  if (address === undefined || port === undefined) return undefined
  const lease = secondsOf(values.get('NewLeaseDuration'))
  return {
    transport,
    externalPort,
    internal: { address, port },
    enabled: ['1', 'true', 'yes'].includes((values.get('NewEnabled') ?? '1').toLowerCase()),
    lifetimeSeconds: lease === 0 ? null : lease,
    description: printable(values.get('NewPortMappingDescription') ?? '', 128),
  }
}

/** 0, for ever, where it tells none. */
function secondsOf(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
}

function transportNamed(name: string | undefined): Transport | undefined {
  const lower = name?.toLowerCase()
  return lower === 'udp' || lower === 'tcp' ? lower : undefined
}
