import type { VantageFact } from '../model/evidence.ts'
import { contactVantage } from '../vantage/contact.ts'
import type { Vantage } from '../vantage/vantage.ts'
import type { FamilyContext } from './family-context.ts'
import type { Candidate } from './servers.ts'

type ContactContext = Pick<FamilyContext, 'host' | 'notebook' | 'memory' | 'onContact'>

/** Who has been spoken to in one family, and what came of it. */
export class Contacts {
  readonly facts: VantageFact[] = []
  readonly vantages: Vantage[] = []
  readonly #context: ContactContext

  constructor(context: ContactContext) {
    this.#context = context
  }

  /** Speaks to one vantage for the first time; the memory of contacted addresses is written before the first packet. */
  async contact(candidate: Candidate): Promise<Vantage | null> {
    const { host, notebook, memory } = this.#context
    const { fact, vantage } = await notebook.step('vantage', () => contactVantage(host, candidate, memory))
    notebook.add('vantage', fact, candidate.rank)
    this.facts.push(fact)
    this.#context.onContact(fact)
    if (vantage !== null) this.vantages.push(vantage)
    return vantage
  }

  /**
   * Speaks to the vantages in turn until one can dial. Those behind it have then got not one packet, so that they can
   * still dial as strangers.
   */
  async findDialler(candidates: readonly Candidate[]): Promise<{ dialler: Vantage | null; untouched: Candidate[] }> {
    for (const [index, candidate] of candidates.entries()) {
      const vantage = await this.contact(candidate)
      if (vantage?.control != null) return { dialler: vantage, untouched: candidates.slice(index + 1) }
    }
    return { dialler: null, untouched: [] }
  }

  async close(): Promise<void> {
    await Promise.all(this.vantages.map((vantage) => vantage.close()))
  }
}
