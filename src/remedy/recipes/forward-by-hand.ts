import { type Message, message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import type { Recipe } from './recipe.ts'
import { fixedAddress, openRouter, placed } from './router-steps.ts'
import { at } from './twin-changes.ts'

/** Costs a few minutes on its page, and a fixed address in the home. Stays when the node is gone. */
export const forwardByHand: Recipe = {
  id: 'forward-by-hand',
  against: ['router-source-nat'],
  changes: (way) => at(way, 'router-source-nat', 'forward'),
  steps: (site) => [openRouter(site), placed('step.add-forwarding', site), ...wholeRange(site), fixedAddress(site)],
}

/** What was dialled are its ends. */
function wholeRange({ found }: Site): readonly Message[] {
  const range = found?.onDemand
  return range === undefined ? [] : [message('step.forward-range', { first: range.first, last: range.last })]
}
