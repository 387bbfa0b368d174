import type { Host } from '../host/host.ts'
import type { Transport } from '../model/endpoint.ts'
import type { Call, CallResult } from './igd-call.ts'
import { failedBy } from './igd-faults.ts'
import type { IgdRequest } from './igd-map.ts'
import type { MapResult, PortMapper, PortMapping, UnmapResult } from './port-mapper.ts'

type PinholeSite = Pick<PortMapper, 'protocol' | 'gateway'>

/** IANA's protocol numbers, by which this service names transports. */
const NUMBERS: Readonly<Record<Transport, string>> = { udp: '17', tcp: '6' }
/** Longest lease (WANIPv6FirewallControl:1 §2.3.8). */
const DAY_SECONDS = 86_400
const NO_SUCH_ENTRY = 704
const MAY_MEAN_GONE: readonly number[] = [402, 501]
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
  const result = await addPinhole(call, request, leaseSeconds)
  if (result.outcome !== 'returned') return failedBy(result)
  const id = idIn(result.values)
  return id === undefined ? { outcome: 'garbage' } : granted(host, site, request, leaseSeconds, id)
}

function addPinhole(
  call: Call,
  { transport, internal }: Pick<IgdRequest, 'transport' | 'internal'>,
  leaseSeconds: number,
): Promise<CallResult> {
  return call('AddPinhole', [
    ['RemoteHost', ''],
    ['RemotePort', '0'],
    ['InternalClient', internal.address],
    ['InternalPort', String(internal.port)],
    ['Protocol', NUMBERS[transport]],
    ['LeaseTime', String(leaseSeconds)],
  ])
}

function idIn(values: ReadonlyMap<string, string>): string | undefined {
  const id = values.get('UniqueID') ?? ''
  return /^[0-9]{1,5}$/.test(id) ? id : undefined
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
  return (await isGone(call, id, result)) ? openPinhole(host, call, site, request) : failedBy(result)
}

/**
 * Ids name no host, though the router lets each host shut its own alone, and no port; a router that was restarted gives them
 * to others. So ours is asked for once more, for a second: the same pinhole has the same id (WANIPv6FirewallControl:1
 * §2.5.3), and one with another id was none of ours.
 */
export async function shutPinhole(call: Call, mapping: PortMapping): Promise<UnmapResult> {
  const same = await askForId(call, mapping)
  const id = same ?? mapping.token
  if (id === null) return 'refused'
  if (mapping.token !== null && id !== mapping.token) {
    await call('DeletePinhole', [['UniqueID', id]])
    return (await saysGone(call, mapping.token)) ? 'not-there' : 'undecided'
  }
  const result = await call('DeletePinhole', [['UniqueID', id]])
  if (result.outcome === 'returned') return 'deleted'
  if (result.outcome === 'garbage') return 'garbage'
  if (result.outcome !== 'fault') return 'silent'
  if (await isGone(call, id, result)) return 'not-there'
  return result.code === NOT_AUTHORIZED ? 'not-ours' : 'refused'
}

async function askForId(call: Call, mapping: PortMapping): Promise<string | undefined> {
  const same = await addPinhole(call, mapping, 1)
  return same.outcome === 'returned' ? idIn(same.values) : undefined
}

/**
 * Was there no such pinhole? miniupnpd 2.3 says "invalid args" (402) or fails (501) to change or delete one that is gone,
 * and does the same when asked whether it works; of one that is there it says that it works, or that nothing has come
 * through (709).
 */
async function isGone(call: Call, id: string, result: CallResult): Promise<boolean> {
  if (result.outcome !== 'fault') return false
  if (!MAY_MEAN_GONE.includes(result.code)) return result.code === NO_SUCH_ENTRY
  return saysGone(call, id)
}

async function saysGone(call: Call, id: string): Promise<boolean> {
  const check = await call('CheckPinholeWorking', [['UniqueID', id]])
  return check.outcome === 'fault' && [NO_SUCH_ENTRY, ...MAY_MEAN_GONE].includes(check.code)
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
      epochSeconds: null,
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
