import type { Host } from '../host/host.ts'
import type { Address, Transport } from '../model/endpoint.ts'
import type { Call, CallResult } from './igd-call.ts'
import { failedBy } from './igd-faults.ts'
import type { IgdRequest } from './igd-map.ts'
import type { MapperProtocol, MapResult, PortMapping, UnmapResult } from './port-mapper.ts'

interface PinholeSite {
  readonly protocol: MapperProtocol
  readonly gateway: Address
}

/** IANA's protocol numbers, by which this service names transports. */
const NUMBERS: Readonly<Record<Transport, string>> = { udp: '17', tcp: '6' }
/** Longest lease (WANIPv6FirewallControl:1 §2.3.8). */
const DAY_SECONDS = 86_400
const NO_SUCH_ENTRY = 704
const NOT_AUTHORIZED = 606

/**
 * Opens an IPv6 pinhole (WANIPv6FirewallControl:1 §2.5.3) for anybody outside. Where the firewall says that it lets
 * nobody open any, it is not asked to.
 */
export async function openPinhole(host: Host, call: Call, site: PinholeSite, request: IgdRequest): Promise<MapResult> {
  const status = await call('GetFirewallStatus', [])
  if (status.outcome !== 'returned') return failedBy(status)
  if (isFalse(status.values.get('InboundPinholeAllowed'))) {
    return { outcome: 'refused', why: 'not-authorized', detail: 'UPnP InboundPinholeAllowed 0' }
  }
  const leaseSeconds = leaseOf(request.lifetimeSeconds)
  const result = await call('AddPinhole', [
    ['RemoteHost', ''],
    ['RemotePort', '0'],
    ['InternalClient', request.internal.address],
    ['InternalPort', String(request.internal.port)],
    ['Protocol', NUMBERS[request.transport]],
    ['LeaseTime', String(leaseSeconds)],
  ])
  if (result.outcome !== 'returned') return failedBy(result)
  const id = result.values.get('UniqueID') ?? ''
  if (!/^[0-9]{1,5}$/.test(id)) return { outcome: 'garbage' }
  return granted(host, site, request, leaseSeconds, id)
}

/** Prolongs a pinhole; one that the router has forgotten is opened again. */
export async function renewPinhole(
  host: Host,
  call: Call,
  site: PinholeSite,
  mapping: PortMapping,
  request: IgdRequest,
): Promise<MapResult> {
  const leaseSeconds = leaseOf(request.lifetimeSeconds)
  const id = idOf(mapping)
  const result = await call('UpdatePinhole', [
    ['UniqueID', id],
    ['NewLeaseTime', String(leaseSeconds)],
  ])
  if (result.outcome === 'returned') return granted(host, site, request, leaseSeconds, id)
  const isGone = result.outcome === 'fault' && result.code === NO_SUCH_ENTRY
  return isGone ? openPinhole(host, call, site, request) : failedBy(result)
}

/** Ids name no host, but the router lets each host shut its own alone. */
export async function shutPinhole(call: Call, mapping: PortMapping): Promise<UnmapResult> {
  const result = await call('DeletePinhole', [['UniqueID', idOf(mapping)]])
  if (result.outcome === 'returned') return 'deleted'
  if (result.outcome === 'garbage') return 'garbage'
  if (result.outcome !== 'fault') return 'silent'
  if (result.code === NO_SUCH_ENTRY) return 'not-there'
  return result.code === NOT_AUTHORIZED ? 'not-ours' : 'refused'
}

/** Has anything come through the pinhole? Undefined where the router does not tell, or nothing has tried yet (709). */
export async function isPinholeWorking(call: Call, mapping: PortMapping): Promise<boolean | undefined> {
  const result: CallResult = await call('CheckPinholeWorking', [['UniqueID', idOf(mapping)]])
  return result.outcome === 'returned' ? !isFalse(result.values.get('IsWorking')) : undefined
}

function granted(
  host: Host,
  { protocol, gateway }: PinholeSite,
  { transport, internal, description }: IgdRequest,
  lifetimeSeconds: number,
  token: string,
): MapResult {
  return {
    outcome: 'mapped',
    mapping: {
      protocol,
      gateway,
      transport,
      internal,
      externalPort: internal.port,
      externalAddress: internal.address,
      lifetimeSeconds,
      grantedAtMs: host.clock.nowMs(),
      token,
      description,
    },
  }
}

/** At least a second: 0 is no lease here. */
function leaseOf(lifetimeSeconds: number): number {
  return Math.min(DAY_SECONDS, Math.max(1, lifetimeSeconds))
}

function idOf({ token }: PortMapping): string {
  if (token === null) throw new RangeError('a pinhole without its id')
  return token
}

function isFalse(value: string | undefined): boolean {
  return ['0', 'false', 'no'].includes((value ?? '').toLowerCase())
}
