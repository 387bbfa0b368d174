import type { Address, Endpoint } from '../model/endpoint.ts'
import type { InconclusiveReason } from '../model/evidence.ts'
import type { StunServer } from '../vantage/vantage.ts'
import { attempt } from './attempt.ts'
import { externalAddress } from './external-address.ts'
import type { FamilyContext } from './family-context.ts'
import { doubtFiltering, doubtOpenness, type FilteringResult, probeFiltering } from './filtering.ts'
import { type HairpinningResult, probeHairpinning } from './hairpinning.ts'
import { MappingProbe, mappingPlaces } from './mapping.ts'
import { judgePortPreservation } from './port-preservation.ts'

/** A STUN server, and where the name of the vantage stands in the user's list. */
export interface StunSource {
  readonly name: string
  readonly stun: StunServer | null
  readonly rttMs: number
}

/**
 * The questions that one STUN server answers about the translation on the way: external address, mapping, filtering,
 * hairpinning, port preservation. `beside` may run while others dial us: it speaks to the server's primary place
 * alone. `after` speaks to its other places, and only then; a filter could remember them otherwise.
 */
export class NatBehavior {
  readonly #context: Pick<FamilyContext, 'host' | 'notebook' | 'memory' | 'family'>
  readonly #source: StunSource
  #mapping: MappingProbe | undefined
  #filtering: FilteringResult | undefined
  #hairpinning: HairpinningResult | undefined

  constructor(context: Pick<FamilyContext, 'host' | 'notebook' | 'memory' | 'family'>, source: StunSource) {
    this.#context = context
    this.#source = source
  }

  async beside(): Promise<void> {
    const { host, notebook, memory } = this.#context
    const { stun, rttMs } = this.#source
    if (stun === null) return
    const { primary } = stun
    const other = mappingPlaces(stun).other
    const isRemembered = other !== null && memory.has(other.address)
    await Promise.all([
      attempt(async () => {
        this.#mapping = await MappingProbe.start(host, primary, rttMs)
        this.#noteExternalAddress(this.#mapping)
      }, undefined),
      notebook.step('filtering', async () => {
        const result = await probeFiltering(host, stun, rttMs)
        this.#filtering = isRemembered ? { ...result, fact: doubtOpenness(result.fact) } : result
      }),
      notebook.step('hairpinning', async () => {
        this.#hairpinning = await attempt(() => probeHairpinning(host, primary, rttMs), undefined)
        if (this.#hairpinning !== undefined) notebook.add('hairpinning', this.#hairpinning.fact)
      }),
    ])
  }

  /**
   * `elsewhere`: another vantage's STUN server, which has been spoken to anyhow; it is taken before the server's own
   * other address.
   */
  async after(elsewhere: Endpoint | null): Promise<void> {
    const { stun } = this.#source
    if (stun === null) return this.#noteNoServer('no-server')
    if (this.#mapping === undefined) return this.#noteNoServer('not-permitted')
    const { notebook, memory } = this.#context
    const mapping = this.#mapping
    const places = mappingPlaces(stun)
    const other = elsewhere ?? places.other
    const fact = await notebook.step('mapping', async () => {
      if (other !== null && !mapping.untranslated) await memory.add(other.address)
      return mapping.finish({ ...places, other })
    })
    notebook.add('mapping', fact)
    const ownSilent = fact.reason === 'no-reply' && mapping.first.outcome === 'answered' && elsewhere === null
    if (this.#filtering !== undefined) notebook.add('filtering', doubtFiltering(this.#filtering.fact, !ownSilent))
    this.#notePortPreservation(mapping)
  }

  #noteExternalAddress({ local, first }: MappingProbe): void {
    const { name, stun } = this.#source
    const fact = externalAddress(name, stun!.primary, local, first)
    if (fact !== undefined) this.#context.notebook.add('external-address', fact)
  }

  #notePortPreservation({ local, first }: MappingProbe): void {
    const bindings = [
      ...(first.outcome === 'answered' ? [{ local, mapped: first.mapped }] : []),
      ...(this.#filtering?.bindings ?? []),
      ...(this.#hairpinning?.bindings ?? []),
    ]
    const fact = judgePortPreservation(this.#context.family, bindings)
    if (fact !== undefined) this.#context.notebook.add('port-preservation', fact)
  }

  #noteNoServer(reason: InconclusiveReason): void {
    const { notebook, family } = this.#context
    notebook.add('mapping', { family, behavior: 'unknown', reason, local: null, bindings: [] })
    notebook.add('filtering', { family, behavior: 'unknown', reason, server: null })
  }
}

/** Does the mapping test of this server want to go to that address later? */
export function mappingAddress(stun: StunServer | null): Address | null {
  return stun === null ? null : (mappingPlaces(stun).other?.address ?? null)
}
