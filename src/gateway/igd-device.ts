import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import type { RefusedLocation } from '../model/evidence.ts'
import { decodeDescription, type IgdDescription, printable } from '../wire/igd/description.ts'
import { type Location, parseLocation, resolveLocation } from '../wire/igd/location.ts'
import { FIREWALL_SERVICE, WAN_SERVICES } from '../wire/igd/services.ts'
import { exchangeHttp, type HttpSource } from './http-exchange.ts'
import { isConnected } from './igd-actions.ts'
import { type Call, callAction, type ServiceAt } from './igd-call.ts'
import { isLinkLocalIpv6 } from './link-towards.ts'

/** An Internet gateway device that described itself, with the service of its line that is up. */
export interface IgdDevice {
  readonly gateway: Address
  readonly model: string | null
  /** Its name among all devices; '' where it tells none. */
  readonly udn: string
  /** Where it describes itself. */
  readonly location: Location
  readonly wan: ServiceAt
  /** For IPv6 pinholes. */
  readonly firewall: ServiceAt | null
}

export const DESCRIPTION_TIMEOUT_MS = 3000
/** Lines of one router that are asked for their status. */
const MOST_LINES = 8

/**
 * Where `text` leads, if that is on the gateway itself; else what is wrong with it. A gateway that hosts know by its
 * link-local address mostly names another one of its own: then port and path are taken at the address that is known.
 */
export function locateOn(
  gateway: Address,
  text: string,
  base?: Location,
): { readonly at: Location } | { readonly refused: RefusedLocation } {
  const read = base === undefined ? parseLocation(text) : resolveLocation(text, base)
  if (read.ok && (read.value.address === gateway || (isLinkLocalIpv6(gateway) && isIpv6(read.value)))) {
    return { at: { ...read.value, address: gateway } }
  }
  return { refused: { from: gateway, url: printable(text, 128), why: read.ok ? 'elsewhere' : read.code } }
}

function isIpv6({ address }: Location): boolean {
  return familyOf(address) === 'ipv6'
}

/**
 * Fetches the description at `location`, which is on the gateway, and chooses the service to ask: of several lines the one
 * that says it is connected, version 2 before version 1. Undefined where it describes none; what it named
 * and was not followed is told to `onRefused`.
 */
export async function describeDevice(
  host: Host,
  location: Location,
  from: HttpSource,
  signal: AbortSignal,
  onRefused: (refused: RefusedLocation) => void,
): Promise<IgdDevice | undefined> {
  const { address: gateway, path } = location
  const patience = { timeoutMs: DESCRIPTION_TIMEOUT_MS, signal }
  const fetched = await exchangeHttp(host, { method: 'GET', path, to: location }, patience, from)
  if (fetched.outcome !== 'answered') return undefined
  const { status, fields, body } = fetched.response
  if (status >= 300 && status < 400) {
    onRefused({ from: gateway, url: printable(fields.get('location') ?? '', 128), why: 'redirect' })
  }
  const description = status === 200 ? decodeDescription(body) : undefined
  if (description?.ok !== true) return undefined
  const services = servicesOf(description.value, location, from, onRefused)
  const wan = await chooseLine(host, services, signal)
  if (wan === undefined) return undefined
  const firewall = services.find(({ service }) => service === FIREWALL_SERVICE) ?? null
  const { model, udn } = description.value
  return { gateway, model: model || null, udn, location, wan, firewall }
}

function servicesOf(
  { urlBase, services }: IgdDescription,
  location: Location,
  from: HttpSource,
  onRefused: (refused: RefusedLocation) => void,
): readonly ServiceAt[] {
  const { address: gateway } = location
  const followed = <T>(result: { readonly at: T } | { readonly refused: RefusedLocation }): T | undefined => {
    if ('at' in result) return result.at
    onRefused(result.refused)
    return undefined
  }
  // A base elsewhere is no reason to do without the device: its control URLs may still be good.
  const base = (urlBase === '' ? undefined : followed(locateOn(gateway, urlBase))) ?? location
  return services.flatMap(({ service, controlUrl }) => {
    const at = followed(locateOn(gateway, controlUrl, base))
    return at === undefined ? [] : [{ service, at, from }]
  })
}

async function chooseLine(
  host: Host,
  services: readonly ServiceAt[],
  signal: AbortSignal,
): Promise<ServiceAt | undefined> {
  const lines = WAN_SERVICES.flatMap((wanted) => services.filter(({ service }) => service === wanted))
  if (lines.length < 2) return lines[0]
  const asked = lines.slice(0, MOST_LINES)
  const states = await Promise.all(
    asked.map((line) => {
      const call: Call = (action, values) =>
        callAction(host, line, action, values, { timeoutMs: DESCRIPTION_TIMEOUT_MS, signal })
      return isConnected(call)
    }),
  )
  return asked.find((_, index) => states[index] === true) ?? asked[0]
}
