import { type Message, message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'
import { innerForward, outerRouter } from './router-steps.ts'
import { at, forwardOnOwn } from './twin-changes.ts'

/** Costs what the box does beside translating: its WLAN, often its telephone. This host or the next router is outermost then. */
export const bridgeMode: Recipe = {
  id: 'bridge-mode',
  against: ['double-nat'],
  alsoClears: INNER_ROUTER,
  changes: (way) => [...at(way, 'double-nat', 'take-away'), ...forwardOnOwn(way)],
  steps: (site) => [
    openOuter(site),
    message('step.enable-bridge'),
    message('step.no-bridge'),
    ...(site.behindRouter ? [innerForward(site)] : []),
  ],
}

function openOuter(site: Site): Message {
  return message('step.open-outer-router-page', { address: outerRouter(site) })
}
