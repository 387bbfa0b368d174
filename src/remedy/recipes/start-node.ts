import { message } from '../../model/message.ts'
import { addressIn } from '../site.ts'
import type { Recipe } from './recipe.ts'

/** Costs nothing. Risks nothing that its operator did not want. */
export const startNode: Recipe = {
  id: 'start-node',
  against: ['not-listening'],
  changes: () => [{ kind: 'listen' }],
  offered: (site) => addressIn(site, 'not-listening') === null,
  steps: ({ names }) => [message('step.start-node', { endpoints: names }), message('step.compare-port')],
}
