import { message } from '../../model/message.ts'
import { stepsByNode } from '../wishes.ts'
import { INBOUND_BLOCKS, INNER_ROUTER, type Recipe } from './recipe.ts'

/** Costs a server, its traffic and a longer way. Whoever runs it sees who speaks with whom. */
export const relay: Recipe = {
  id: 'relay',
  inwardsAlone: true,
  against: ['carrier-nat', 'double-nat', ...INBOUND_BLOCKS, 'provider-filters-protocol'],
  alsoClears: INNER_ROUTER,
  changes: () => [{ kind: 'use-relay' }],
  steps: (site) => [
    ...(stepsByNode(site, 'relay') ?? []),
    message('step.rent-server'),
    message('step.forward-on-server', { ports: site.names }),
  ],
}
