import { type Decoded, decoded, malformed } from '../bytes.ts'
import { parseXml, type XmlElement, type XmlError } from '../xml/parse-xml.ts'
import { childOf, escapeXml, textOf } from '../xml/xml-element.ts'
import { printable } from './description.ts'

/** The call of an action, or what it returned: its arguments in their order. Values are any text at all. */
export interface SoapMessage {
  readonly action: string
  readonly values: ReadonlyMap<string, string>
}

export type SoapReply =
  | { readonly kind: 'returned'; readonly values: ReadonlyMap<string, string> }
  /** `code`: UPnP's errorCode. `description`: printable, at most 128 characters. */
  | { readonly kind: 'fault'; readonly code: number; readonly description: string }

export type SoapError = XmlError | 'not-soap' | 'another-action'

export type SoapArguments = readonly (readonly [name: string, value: string])[]

const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/

/** The body of a call (UDA 2.0 §3.2.1). RangeError for names that are none; values may hold anything that XML can. */
export function encodeSoapCall(service: string, action: string, values: SoapArguments): Uint8Array {
  return envelope(`<u:${named(action)} xmlns:u="${escapeXml(service)}">${listed(values)}</u:${action}>`)
}

/** The SOAPAction field that goes with it. */
export function soapActionField(service: string, action: string): string {
  return `"${service}#${named(action)}"`
}

/** What the simulator's routers answer. */
export function encodeSoapReturn(service: string, action: string, values: SoapArguments): Uint8Array {
  const name = `${named(action)}Response`
  return envelope(`<u:${name} xmlns:u="${escapeXml(service)}">${listed(values)}</u:${name}>`)
}

export function encodeSoapFault(code: number, description: string): Uint8Array {
  return envelope(`<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>
<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode>
<errorDescription>${escapeXml(description)}</errorDescription></UPnPError></detail></s:Fault>`)
}

/** Reads the body of a call, whatever its action. Pure, and throws on no input. */
export function decodeSoapCall(body: Uint8Array): Decoded<SoapMessage, SoapError> {
  const call = contentOf(body)
  if (!call.ok) return call
  return decoded({ action: call.value.name, values: valuesOf(call.value) })
}

/** Reads the body of an answer to `action`: what it returned, or UPnP's fault. Pure, and throws on no input. */
export function decodeSoapReply(body: Uint8Array, action: string): Decoded<SoapReply, SoapError> {
  const content = contentOf(body)
  if (!content.ok) return content
  const { name } = content.value
  if (name === 'Fault') return faultIn(content.value)
  if (name !== `${action}Response`) return malformed('another-action', 0)
  return decoded({ kind: 'returned', values: valuesOf(content.value) })
}

function faultIn(fault: XmlElement): Decoded<SoapReply, SoapError> {
  const error = childOf(childOf(fault, 'detail') ?? fault, 'UPnPError')
  const code = error === undefined ? '' : textOf(error, 'errorCode')
  if (error === undefined || !/^[0-9]{1,5}$/.test(code)) return malformed('not-soap', 0)
  return decoded({ kind: 'fault', code: Number(code), description: printable(textOf(error, 'errorDescription'), 128) })
}

function contentOf(body: Uint8Array): Decoded<XmlElement, SoapError> {
  const root = parseXml(body)
  if (!root.ok) return root
  const content = root.value.name === 'Envelope' ? childOf(root.value, 'Body')?.children[0] : undefined
  return content === undefined ? malformed('not-soap', 0) : decoded(content)
}

/** Of a name that comes twice, the first counts. */
function valuesOf(element: XmlElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { name, text } of element.children) if (!values.has(name)) values.set(name, text)
  return values
}

function named(name: string): string {
  if (!NAME.test(name)) throw new RangeError(`not the name of an action or argument: ${JSON.stringify(name)}`)
  return name
}

function listed(values: SoapArguments): string {
  return values.map(([name, value]) => `<${named(name)}>${escapeXml(value)}</${name}>`).join('')
}

function envelope(content: string): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${content}</s:Body></s:Envelope>\r\n`)
}
