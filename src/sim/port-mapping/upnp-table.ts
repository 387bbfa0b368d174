import type { Transport } from '../../model/endpoint.ts'
import { parseAddress, parsePort, scopeOf } from '../../model/ip.ts'
import type { SoapArguments } from '../../wire/igd/soap.ts'
import type { AddressId } from '../address-book.ts'
import type { Opening } from '../nat/openings.ts'
import type { RouterSite } from './router-site.ts'

type Values = ReadonlyMap<string, string>
/** What an action returns, or the number of UPnP's fault. */
type Result = SoapArguments | number
type Action = (values: Values, caller: AddressId) => Result

const INVALID_ACTION = 401
const INVALID_ARGS = 402
const ACTION_FAILED = 501
const NOT_AUTHORIZED = 606
const ARRAY_INDEX_INVALID = 713
const NO_SUCH_ENTRY = 714
const CONFLICT = 718
const NO_PORT_MAPS = 728
const NO_SUCH_PINHOLE = 704
const PINHOLE_SPACE = 701

const WEEK_SECONDS = 604_800
/** IANA's numbers, by which the firewall's service names transports. */
const NUMBERED: Readonly<Record<string, Transport>> = { '6': 'tcp', '17': 'udp' }
const LAST_PORT = 65_535

/**
 * The actions of WANIPConnection:2 and WANIPv6FirewallControl:1 on a router's table of openings, in miniupnpd's secure
 * mode: a host asks for itself alone, and nobody's port is taken from him.
 */
export class UpnpTable {
  readonly #site: RouterSite
  #lastPinhole = 0

  constructor(site: RouterSite) {
    this.#site = site
  }

  call(action: string, values: Values, caller: AddressId): Result {
    const known = Object.hasOwn(this.#actions, action) ? this.#actions[action] : undefined
    return known === undefined ? INVALID_ACTION : known(values, caller)
  }

  readonly #actions: Readonly<Record<string, Action>> = {
    GetStatusInfo: () => [
      ['NewConnectionStatus', this.#site.guard.external === 0 ? 'Disconnected' : 'Connected'],
      ['NewLastConnectionError', 'ERROR_NONE'],
      ['NewUptime', String(Math.floor((this.#nowMs - this.#site.guard.startedAtMs) / 1000))],
    ],
    GetExternalIPAddress: () => [
      ['NewExternalIPAddress', this.#site.machine.world.addresses.text(this.#site.guard.external)],
    ],
    GetSpecificPortMappingEntry: (values) => {
      const entry = this.#named(values)
      return typeof entry === 'number' ? entry : this.#shown(entry)
    },
    GetGenericPortMappingEntry: (values) => {
      const entry = this.#forwards()[Number(values.get('NewPortMappingIndex') ?? Number.NaN)]
      if (entry === undefined) return ARRAY_INDEX_INVALID
      const { transport, externalPort } = entry
      return [
        ['NewRemoteHost', ''],
        ['NewExternalPort', String(externalPort)],
        ['NewProtocol', transport.toUpperCase()],
        ...this.#shown(entry),
      ]
    },
    AddPortMapping: (values, caller) => {
      const added = this.#add(values, caller, false)
      return typeof added === 'number' ? added : []
    },
    AddAnyPortMapping: (values, caller) => {
      const added = this.#add(values, caller, true)
      return typeof added === 'number' ? added : [['NewReservedPort', String(added.externalPort)]]
    },
    DeletePortMapping: (values, caller) => {
      const entry = this.#named(values)
      if (typeof entry === 'number') return entry
      if (entry.internal.address !== caller) return NOT_AUTHORIZED
      this.#site.guard.openings.delete(entry)
      return []
    },
    GetFirewallStatus: () => [
      ['FirewallEnabled', '1'],
      ['InboundPinholeAllowed', '1'],
    ],
    AddPinhole: (values, caller) => this.#addPinhole(values, caller),
    UpdatePinhole: (values, caller) => {
      const pinhole = this.#pinhole(values, caller)
      if (typeof pinhole === 'number') return pinhole
      this.#site.guard.openings.put({ ...pinhole, expiresAtMs: this.#expiry(values.get('NewLeaseTime')) })
      return []
    },
    CheckPinholeWorking: (values, caller) => {
      const pinhole = this.#pinhole(values, caller)
      return typeof pinhole === 'number' ? pinhole : [['IsWorking', '1']]
    },
    DeletePinhole: (values, caller) => {
      const pinhole = this.#pinhole(values, caller)
      if (typeof pinhole === 'number') return pinhole
      this.#site.guard.openings.delete(pinhole)
      return []
    },
  }

  get #nowMs(): number {
    return this.#site.machine.world.nowMs
  }

  #forwards(): readonly Opening[] {
    return this.#site.guard.openings.all().filter(({ kind }) => kind === 'forward')
  }

  #named(values: Values): Opening | number {
    const transport = transportOf(values)
    const port = parsePort(values.get('NewExternalPort') ?? '')
    if (transport === undefined || port === undefined) return INVALID_ARGS
    return this.#site.guard.openings.forward(transport, port) ?? NO_SUCH_ENTRY
  }

  #shown({ internal, expiresAtMs, description }: Opening): SoapArguments {
    const leftSeconds = expiresAtMs === null ? 0 : Math.ceil((expiresAtMs - this.#nowMs) / 1000)
    return [
      ['NewInternalPort', String(internal.port)],
      ['NewInternalClient', this.#site.machine.world.addresses.text(internal.address)],
      ['NewEnabled', '1'],
      ['NewPortMappingDescription', description],
      ['NewLeaseDuration', String(leftSeconds)],
    ]
  }

  #add(values: Values, caller: AddressId, anyPort: boolean): Opening | number {
    const transport = transportOf(values)
    const internal = this.#internal(values.get('NewInternalClient'), values.get('NewInternalPort'))
    const wished = parsePort(values.get('NewExternalPort') ?? '')
    if (transport === undefined || internal === undefined || wished === undefined) return INVALID_ARGS
    if (internal.address !== caller) return NOT_AUTHORIZED
    const { guard, machine } = this.#site
    // As miniupnpd: behind another NAT a mapping would lead nowhere.
    if (guard.external === 0 || scopeOf(machine.world.addresses.text(guard.external)) !== 'global') return ACTION_FAILED
    const isFree = (port: number) => {
      const there = guard.openings.forward(transport, port)?.internal ?? internal
      const isOwn = there.address === internal.address && there.port === internal.port
      return isOwn && !guard.isForwarded(transport, port)
    }
    let externalPort = wished
    while (anyPort && !isFree(externalPort) && externalPort < LAST_PORT) externalPort++
    if (!isFree(externalPort)) return anyPort ? NO_PORT_MAPS : CONFLICT
    const opening: Opening = {
      kind: 'forward',
      transport,
      externalPort,
      internal,
      expiresAtMs: this.#expiry(values.get('NewLeaseDuration')),
      by: 'upnp',
      token: '',
      description: values.get('NewPortMappingDescription') ?? '',
    }
    return guard.openings.put(opening) ? opening : NO_PORT_MAPS
  }

  #addPinhole(values: Values, caller: AddressId): Result {
    const transport = NUMBERED[values.get('Protocol') ?? '']
    const internal = this.#internal(values.get('InternalClient'), values.get('InternalPort'))
    if (transport === undefined || internal === undefined) return INVALID_ARGS
    if (internal.address !== caller) return NOT_AUTHORIZED
    const { openings } = this.#site.guard
    const before = openings.pinhole(transport, internal.address, internal.port)
    const token = before?.by === 'upnp' ? before.token : String(++this.#lastPinhole)
    const isAdded = openings.put({
      kind: 'pinhole',
      transport,
      externalPort: internal.port,
      internal,
      expiresAtMs: this.#expiry(values.get('LeaseTime')),
      by: 'upnp',
      token,
      description: '',
    })
    return isAdded ? [['UniqueID', token]] : PINHOLE_SPACE
  }

  #pinhole(values: Values, caller: AddressId): Opening | number {
    const id = values.get('UniqueID')
    const pinhole = this.#site.guard.openings
      .all()
      .find(({ kind, by, token }) => kind === 'pinhole' && by === 'upnp' && token === id)
    if (pinhole === undefined) return NO_SUCH_PINHOLE
    return pinhole.internal.address === caller ? pinhole : NOT_AUTHORIZED
  }

  #internal(client = '', digits = ''): { readonly address: AddressId; readonly port: number } | undefined {
    const [address, port] = [parseAddress(client), parsePort(digits)]
    if (address === undefined || port === undefined) return undefined
    return { address: this.#site.machine.world.addresses.id(address), port }
  }

  /** Version 2 of the service has no mapping for ever: 0 means a week. */
  #expiry(digits = ''): number {
    const seconds = /^[0-9]{1,10}$/.test(digits) ? Number(digits) : 0
    return this.#nowMs + 1000 * Math.min(WEEK_SECONDS, seconds || WEEK_SECONDS)
  }
}

function transportOf(values: Values): Transport | undefined {
  return ({ UDP: 'udp', TCP: 'tcp' } as const)[values.get('NewProtocol') ?? '']
}
