import type { ProtocolRateFact } from '../model/evidence.ts'
import { isSlower } from '../model/slower.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'
import { isAbout, whoseFilter } from './protocol-stage.ts'

/** Eight flows of a kind, all slower than all of eight others, come about by chance once in 12,870 times, gap or not. */
const LEAST_TRIES = 8

/**
 * Somebody on the way slows a protocol down: each flow that begins with it, or is answered with it, is far slower than each
 * that begins with bytes of the same shape. Loss, jitter and a narrow line slow all of them alike. It stops no endpoint.
 */
export function throttleClaims(findings: Findings): readonly Claim[] {
  return findings.of('protocol-rate').flatMap((measured): readonly Claim[] => {
    const { spoken, answered, neutral, protocol, family } = measured.value
    const slowed = [spoken, answered].filter((rates) => isProven(rates, neutral))
    if (slowed.length === 0) return []
    const rules = findings
      .inFamily('flow-rules', family)
      .find(({ value }) => isAbout(value, { ...measured.value, opener: 'host' }))
    const settledBy = whoseFilter(rules, ['out', 'in'])
    return [
      {
        id: 'provider-filters-protocol',
        subject: `${protocol} slowed`,
        endpoints: [],
        evidence: ids([measured, rules]),
        params: { protocol, slow: Math.max(...slowed.flat()), plain: Math.min(...neutral) },
        ...(settledBy && { settledBy }),
      },
    ]
  })
}

function isProven(rates: ProtocolRateFact['spoken'], neutral: ProtocolRateFact['neutral']): boolean {
  return rates.length >= LEAST_TRIES && neutral.length >= LEAST_TRIES && isSlower(rates, neutral)
}
