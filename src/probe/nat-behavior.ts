import type { Address, Endpoint } from '../model/endpoint.ts'
import type { FilteringFact, InconclusiveReason } from '../model/evidence.ts'
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
  #earlier: FilteringFact | undefined
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
      this.#startMapping(),
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

  /** In place of `beside`, where an earlier run saw all but the mapping. */
  async again(filtering: FilteringFact | undefined): Promise<void> {
    this.#earlier = filtering
    if (this.#source.stun !== null) await this.#startMapping()
  }

  /**
   * `elsewhere`: another vantage's STUN server, which has been spoken to anyhow; it is taken before the server's own
   * other address. `sparing`: that one is left alone, and whatever would need it is not noted.
   */
  async after(elsewhere: Endpoint | null, sparing = false): Promise<void> {
    const { stun } = this.#source
    if (stun === null) return this.#noteNoServer('no-server')
    if (this.#mapping === undefined) return this.#noteNoServer('not-permitted')
    const { notebook, memory } = this.#context
    const mapping = this.#mapping
    const places = { ...mappingPlaces(stun), ...(elsewhere && { other: elsewhere }) }
    const isSpared = sparing && elsewhere === null
    const fact = await notebook.step('mapping', async () => {
      if (isSpared) return mapping.finish({ other: null, alternatePort: null })
      if (places.other !== null && !mapping.untranslated) await memory.add(places.other.address)
      return mapping.finish(places)
    })
    if (!isSpared || fact.reason !== 'one-address') notebook.add('mapping', fact)
    const ownSilent = fact.reason === 'no-reply' && mapping.first.outcome === 'answered' && elsewhere === null
    this.#noteFiltering(!ownSilent)
    if (this.#earlier === undefined) this.#notePortPreservation(mapping)
  }

  async #startMapping(): Promise<void> {
    const { stun, rttMs } = this.#source
    await attempt(async () => {
      this.#mapping = await MappingProbe.start(this.#context.host, stun!.primary, rttMs)
      this.#noteExternalAddress(this.#mapping)
    }, undefined)
  }

  /** One of an earlier run stays as it is, with its own time, unless there is a doubt now. */
  #noteFiltering(otherAddressAnswers: boolean): void {
    const seen = this.#filtering?.fact ?? this.#earlier
    const fact = seen && doubtFiltering(seen, otherAddressAnswers)
    if (fact !== undefined && fact !== this.#earlier) this.#context.notebook.add('filtering', fact)
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
