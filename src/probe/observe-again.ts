import type { Family } from '../model/endpoint.ts'
import type { Contacts } from './contact.ts'
import { type DialTurn, probeDialBacks } from './dial-backs.ts'
import type { FamilyContext } from './family-context.ts'
import { askNodeItself, askWhoAnswered } from './follow-dials.ts'
import { NatBehavior } from './nat-behavior.ts'
import { askOtherVantages } from './other-vantages.ts'
import { observeProtocols } from './protocols/observe-protocols.ts'

/**
 * After a sparing run: the endpoints again where something was changed since, from an address that is clean still, and
 * then what was left out.
 */
export async function askAgain(context: FamilyContext, contacts: Contacts, turn: DialTurn): Promise<void> {
  const { notebook, earlier, family } = context
  const { dialler, untouched, targets } = turn
  const isAbout = ({ family: one }: { readonly family: Family }) => one === family
  const filtering = earlier!.evidence.flatMap((one) => (one.probe === 'filtering' ? [one.value] : [])).find(isAbout)
  const behavior = new NatBehavior(context, dialler)
  const dialBacks = earlier!.isChanged
    ? notebook.step('dial-back', () => probeDialBacks(context, { ...turn, rank: 0 }))
    : Promise.resolve(notebook.facts('dial-back').filter(isAbout))
  const [dials] = await Promise.all([dialBacks, behavior.again(filtering)])
  // Comparisons, of which protocols need some, were dialled before.
  const all = notebook.facts('dial-back').filter(isAbout)
  const answers = earlier!.isChanged
    ? [askNodeItself(context, dials), observeProtocols(context, dialler, targets, all)]
    : []
  const dialled = new Set(dials.filter(({ outcome }) => outcome !== 'not-dialled').map(({ vantage }) => vantage))
  const late = askOtherVantages(context, contacts, { candidates: untouched, targets, dialled })
  await Promise.all([behavior.after(await late.stunServer), late.done, ...answers])
  if (earlier!.isChanged) await askWhoAnswered(context, dialler, dials)
}
