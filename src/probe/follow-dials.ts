import type { DialBackFact } from '../model/evidence.ts'
import { isAnsweredUnseen, probeDatagramsRead } from './datagrams-read.ts'
import type { Dialler } from './dial-backs.ts'
import type { FamilyContext } from './family-context.ts'
import { leavesOpen, probeLocalAnswer } from './local-answer.ts'

const MOST_ASKED_AGAIN = 4

/** Where an answer alone is left of a UDP dial behind a translator: was it this host that gave it? */
export async function askWhoAnswered(
  { host, notebook, addresses, gatewaysAsked }: FamilyContext,
  { control }: Dialler,
  dials: readonly DialBackFact[],
): Promise<void> {
  const unseen = dials.filter(isAnsweredUnseen).slice(0, MOST_ASKED_AGAIN)
  if (addresses.addresses.some(({ address }) => address === control.observed.address) || unseen.length === 0) return
  await gatewaysAsked
  await notebook.step('datagrams-read', async () => {
    for (const [rank, dial] of unseen.entries()) {
      const fact = await probeDatagramsRead(host, control, dial)
      if (fact !== undefined) notebook.add('datagrams-read', fact, rank)
    }
  })
}

/** Where silence alone is left of a UDP dial: would the node have answered it? */
export async function askNodeItself(
  { host, notebook, family, addresses }: FamilyContext,
  dials: readonly DialBackFact[],
) {
  const address = addresses.source[family]
  const ports = new Set(dials.filter(leavesOpen).map(({ port }) => port))
  if (address === null || ports.size === 0) return
  await notebook.step('local-answer', async () => {
    const facts = await Promise.all([...ports].map((port) => probeLocalAnswer(host, address, port)))
    for (const [rank, fact] of facts.entries()) notebook.add('local-answer', fact, rank)
  })
}
