/** Result codes of NAT-PMP (RFC 6886 §3.5), by names in the manner of PCP's; the RFC has only sentences. */
export const NAT_PMP_RESULT_CODES = {
  SUCCESS: 0,
  UNSUPPORTED_VERSION: 1,
  /** Also: switched off in the router. */
  NOT_AUTHORIZED: 2,
  /** The router itself has no address yet. */
  NETWORK_FAILURE: 3,
  OUT_OF_RESOURCES: 4,
  UNSUPPORTED_OPCODE: 5,
} as const

export type NatPmpResultName = keyof typeof NAT_PMP_RESULT_CODES

const NAME_BY_CODE: ReadonlyMap<number, NatPmpResultName> = new Map(
  Object.entries(NAT_PMP_RESULT_CODES).map(([name, code]) => [code, name as NatPmpResultName]),
)

/** The name of a code (0 to 65535), or undefined for one that the RFC does not know. */
export function natPmpResultName(code: number): NatPmpResultName | undefined {
  return NAME_BY_CODE.get(code)
}
