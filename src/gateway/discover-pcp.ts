import type { Host } from '../host/host.ts'
import { PCP_RESULT_CODES, pcpResultName } from '../wire/pcp/result-codes.ts'
import { askPcp } from './ask-pcp.ts'
import type { Discovered, DiscoveryTarget } from './discovery.ts'
import { CHECK_PATIENCE_MS } from './patience.ts'

/**
 * Does this gateway speak PCP? Asked with ANNOUNCE (RFC 6887 §14.1), which changes nothing. The external address could
 * be had only by a mapping, so it stays null. At most a second. `PeerwayError` when this host cannot send from `local`.
 */
export async function discoverPcp(host: Host, { gateway, local, signal }: DiscoveryTarget): Promise<Discovered> {
  const reply = await askPcp(host, {
    gateway,
    request: { operation: { opcode: 'ANNOUNCE' }, lifetimeSeconds: 0, client: local, options: [] },
    rttMs: null,
    patienceMs: CHECK_PATIENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  })
  if (reply.outcome !== 'answered') return { outcome: reply.outcome }
  if (reply.answer.kind === 'other-version') return { outcome: 'other-version' }
  const { resultCode, epochSeconds } = reply.answer.response
  // A server that knows the protocol and not this opcode can still map.
  const speaks = resultCode === PCP_RESULT_CODES.SUCCESS || resultCode === PCP_RESULT_CODES.UNSUPP_OPCODE
  if (speaks) return { outcome: 'speaks', externalAddress: null, epochSeconds, model: null, rttMs: reply.rttMs }
  return { outcome: 'refuses', detail: `PCP ${pcpResultName(resultCode) ?? 'result'} (${resultCode})` }
}
