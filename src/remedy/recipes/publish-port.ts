import { publishSteps } from '../publish-steps.ts'
import type { Recipe } from './recipe.ts'

/** Costs a new container in place of the old one, so it is shown and never done. A published port passes by ufw. */
export const publishPort: Recipe = {
  id: 'publish-port',
  against: ['port-not-published'],
  changes: () => [{ kind: 'listen' }],
  steps: publishSteps,
}
