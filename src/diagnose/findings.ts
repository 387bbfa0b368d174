import type { Family, PortSpec, Transport } from '../model/endpoint.ts'
import type { Evidence, ProbeName } from '../model/evidence.ts'

export type EvidenceFor<P extends ProbeName> = Extract<Evidence, { probe: P }>

/** The evidence of one run, asked by probe, family and port. Pure, and never invents: what is missing is `undefined` or empty. */
export class Findings {
  readonly all: readonly Evidence[]

  constructor(all: readonly Evidence[]) {
    this.all = all
  }

  of<P extends ProbeName>(probe: P): readonly EvidenceFor<P>[] {
    return this.all.filter((evidence): evidence is EvidenceFor<P> => evidence.probe === probe)
  }

  /** Evidence of a probe whose value belongs to one family. */
  inFamily<P extends FamilyProbe>(probe: P, family: Family): readonly EvidenceFor<P>[] {
    return this.of(probe).filter((evidence: Evidence) => 'family' in evidence.value && evidence.value.family === family)
  }

  listeners(port: PortSpec, family: Family): EvidenceFor<'listeners'> | undefined {
    return this.inFamily('listeners', family).find(({ value }) => samePort(value, port))
  }

  rules(port: PortSpec, family: Family): EvidenceFor<'host-rules'> | undefined {
    return this.inFamily('host-rules', family).find(({ value }) => samePort(value, port))
  }

  /** Dials of one port asked for, leaving out those that nobody made: a vantage that fails to dial is no evidence. */
  dials(port: PortSpec, family: Family): readonly EvidenceFor<'dial-back'>[] {
    return this.made(family).filter(({ value }) => value.purpose === 'endpoint' && samePort(value, port))
  }

  /** Dials of ports nobody asked for: those that peerway held (`comparison`) and those that nobody holds (`vacant`). */
  otherDials(
    purpose: 'comparison' | 'vacant',
    transport: Transport,
    family: Family,
  ): readonly EvidenceFor<'dial-back'>[] {
    return this.made(family).filter(({ value }) => value.purpose === purpose && value.transport === transport)
  }

  private made(family: Family): readonly EvidenceFor<'dial-back'>[] {
    return this.inFamily('dial-back', family).filter(({ value }) => value.outcome !== 'not-dialled')
  }
}

type FamilyProbe = {
  [P in ProbeName]: EvidenceFor<P>['value'] extends { readonly family: Family } ? P : never
}[ProbeName]

function samePort(a: PortSpec, b: PortSpec): boolean {
  return a.transport === b.transport && a.port === b.port
}

export function ids(evidence: readonly (Evidence | undefined)[]): readonly string[] {
  const known = evidence.filter((one) => one !== undefined).map(({ id }) => id)
  return [...new Set(known)]
}
