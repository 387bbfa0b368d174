/**
 * PCP result codes by their names in IANA's registry (RFC 6887 §7.4). Those of 14 and above belong to extensions
 * (RFC 7652, RFC 7843) that peerway never asks for.
 */
export const PCP_RESULT_CODES = {
  SUCCESS: 0,
  UNSUPP_VERSION: 1,
  NOT_AUTHORIZED: 2,
  MALFORMED_REQUEST: 3,
  UNSUPP_OPCODE: 4,
  UNSUPP_OPTION: 5,
  MALFORMED_OPTION: 6,
  NETWORK_FAILURE: 7,
  NO_RESOURCES: 8,
  UNSUPP_PROTOCOL: 9,
  USER_EX_QUOTA: 10,
  CANNOT_PROVIDE_EXTERNAL: 11,
  ADDRESS_MISMATCH: 12,
  EXCESSIVE_REMOTE_PEERS: 13,
} as const

export type PcpResultName = keyof typeof PCP_RESULT_CODES

const NAME_BY_CODE: ReadonlyMap<number, PcpResultName> = new Map(
  Object.entries(PCP_RESULT_CODES).map(([name, code]) => [code, name as PcpResultName]),
)

/** The registry's name of a code (0 to 255), or undefined for one without a row. */
export function pcpResultName(code: number): PcpResultName | undefined {
  return NAME_BY_CODE.get(code)
}
