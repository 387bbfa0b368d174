import { message } from '../../model/message.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'
import { innerForward, outerRouter } from './router-steps.ts'
import { at, forwardOnOwn } from './twin-changes.ts'

/** Costs a few minutes on two pages. Stays when the node is gone. */
export const forwardOnBothRouters: Recipe = {
  id: 'forward-on-both-routers',
  against: ['double-nat'],
  alsoClears: INNER_ROUTER,
  changes: (way) => [...at(way, 'double-nat', 'forward'), ...forwardOnOwn(way)],
  steps: (site) => [
    message('step.outer-forward', { ports: site.names, address: outerRouter(site) }),
    innerForward(site),
  ],
}
