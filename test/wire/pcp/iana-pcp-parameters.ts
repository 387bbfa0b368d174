/**
 * IANA's "Port Control Protocol (PCP) Parameters" (https://www.iana.org/assignments/pcp-parameters), as last updated on
 * 2016-05-11, as far as it refers to RFC 6887: opcodes, result codes and options.
 */
export const IANA_PCP_OPCODES: readonly (readonly [value: number, name: string])[] = [
  [0, 'ANNOUNCE'],
  [1, 'MAP'],
  [2, 'PEER'],
]

export const IANA_PCP_RESULT_CODES: readonly (readonly [value: number, name: string])[] = [
  [0, 'SUCCESS'],
  [1, 'UNSUPP_VERSION'],
  [2, 'NOT_AUTHORIZED'],
  [3, 'MALFORMED_REQUEST'],
  [4, 'UNSUPP_OPCODE'],
  [5, 'UNSUPP_OPTION'],
  [6, 'MALFORMED_OPTION'],
  [7, 'NETWORK_FAILURE'],
  [8, 'NO_RESOURCES'],
  [9, 'UNSUPP_PROTOCOL'],
  [10, 'USER_EX_QUOTA'],
  [11, 'CANNOT_PROVIDE_EXTERNAL'],
  [12, 'ADDRESS_MISMATCH'],
  [13, 'EXCESSIVE_REMOTE_PEERS'],
]

/** Value, name, data length in bytes, and the opcodes that it is valid for. */
export const IANA_PCP_OPTIONS: readonly (readonly [value: number, name: string, length: number, opcodes: string])[] = [
  [1, 'THIRD_PARTY', 16, 'MAP, PEER'],
  [2, 'PREFER_FAILURE', 0, 'MAP'],
  [3, 'FILTER', 20, 'MAP'],
]
