import { message } from '../../model/message.ts'
import type { Recipe } from './recipe.ts'

/** Costs a change of the node's settings. Nobody has seen yet whether another port gets in. */
export const useAnotherPort: Recipe = {
  id: 'use-another-port',
  against: ['provider-blocks-inbound-port'],
  changes: () => [{ kind: 'use-another-port' }],
  steps: () => [message('step.change-port')],
}
