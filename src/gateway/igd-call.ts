import type { Host } from '../host/host.ts'
import type { Location } from '../wire/igd/location.ts'
import type { IgdService } from '../wire/igd/services.ts'
import { decodeSoapReply, encodeSoapCall, type SoapArguments, soapActionField } from '../wire/igd/soap.ts'
import { exchangeHttp, type HttpPatience, type HttpSource } from './http-exchange.ts'

/** A service of a gateway and where it takes calls: always on the gateway's own literal address. */
export interface ServiceAt {
  readonly service: IgdService
  readonly at: Location
  /** From the address for which it is to open ports: a gateway opens none for others. */
  readonly from: HttpSource
}

/** `absent`: nothing takes calls there any more, as after a restart. `fault`: UPnP's own errorCode and words. */
export type CallResult =
  | { readonly outcome: 'returned'; readonly values: ReadonlyMap<string, string> }
  | { readonly outcome: 'fault'; readonly code: number; readonly description: string }
  | { readonly outcome: 'absent' | 'silent' | 'garbage' }

/** An action of one service, with whatever patience the caller has. */
export type Call = (action: string, values: SoapArguments) => Promise<CallResult>

/** Calls one action by SOAP (UDA 2.0 §3.2). What the router does is the result, never an exception. */
export async function callAction(
  host: Host,
  { service, at, from }: ServiceAt,
  action: string,
  values: SoapArguments,
  patience: HttpPatience,
): Promise<CallResult> {
  const request = {
    method: 'POST',
    path: at.path,
    to: { address: at.address, port: at.port },
    fields: [
      ['Content-Type', 'text/xml; charset="utf-8"'],
      ['SOAPAction', soapActionField(service, action)],
    ],
    body: encodeSoapCall(service, action, values),
  } as const
  const exchange = await exchangeHttp(host, request, patience, from)
  if (exchange.outcome !== 'answered') return exchange
  const { status, body } = exchange.response
  // The web server is there, and the service is not: its paths changed.
  if (status === 404 || status === 405) return { outcome: 'absent' }
  // A fault comes with 500, and from some routers with 200.
  if (status !== 200 && status !== 500) return { outcome: 'garbage' }
  const reply = decodeSoapReply(body, action)
  if (!reply.ok) return { outcome: 'garbage' }
  if (reply.value.kind === 'returned') return { outcome: 'returned', values: reply.value.values }
  return { outcome: 'fault', code: reply.value.code, description: reply.value.description }
}
