import { message } from '../../model/message.ts'
import { canBeTold, stepsByNode } from '../wishes.ts'
import { answers } from './offers.ts'
import type { Recipe } from './recipe.ts'

/** Costs a change of the node's settings. What its protocol can do over UDP alone is lost. */
export const useTcp: Recipe = {
  id: 'use-tcp',
  against: ['provider-blocks-inbound-udp', 'provider-blocks-outbound-udp'],
  offered: (site) => canBeTold(site, 'tcp') && !answers(site, ({ transport }) => transport === 'tcp').includes('no'),
  changes: () => [{ kind: 'use-tcp' }],
  steps: (site) => stepsByNode(site, 'use-tcp') ?? [message('step.node-tcp')],
}
