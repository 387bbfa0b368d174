import { viewOf } from '../bytes.ts'
import { NAT_PMP_RESULT_CODES, type NatPmpResultName } from './result-codes.ts'

/**
 * The 8 bytes with which a server refuses a request of another version (PCP's too, RFC 6887 §9) or opcode (RFC 6886
 * §3.5). `request` has at least 2 bytes.
 */
export function refuseNatPmp(request: Uint8Array, name: NatPmpResultName, epochSeconds: number): Uint8Array {
  const bytes = new Uint8Array(8)
  bytes[1] = 0x80 | request[1]!
  const view = viewOf(bytes)
  view.setUint16(2, NAT_PMP_RESULT_CODES[name])
  view.setUint32(4, epochSeconds)
  return bytes
}
