import { type Decoded, decoded, malformed } from '../bytes.ts'
import { parseXml, type XmlElement, type XmlError } from '../xml/parse-xml.ts'
import { childOf, escapeXml, textOf } from '../xml/xml-element.ts'
import { IGD_SERVICES, type IgdService } from './services.ts'

/** What a device says about itself, as far as it concerns port mappings. URLs are any text at all, untrusted. */
export interface IgdDescription {
  /** Printable, at most 128 characters; '' where it tells none. */
  readonly model: string
  /** What it calls itself apart from all other devices (`uuid:...`), at most 128 characters; '' where it does not. */
  readonly udn: string
  /** What control URLs are relative to, where it says so (UPnP 1.0 alone); '' for where the description was found. */
  readonly urlBase: string
  readonly services: readonly IgdServiceEntry[]
}

export interface IgdServiceEntry {
  readonly service: IgdService
  readonly controlUrl: string
}

export type IgdDescriptionError = XmlError | 'not-a-device'

/** More than a router with several access lines has. */
const MOST_SERVICES = 16

/** Reads a device description (UDA 2.0 §2.3). Services that peerway does not speak to are left out; throws on no input. */
export function decodeDescription(body: Uint8Array): Decoded<IgdDescription, IgdDescriptionError> {
  const root = parseXml(body)
  if (!root.ok) return root
  const device = childOf(root.value, 'device')
  if (root.value.name !== 'root' || device === undefined) return malformed('not-a-device', 0)
  return decoded({
    model: modelOf(device),
    udn: printable(textOf(device, 'UDN'), 128),
    urlBase: textOf(root.value, 'URLBase'),
    services: servicesIn(device).slice(0, MOST_SERVICES),
  })
}

/** Of this device and of those in it; the parser has bounded the depth. */
function servicesIn(device: XmlElement): readonly IgdServiceEntry[] {
  const own = (childOf(device, 'serviceList')?.children ?? []).flatMap((entry) => {
    const type = textOf(entry, 'serviceType')
    const service = IGD_SERVICES.find((each) => each === type)
    return service === undefined ? [] : [{ service, controlUrl: textOf(entry, 'controlURL') }]
  })
  const inner = (childOf(device, 'deviceList')?.children ?? []).flatMap(servicesIn)
  return [...own, ...inner]
}

/** Manufacturer and model, each word once: many write their own name into both. */
function modelOf(device: XmlElement): string {
  const [maker, name, number] = ['manufacturer', 'modelName', 'modelNumber'].map((field) => textOf(device, field))
  const parts = [name!.startsWith(maker!) ? '' : maker!, name!, name!.includes(number!) ? '' : number!]
  return printable(parts.filter((part) => part !== '').join(' '), 128)
}

/** Text that may end on somebody's terminal: control and format characters become spaces, and runs of space one. */
export function printable(text: string, most: number): string {
  const plain = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return [...plain].slice(0, most).join('')
}

/** What the simulator's routers serve: an Internet gateway device of `version` with these services. */
export function encodeDescription(
  version: 1 | 2,
  { model, services }: Pick<IgdDescription, 'model' | 'services'>,
  uuid: string,
): Uint8Array {
  const device = (type: string, id: string, inner: string) => `<device>
<deviceType>urn:schemas-upnp-org:device:${type}:${version}</deviceType>
<friendlyName>${type}</friendlyName><manufacturer>peerway</manufacturer><modelName>${escapeXml(model)}</modelName>
<UDN>uuid:${escapeXml(uuid)}${id}</UDN>${inner}</device>`
  const list = services.map(
    ({ service, controlUrl }, index) => `<service><serviceType>${service}</serviceType>
<serviceId>urn:upnp-org:serviceId:${index}</serviceId><controlURL>${escapeXml(controlUrl)}</controlURL></service>`,
  )
  const connection = device('WANConnectionDevice', '2', `<serviceList>${list.join('')}</serviceList>`)
  const wan = device('WANDevice', '1', `<deviceList>${connection}</deviceList>`)
  const root = device('InternetGatewayDevice', '0', `<deviceList>${wan}</deviceList>`)
  return new TextEncoder().encode(`<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>1</minor></specVersion>
${root}</root>\n`)
}
