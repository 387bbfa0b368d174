import type { Host } from '../host/host.ts'
import type { Family } from '../model/endpoint.ts'
import type { ServerSpec } from '../model/plan.ts'
import type { ContactMemory } from '../vantage/contacted.ts'
import { type ContactedServer, contactPublicServer } from './contact-public-server.ts'
import { noteExternalAddress } from './external-address.ts'
import { mappingAddress, NatBehavior } from './nat-behavior.ts'
import type { Notebook } from './notebook.ts'
import { resolveServers } from './servers.ts'

export interface PublicServersQuestion {
  readonly host: Host
  readonly notebook: Notebook
  readonly memory: ContactMemory
  readonly families: readonly Family[]
  readonly servers: readonly ServerSpec[]
}

/** Servers that are asked more than "are you there?" in one family. */
const MAX_ASKED = 2
/** How much longer than the first the others may take. */
const LATER_MS = 500

/** Public servers stand behind the user's vantages in a report. */
const USER_VANTAGES = 1000

/**
 * Asks all public STUN servers at the same time whether they are there. Only that, so it may begin while a vantage is
 * still silent. Once one has answered the others are not waited for much longer.
 */
export async function contactPublicServers(question: PublicServersQuestion): Promise<readonly ContactedServer[]> {
  const { host, notebook, memory, families, servers } = question
  const { candidates } = await resolveServers(host, servers, 'public-list')
  const enough = new AbortController()
  return Promise.all(
    candidates
      .filter(({ family }) => families.includes(family))
      .map(async (candidate) => {
        const contacted = await contactPublicServer(host, memory, candidate, enough.signal)
        if (contacted.source !== null) void host.clock.sleep(LATER_MS, enough.signal).then(() => enough.abort())
        notebook.add('vantage', contacted.fact, USER_VANTAGES + candidate.rank)
        return contacted
      }),
  )
}

/**
 * What the best of them tell about the way of one family: external address, mapping, filtering. Those with a second
 * address (RFC 5780) are taken first. Nobody dials.
 */
export async function askPublicServers(
  question: PublicServersQuestion,
  family: Family,
  contacted: readonly ContactedServer[],
): Promise<void> {
  const ofFamily = contacted.filter(({ fact }) => fact.family === family)
  const answering = ofFamily.flatMap(({ source }) => source ?? [])
  const capable = answering.filter(({ stun }) => mappingAddress(stun) !== null)
  const simple = answering.filter(({ stun }) => mappingAddress(stun) === null)
  const [first, second] = [...capable, ...simple].slice(0, MAX_ASKED)
  if (first === undefined) return
  const behavior = new NatBehavior({ ...question, family }, first)
  await behavior.beside()
  // A server with a second address of its own is the better witness: both places surely answer.
  const elsewhere = capable.includes(first) ? null : (second?.stun?.primary ?? null)
  await Promise.all([
    behavior.after(elsewhere),
    second === undefined ? undefined : noteExternalAddress(question, second, 1),
  ])
}
