import { message } from '../../model/message.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'
import { innerForward } from './router-steps.ts'
import { at, forwardOnOwn } from './twin-changes.ts'

/** Costs a letter, with some providers a fee. Takes days, and may be refused. */
export const askProviderPublicAddress: Recipe = {
  id: 'ask-provider-public-address',
  against: ['carrier-nat'],
  alsoClears: INNER_ROUTER,
  changes: (way) => [...at(way, 'carrier-nat', 'take-away'), ...forwardOnOwn(way)],
  steps: (site) => [message('step.ask-public-address'), ...(site.behindRouter ? [innerForward(site)] : [])],
}
