import type { DialBackFact } from '../model/evidence.ts'
import type { Vantage, VantageControl } from '../vantage/vantage.ts'
import { armArrivalCounts } from './arrival-counts.ts'
import { type DialTarget, type DialTools, probeDialBack } from './dial-back.ts'
import { chooseDialSources, type DialSource, type DialSources } from './dial-plan.ts'
import type { FamilyContext } from './family-context.ts'
import { mappingAddress } from './nat-behavior.ts'
import type { Candidate } from './servers.ts'

export type Dialler = Vantage & { readonly control: VantageControl }

/** Who dials what. */
export interface DialTurn {
  readonly dialler: Dialler
  /** Vantages that nothing was sent to, for a dial through a grant. */
  readonly untouched: readonly Candidate[]
  readonly targets: readonly DialTarget[]
}

export interface DialBackPlan extends DialTurn {
  /** Place of the first fact in the order of the report. */
  readonly rank: number
}

/** From where this vantage would have us dialled, as things stand now. */
export function dialSourcesOf(
  { memory }: FamilyContext,
  { dialler, untouched }: Pick<DialBackPlan, 'dialler' | 'untouched'>,
): DialSources {
  const { control, fact, name, stun } = dialler
  return chooseDialSources({
    contacted: {
      name,
      address: fact.address ?? control.observed.address,
      dialSources: control.dialSources,
      canGrant: control.canGrant,
      mappingAddress: mappingAddress(stun),
    },
    others: untouched,
    isClean: (address) => memory.isReliable && !memory.has(address),
  })
}

/**
 * Has every target dialled, all at the same time, from the best source; the endpoints asked for also from further
 * vantages. What of it arrives is counted from before the first dial on. Ports that peerway holds are asked for first: one
 * packet a round goes to them and many to a node's, and hosts ration their refusals by the asker, not by the port.
 *
 * Where a dial came in, this host has answered, and its source is no longer an address that nothing was sent to.
 */
export async function probeDialBacks(context: FamilyContext, plan: DialBackPlan): Promise<readonly DialBackFact[]> {
  const { host, notebook, memory } = context
  const { dialler, targets } = plan
  const { main, further } = dialSourcesOf(context, plan)
  const endpoints = targets.filter(({ purpose }) => purpose === 'endpoint')
  const dials: readonly (readonly [DialTarget, readonly DialSource[]])[] = [
    ...targets.map((target) => [target, main] as const),
    ...further.flatMap((source) => endpoints.map((target) => [target, [source]] as const)),
  ]

  const addresses = [...new Set([...main, ...further].map(({ address }) => address))]
  const counts = await armArrivalCounts(
    host,
    targets.map(({ key }) => key),
    addresses,
  )
  const tools: DialTools = { host, control: dialler.control, counts, rttMs: dialler.rttMs }
  const ranked = dials.map(([target, sources], index) => ({ target, sources, rank: plan.rank + index }))
  const [held, others] = [ranked.filter(isHeld), ranked.filter((dial) => !isHeld(dial))]
  const facts = await Promise.all(
    [...held, ...others].map(async ({ target, sources, rank }) => {
      const fact = await probeDialBack(tools, target, sources)
      notebook.add('dial-back', fact, rank)
      return fact
    }),
  )
  await counts.close()
  await memory.add(...facts.filter(hasAnswered).flatMap(({ source }) => source?.address ?? []))
  return facts
}

function isHeld({ target }: { readonly target: DialTarget }): boolean {
  return typeof target.holder === 'object'
}

function hasAnswered({ outcome, arrival }: DialBackFact): boolean {
  return outcome === 'connected' || outcome === 'answered' || outcome === 'refused' || arrival.passed === 'yes'
}
