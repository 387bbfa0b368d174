import type { Address } from '../model/endpoint.ts'
import { familyOf } from '../model/endpoint.ts'
import type { InboundHopsFact } from '../model/evidence.ts'
import type { VantageControl } from '../vantage/vantage.ts'

const MAX_TTL = 16

/** How far do the vantage's own echo requests come on their way to us? Undefined where it cannot send any. */
export async function probeInboundHops(vantage: string, control: VantageControl): Promise<InboundHopsFact | undefined> {
  const toward: Address = control.observed.address
  const hops = await control.echo({ maxTtl: MAX_TTL })
  return hops === null ? undefined : { family: familyOf(toward), toward, hops, vantage }
}
