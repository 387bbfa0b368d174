import { message } from '../../model/message.ts'
import type { Recipe } from './recipe.ts'

/** Costs a look at cables and a call. Risks nothing. */
export const restoreInternet: Recipe = {
  id: 'restore-internet',
  against: ['no-internet'],
  changes: () => [{ kind: 'mend-line' }],
  steps: (site) => [
    message('step.check-default-route'),
    message('step.check-cables', { address: site.gateway.ipv4 }),
    message('step.call-provider'),
  ],
}
