import type { NatSummary } from '../model/diagnosis.ts'
import type { FilteringBehavior, MappingBehavior } from '../model/nat.ts'
import type { Findings } from './findings.ts'
import { findFlowBoxes } from './flow-boxes.ts'
import { externalAddresses, type Translators } from './translators.ts'

/** What is known of the translation on the IPv4 path. */
export function summarizeNat(findings: Findings, translators: Translators): NatSummary {
  const mappings = findings.inFamily('mapping', 'ipv4').map(({ value }) => value.behavior)
  const filterings = findings.inFamily('filtering', 'ipv4').map(({ value }) => value.behavior)
  return {
    layers: translators.kind === 'none' ? 0 : translators.kind === 'some' ? translators.count : null,
    ...(translators.kind === 'some' && { layerBounds: { least: translators.least, most: translators.most } }),
    mapping: translators.kind === 'none' ? 'none' : (decided<MappingBehavior>(mappings) ?? 'unknown'),
    filtering: decided<FilteringBehavior>(filterings) ?? 'unknown',
    hairpinning: decided(findings.inFamily('hairpinning', 'ipv4').map(({ value }) => value.answer)) ?? 'unknown',
    portPreservation:
      decided(findings.inFamily('port-preservation', 'ipv4').map(({ value }) => value.answer)) ?? 'unknown',
    externalAddresses: externalAddresses(findings),
    udpLifetimeSeconds: findFlowBoxes(findings, 'ipv4')?.lifetime?.livedSeconds ?? null,
  }
}

/** The one answer that all deciding measurements give; undefined when there is none, or when they contradict each other. */
function decided<Value extends string>(answers: readonly Value[]): Value | undefined {
  const known = new Set(answers.filter((answer) => answer !== 'unknown'))
  return known.size === 1 ? [...known][0] : undefined
}
