import type { VantageFact } from '../model/evidence.ts'
import { attempt } from './attempt.ts'
import { Contacts } from './contact.ts'
import type { DialTarget } from './dial-back.ts'
import { type DialTurn, dialSourcesOf, probeDialBacks } from './dial-backs.ts'
import { closeDialTargets, openDialTargets } from './dial-targets.ts'
import { noteExternalAddress } from './external-address.ts'
import type { FamilyContext } from './family-context.ts'
import { askNodeItself, askWhoAnswered } from './follow-dials.ts'
import { probeInterception } from './interception.ts'
import { NatBehavior } from './nat-behavior.ts'
import { askAgain } from './observe-again.ts'
import { observeDeep } from './observe-deep.ts'
import { observeWay } from './observe-way.ts'
import { askOtherVantages, isDialler } from './other-vantages.ts'
import { observeProtocols } from './protocols/observe-protocols.ts'
import type { Candidate } from './servers.ts'

/**
 * Everything about one address family that vantages can help with, in the order that makes a dial-back a proof:
 *
 * 1. One vantage is spoken to, the first that can dial.
 * 2. The dial-backs run. Whatever runs beside them speaks only to that vantage's contacted address, or to our own
 *    side; a vantage that could dial as a stranger, by a grant or because the first has its address too, gets not one
 *    packet.
 * 3. When they and the filtering test have ended, the rest: the mapping test at other addresses, the other vantages.
 * 4. Where it is asked for, what takes minutes.
 *
 * Returns what came of the contacts.
 */
export async function observeFamily(context: FamilyContext): Promise<readonly VantageFact[]> {
  const contacts = new Contacts(context)
  const [{ dialler, untouched }, targets] = await Promise.all([
    contacts.findDialler(context.candidates),
    openTargets(context),
  ])
  try {
    if (isDialler(dialler)) {
      const ask = context.earlier === undefined ? askDialler : askAgain
      await ask(context, contacts, { dialler, untouched, targets })
    } else await Promise.all([askStunServers(context, contacts), observeInterception(context)])
  } finally {
    context.onWayMeasured()
    await Promise.all([closeDialTargets(targets), contacts.close()])
  }
  return contacts.facts
}

async function askDialler(context: FamilyContext, contacts: Contacts, turn: DialTurn): Promise<void> {
  const { dialler, untouched, targets } = turn
  const { sparing } = context
  const { canGrant, dialSources } = dialler.control
  const mayDial = ({ address }: Candidate) => canGrant || dialSources.includes(address)
  const ask = (candidates: readonly Candidate[], dialled: ReadonlySet<string>) =>
    askOtherVantages(context, contacts, { candidates, targets, dialled })

  const behavior = new NatBehavior(context, dialler)
  const way = observeWay(context, dialler)
  const early = ask(
    untouched.filter((candidate) => !mayDial(candidate)),
    new Set(),
  )
  // The last source is the contacted address, from which the router is asked too.
  const dialledFromElsewhere = dialSourcesOf(context, turn).main.length > 1
  const dialBacks = context.notebook.step('dial-back', () => probeDialBacks(context, { ...turn, rank: 0 }))
  const control = context.routerControl.ask(context, dialler, dialledFromElsewhere ? Promise.resolve() : dialBacks)
  const [dials] = await Promise.all([dialBacks, behavior.beside()])

  const answers = askNodeItself(context, dials)
  const protocols = observeProtocols(context, dialler, targets, dials)
  const dialled = new Set(dials.filter(({ outcome }) => outcome !== 'not-dialled').map(({ vantage }) => vantage))
  const late = ask(sparing ? [] : untouched.filter(mayDial), dialled)
  const elsewhere = (await early.stunServer) ?? (await late.stunServer)
  await Promise.all([behavior.after(elsewhere, sparing), way, early.done, late.done, answers, protocols])
  await askWhoAnswered(context, dialler, dials, control.udpDone)
  await Promise.race([control.done, context.host.clock.sleep(Math.min(MOST_GRACE_MS, dialler.rttMs))])
  if (context.deep) await observeDeep({ ...context, dialler, dials })
}

/** What keeps an operator waiting for no longer than this may still come. */
const MOST_GRACE_MS = 50

/** No vantage speaks to us: does somebody answer in everybody's place? */
async function observeInterception({ host, notebook, family }: FamilyContext): Promise<void> {
  const fact = await notebook.step('interception', () => probeInterception(host, family))
  if (fact !== undefined) notebook.add('interception', fact)
}

/** No vantage dials; the first that answers STUN still tells how the way translates. */
async function askStunServers(context: FamilyContext, contacts: Contacts): Promise<void> {
  const [first, ...others] = contacts.vantages.filter(({ stun }) => stun !== null)
  if (first === undefined) return
  const behavior = new NatBehavior(context, first)
  await behavior.beside()
  await Promise.all([
    behavior.after(others[0]?.stun?.primary ?? null),
    ...others.map((vantage, index) => noteExternalAddress(context, vantage, index + 1)),
  ])
}

/**
 * Everything that is to be dialled, on the address that looks towards the vantages. Nothing without such an address.
 */
async function openTargets(context: FamilyContext): Promise<readonly DialTarget[]> {
  const { host, candidates, earlier } = context
  for (const { address: toward } of candidates) {
    const address = await attempt(() => host.network.sourceTowards(toward), undefined)
    if (address !== undefined) return openDialTargets(context, address, earlier === undefined ? 'all' : 'endpoints')
  }
  return []
}
