import type { Caveat, Verdict } from '../model/diagnosis.ts'

interface Judged {
  readonly verdict: Verdict
  readonly endpoints: readonly { readonly caveats: readonly Caveat[] }[]
}

/** What lets in somebody whom this host had spoken to may let in nobody else, and then what is said first must say so. */
export function isReachableToKnown({ verdict, endpoints }: Judged): boolean {
  const doubted = endpoints.every(({ caveats }) => caveats.includes('address-dependent-filter-not-excluded'))
  return verdict === 'reachable' && doubted
}
