import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import type { SoapArguments } from '../wire/igd/soap.ts'
import { checkLifetime, checkRequest } from './check-request.ts'
import { askExternalAddress, entryAt, lookUp } from './igd-actions.ts'
import { type Call, type CallResult, callAction, type ServiceAt } from './igd-call.ts'
import type { IgdDevice } from './igd-device.ts'
import { type IgdRequest, mapPort, unmapPort } from './igd-map.ts'
import { openPinhole, renewPinhole, shutPinhole } from './igd-pinhole.ts'
import type {
  ListedMapping,
  MapperProtocol,
  MappingRequest,
  MapResult,
  PortMapper,
  PortMapping,
  UnmapResult,
} from './port-mapper.ts'

/** Some routers take two seconds to load their rules. */
const CALL_TIMEOUT_MS = 5000
/** For all calls of one mapping, and for a whole table. */
const PATIENCE_MS = 20_000
const MOST_LISTED = 1024

/** Which of a device's services: the line's for IPv4, the firewall's for IPv6. */
type Pick = (device: IgdDevice) => ServiceAt | null

const WAN: Pick = (device) => device.wan
const FIREWALL: Pick = (device) => device.firewall

/**
 * A gateway asked by UPnP. It keeps where the gateway takes calls, and looks for it again, once for each call, when nothing is
 * there any more: many routers choose another port each time they start.
 */
export class IgdMapper implements PortMapper {
  readonly gateway: Address
  readonly model: string | null
  readonly externalAddress: Address | null
  /** The gateway says that it has no address outside. */
  readonly hasNoExternal: boolean
  readonly #host: Host
  readonly #findAgain: () => Promise<IgdDevice | undefined>
  #device: IgdDevice

  private constructor(
    host: Host,
    device: IgdDevice,
    external: Address | 'none' | null,
    findAgain: () => Promise<IgdDevice | undefined>,
  ) {
    this.#host = host
    this.#device = device
    this.#findAgain = findAgain
    this.gateway = device.gateway
    this.model = device.model
    this.hasNoExternal = external === 'none'
    this.externalAddress = external === 'none' ? null : external
  }

  /** `findAgain` looks for the device of the same gateway anew. */
  static async open(
    host: Host,
    device: IgdDevice,
    findAgain: () => Promise<IgdDevice | undefined>,
    signal?: AbortSignal,
  ): Promise<IgdMapper> {
    const patience = { timeoutMs: CALL_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) }
    const external = await askExternalAddress((action, values) =>
      callAction(host, device.wan, action, values, patience),
    )
    return new IgdMapper(host, device, external, findAgain)
  }

  get protocol(): MapperProtocol {
    return this.#device.wan.service.endsWith(':2') ? 'igd2' : 'igd1'
  }

  map(request: MappingRequest): Promise<MapResult> {
    checkRequest(request)
    return this.#map(request)
  }

  #map(request: IgdRequest): Promise<MapResult> {
    if (familyOf(request.internal.address) === 'ipv6') {
      return openPinhole(this.#host, this.#call(FIREWALL), this, request)
    }
    return mapPort(this.#host, this.#call(WAN), this, request)
  }

  renew(mapping: PortMapping, lifetimeSeconds: number): Promise<MapResult> {
    checkLifetime(lifetimeSeconds)
    const { transport, internal, externalPort, description } = mapping
    const request = { transport, internal, suggestedPort: externalPort, lifetimeSeconds, description }
    if (familyOf(internal.address) === 'ipv4') return this.#map(request)
    return renewPinhole(this.#host, this.#call(FIREWALL), this, mapping, request)
  }

  unmap(mapping: PortMapping): Promise<UnmapResult> {
    if (familyOf(mapping.internal.address) === 'ipv6') return shutPinhole(this.#call(FIREWALL), mapping)
    return unmapPort(this.#call(WAN), this, mapping)
  }

  /**
   * Does the gateway still have this mapping of ours? `maybe-not`: it says something that many say of a port that nobody
   * has. Pinholes cannot be asked for without changing them.
   */
  async has({ transport, externalPort, internal }: PortMapping): Promise<'there' | 'gone' | 'maybe-not' | 'silent'> {
    if (familyOf(internal.address) === 'ipv6') return 'maybe-not'
    const found = await lookUp(this.#call(WAN), transport, externalPort)
    if (found.outcome === 'none') return found.certain ? 'gone' : 'maybe-not'
    if (found.outcome === 'silent' || found.outcome === 'absent') return 'silent'
    if (found.outcome !== 'entry') return 'maybe-not'
    return found.entry.internal.address === internal.address ? 'there' : 'gone'
  }

  async list(): Promise<readonly ListedMapping[] | null> {
    return listEntries(this.#call(WAN), MOST_LISTED)
  }

  /** The first entries of the table, at most `most`, until `signal` fires; the gateway is not looked for again. */
  async glance(most: number, signal: AbortSignal): Promise<readonly ListedMapping[] | null> {
    const patience = { timeoutMs: CALL_TIMEOUT_MS, signal }
    return listEntries((action, values) => callAction(this.#host, this.#device.wan, action, values, patience), most)
  }

  /** Calls of one undertaking, which share its patience. */
  #call(pick: Pick): Call {
    const deadlineMs = this.#host.clock.monotonicMs() + PATIENCE_MS
    return async (action, values) => {
      const result = await this.#try(pick, action, values, deadlineMs)
      if (result.outcome !== 'absent' && result.outcome !== 'silent') return result
      const device = await this.#findAgain()
      if (device === undefined) return result
      this.#device = device
      return this.#try(pick, action, values, deadlineMs)
    }
  }

  async #try(pick: Pick, action: string, values: SoapArguments, deadlineMs: number): Promise<CallResult> {
    const service = pick(this.#device)
    if (service === null) return { outcome: 'fault', code: 602, description: 'the router has no such service' }
    const timeoutMs = Math.min(CALL_TIMEOUT_MS, deadlineMs - this.#host.clock.monotonicMs())
    return timeoutMs > 0 ? callAction(this.#host, service, action, values, { timeoutMs }) : { outcome: 'silent' }
  }
}

/** The table, entry by entry; null where it does not show the first. */
async function listEntries(call: Call, most: number): Promise<readonly ListedMapping[] | null> {
  const listed = new Map<string, ListedMapping>()
  for (let index = 0; index < most; index++) {
    const entry = await entryAt(call, index)
    if (entry === 'failed') return index === 0 ? null : [...listed.values()]
    // Some routers say the last entry again and again.
    const key = entry === null ? '' : `${entry.transport} ${entry.externalPort} ${entry.internal.address}`
    if (entry === null || listed.has(key)) break
    listed.set(key, entry)
  }
  return [...listed.values()]
}
