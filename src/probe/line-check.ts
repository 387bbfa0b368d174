import type { Address, Family } from '../model/endpoint.ts'
import type { HopsFact, InternetFact, VantageFact } from '../model/evidence.ts'
import type { ContactedServer } from './contact-public-server.ts'
import { probeHops } from './hops.ts'
import { answeredAtAll, askedServer, askResolvers } from './internet.ts'
import { askPublicServers, contactPublicServers, type PublicServersQuestion } from './public-servers.ts'

/** A vantage that has not answered by then (a TCP handshake, and six questions over UDP) may be dead, and whether the line is, too, is asked beside it. */
const PATIENCE_MS = 1500
/** The customer's router, the provider's, and those that show that the line goes on. */
const HOPS_ASKED = 5
const HOPS_RTT_MS = 100

interface Started {
  readonly resolvers: Promise<InternetFact['asked']>
  readonly servers: Promise<readonly ContactedServer[]>
  /** Who on the way to the first vantage of each family is alive. */
  readonly hops: readonly Promise<HopsFact | undefined>[]
}

/**
 * No vantage answers: is it the vantages or the line, and what do public servers tell? Begins by itself after a while
 * without an answer (at once without vantages); ends with `finish`, or with `drop` where a vantage answered after all.
 */
export class LineCheck {
  readonly #question: PublicServersQuestion
  readonly #answered = new AbortController()
  readonly #toward: readonly Address[]
  #started: Started | undefined

  /** `toward`: the first vantage of each family; empty without vantages. */
  constructor(question: PublicServersQuestion, toward: readonly Address[]) {
    this.#question = question
    this.#toward = toward
    const { clock } = question.host
    void clock.sleep(toward.length > 0 ? PATIENCE_MS : 0, this.#answered.signal).then(() => {
      if (!this.#answered.signal.aborted) this.#start()
    })
  }

  noteContact(fact: VantageFact): void {
    if (answeredAtAll(fact)) this.#answered.abort()
  }

  /** Writes down what resolvers and public servers said. `contacted`: the vantages, which count among those asked. */
  async finish(silent: readonly Family[], contacted: readonly VantageFact[]): Promise<void> {
    this.#answered.abort()
    const { resolvers, servers, hops } = this.#start()
    const contactedServers = await servers
    await Promise.all(silent.map((family) => askPublicServers(this.#question, family, contactedServers)))
    for (const fact of await Promise.all(hops)) {
      if (fact !== undefined && silent.includes(fact.family)) this.#question.notebook.add('hops', fact)
    }
    const facts = [...contacted, ...contactedServers.map(({ fact }) => fact)]
    const asked = await Promise.all(facts.map((fact) => askedServer(this.#question.host, fact)))
    this.#question.notebook.add('internet', { asked: [...(await resolvers), ...asked.flat()] })
  }

  /** Leaves nothing running behind. Which public servers were asked stays on record. */
  async drop(): Promise<void> {
    this.#answered.abort()
    await Promise.all([this.#started?.resolvers, this.#started?.servers, ...(this.#started?.hops ?? [])])
  }

  #start(): Started {
    const { host, notebook } = this.#question
    this.#started ??= {
      resolvers: notebook.step('internet', () => askResolvers(host)),
      servers: contactPublicServers(this.#question),
      hops: this.#toward.map((toward) => probeHops(host, { toward, maxTtl: HOPS_ASKED, rttMs: HOPS_RTT_MS })),
    }
    return this.#started
  }
}
