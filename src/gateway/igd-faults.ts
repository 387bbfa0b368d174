import { printable } from '../wire/igd/description.ts'
import type { CallResult } from './igd-call.ts'
import type { MapRefusal, MapResult } from './port-mapper.ts'

/** What UPnP's error codes mean for a mapping (WANIPConnection:2 §2.5, WANIPv6FirewallControl:1 §2.5, UDA 2.0 table 3-3). */
const REFUSALS: Readonly<Record<number, MapRefusal>> = {
  401: 'unsupported', // invalid action
  602: 'unsupported', // optional action not implemented
  603: 'no-resources', // out of memory
  606: 'not-authorized',
  701: 'no-resources', // pinholes: space exhausted
  703: 'not-authorized', // pinholes: inbound ones not allowed
  705: 'unsupported', // pinholes: protocol
  716: 'unsupported', // no wildcard port outside
  718: 'in-use', // conflict with another host's mapping
  727: 'unsupported',
  728: 'no-resources', // no port maps available
  729: 'in-use', // conflict with another mechanism
}

export type Fault = Extract<CallResult, { outcome: 'fault' }>

export function refusedBy({ code, description }: Fault): MapResult {
  return {
    outcome: 'refused',
    why: REFUSALS[code] ?? 'other',
    detail: printable(`UPnP ${code} ${description}`, 160),
  }
}

/** What came of a call that returned nothing. */
export function failedBy(result: Exclude<CallResult, { outcome: 'returned' }>): MapResult {
  if (result.outcome === 'fault') return refusedBy(result)
  return { outcome: result.outcome === 'garbage' ? 'garbage' : 'silent' }
}
