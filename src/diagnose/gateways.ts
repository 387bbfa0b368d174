import type { Gateway } from '../model/diagnosis.ts'
import type { Findings } from './findings.ts'

/** Every gateway that was asked, with the protocols that it speaks, and what it tells of itself in any of them. */
export function summarizeGateways(findings: Findings): readonly Gateway[] {
  return findings.of('gateways').flatMap(({ value }) =>
    value.gateways.map(({ address, answers }) => {
      const speaking = answers.filter(({ outcome }) => outcome === 'speaks')
      return {
        address,
        protocols: speaking.map(({ protocol }) => protocol),
        externalAddress: speaking.find((each) => each.externalAddress !== null)?.externalAddress ?? null,
        model: speaking.find((each) => each.model !== null)?.model ?? null,
      }
    }),
  )
}
