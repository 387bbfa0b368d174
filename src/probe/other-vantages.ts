import type { Endpoint } from '../model/endpoint.ts'
import type { Vantage } from '../vantage/vantage.ts'
import type { Contacts } from './contact.ts'
import type { DialTarget } from './dial-back.ts'
import { type Dialler, dialSourcesOf, probeDialBacks } from './dial-backs.ts'
import { noteExternalAddress } from './external-address.ts'
import type { FamilyContext } from './family-context.ts'
import type { Candidate } from './servers.ts'

/** Facts of one vantage stand together; no vantage makes as many dials. */
const RANKS_PER_VANTAGE = 1000

/**
 * Speaks to vantages beside the first, all at the same time, so that they can disagree: about our external address,
 * and, where they have an address that we never spoke to, about the endpoints. `dialled` names those that have
 * dialled already. `stunServer` resolves as soon as it is known whether one of them can serve the mapping test.
 */
export function askOtherVantages(
  context: FamilyContext,
  contacts: Contacts,
  question: {
    readonly candidates: readonly Candidate[]
    readonly targets: readonly DialTarget[]
    readonly dialled: ReadonlySet<string>
  },
): { readonly stunServer: Promise<Endpoint | null>; readonly done: Promise<void> } {
  const { candidates, dialled, targets } = question
  const contacted = candidates.map((candidate) => contacts.contact(candidate))
  const ask = async (vantage: Vantage | null, { rank }: Candidate) => {
    if (vantage === null) return
    await Promise.all([
      noteExternalAddress(context, vantage, rank),
      isDialler(vantage) && !dialled.has(vantage.name) ? dialFromThere(context, vantage, targets, rank) : undefined,
    ])
  }
  return {
    stunServer: Promise.all(contacted).then(
      (vantages) => vantages.find((vantage) => vantage?.stun != null)?.stun?.primary ?? null,
    ),
    done: Promise.all(contacted.map(async (vantage, index) => ask(await vantage, candidates[index]!))).then(() => {}),
  }
}

export function isDialler(vantage: Vantage | null): vantage is Dialler {
  return vantage !== null && vantage.control !== null
}

/** A second dial from an address that was contacted would say nothing that the first vantage's did not. */
async function dialFromThere(
  context: FamilyContext,
  dialler: Dialler,
  targets: readonly DialTarget[],
  rank: number,
): Promise<void> {
  if (dialSourcesOf(context, { dialler, untouched: [] }).main[0]?.clean !== true) return
  const endpoints = targets.filter(({ purpose }) => purpose === 'endpoint')
  await probeDialBacks(context, { dialler, untouched: [], targets: endpoints, rank: rank * RANKS_PER_VANTAGE })
}
