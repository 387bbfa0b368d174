import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PCP_NONCE_BYTES } from '../wire/pcp/message.ts'
import { PCP_RESULT_CODES } from '../wire/pcp/result-codes.ts'
import { askPcp } from './ask-pcp.ts'
import type { DiscoveryTarget } from './discovery.ts'
import { CHECK_PATIENCE_MS } from './patience.ts'
import { toldAddress } from './told-address.ts'

/** What a PCP server lets slip of what lies between us and beyond it; undefined where it says nothing of MAP. */
export interface PcpOutside {
  /** As in an assigned endpoint; null where it told none, or one that cannot be. */
  readonly externalAddress: Address | null
  /** Our packets come to it from another address than this host's: somebody between translates (RFC 6887 §8.2). */
  readonly seesAnotherAddress: boolean
}

const UDP = 17

/**
 * Asks a PCP server to delete a mapping that nobody has: MAP with lifetime 0 (RFC 6887 §15), a nonce drawn for it
 * alone, and a port that is held meanwhile so that it is nobody else's. So it changes nothing, and the server has to look
 * whether we are who we say, which it need not for ANNOUNCE; miniupnpd fills in its address outside as well. At most a second.
 * `PeerwayError` when this host cannot send from `local`.
 */
export async function askPcpOutside(
  host: Host,
  { gateway, local, signal }: DiscoveryTarget,
): Promise<PcpOutside | undefined> {
  await using held = await host.udp.open({ local: { address: local, port: 0 } })
  const mapping = {
    nonce: host.random.bytes(PCP_NONCE_BYTES),
    protocol: UDP,
    internalPort: held.local.port,
    external: { address: '0.0.0.0', port: 0 },
  }
  const reply = await askPcp(host, {
    gateway,
    request: { operation: { opcode: 'MAP', mapping }, lifetimeSeconds: 0, client: local, options: [] },
    rttMs: null,
    patienceMs: CHECK_PATIENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  })
  if (reply.outcome !== 'answered' || reply.answer.kind !== 'response') return undefined
  const { operation, resultCode } = reply.answer.response
  if (operation.opcode !== 'MAP') return undefined
  const seesAnotherAddress = resultCode === PCP_RESULT_CODES.ADDRESS_MISMATCH
  const externalAddress = seesAnotherAddress ? null : toldAddress(operation.mapping.external.address, 'ipv4')
  return { externalAddress, seesAnotherAddress }
}
