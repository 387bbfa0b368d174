import { endpointName } from '../../model/endpoint.ts'
import { message } from '../../model/message.ts'
import type { Site } from '../site.ts'
import { stepsByNode } from '../wishes.ts'
import type { Recipe } from './recipe.ts'

/** Costs a change of the node's settings. Unless one is named, nobody has seen yet whether another port gets in. */
export const useAnotherPort: Recipe = {
  id: 'use-another-port',
  against: ['provider-blocks-inbound-port'],
  changes: () => [{ kind: 'use-another-port' }],
  steps: (site) => {
    const own = stepsByNode(site, 'use-another-port')
    const change = message('step.change-port', { ports: openElsewhere(site) })
    return own === undefined ? [change] : [change, ...own]
  },
}

/** Other ports that strangers got in to, of the transports and families of those that are blocked. */
function openElsewhere({ seenOpen = [], endpoints }: Site): string | null {
  const alike = seenOpen.filter(({ transport, family }) =>
    endpoints.some((one) => one.transport === transport && one.family === family),
  )
  return alike.map(endpointName).join(', ') || null
}
