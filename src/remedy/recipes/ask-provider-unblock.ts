import type { TwinChange } from '../../diagnose/twin/twin-change.ts'
import { type Message, message } from '../../model/message.ts'
import { faces, type Site } from '../site.ts'
import { INBOUND_BLOCKS, INNER_ROUTER, type Recipe } from './recipe.ts'
import { thenInner } from './router-steps.ts'
import { forwardOnOwn, stands } from './twin-changes.ts'

/** Costs a letter. Takes days, and may be refused. */
export const askProviderUnblock: Recipe = {
  id: 'ask-provider-unblock',
  against: [
    ...INBOUND_BLOCKS,
    'provider-filters-protocol',
    'provider-blocks-outbound-udp',
    'provider-blocks-outbound-port',
  ],
  alsoClears: INNER_ROUTER,
  changes: (way) => [...LIFTED, ...(INNER_ROUTER.some((id) => stands(way, id)) ? forwardOnOwn(way) : [])],
  steps: (site) => [...unblockRequests(site), ...thenInner(site)],
}

const LIFTED: readonly TwinChange[] = [
  { kind: 'lift-filter', direction: 'in' },
  { kind: 'lift-filter', direction: 'out' },
]

function unblockRequests(site: Site): readonly Message[] {
  const requests: Message[] = []
  if (INBOUND_BLOCKS.some((id) => faces(site, id))) {
    requests.push(message('step.ask-unblock-port', { ports: site.names }))
  }
  for (const { id, endpoints, text } of site.obstacles) {
    if (id !== 'provider-filters-protocol') continue
    const { protocol } = text.params
    requests.push(message('step.ask-unblock-protocol', { protocol, endpoints: endpoints.join(', ') || null }))
  }
  if (faces(site, 'provider-blocks-outbound-udp')) requests.push(message('step.ask-unblock-udp-out'))
  const ports = site.obstacles.find(({ id }) => id === 'provider-blocks-outbound-port')
  if (ports !== undefined) requests.push(message('step.ask-unblock-ports-out', { ports: ports.text.params.ports }))
  return requests
}
