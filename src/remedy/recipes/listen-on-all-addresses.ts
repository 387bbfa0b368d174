import { message } from '../../model/message.ts'
import { addressIn, faces, type Site } from '../site.ts'
import type { Recipe } from './recipe.ts'

/** Costs a restart of the node. What speaks on that port is open to this host's networks then. */
export const listenOnAllAddresses: Recipe = {
  id: 'listen-on-all-addresses',
  against: ['listening-on-loopback', 'not-listening'],
  // A node that listens on another address of this host says so in the obstacle.
  offered: (site) => faces(site, 'listening-on-loopback') || addressIn(site, 'not-listening') !== null,
  changes: () => [{ kind: 'listen' }],
  steps: (site) => [message('step.change-listen-address', { address: listenedAt(site) })],
}

function listenedAt(site: Site): string | null {
  return addressIn(site, 'listening-on-loopback') ?? addressIn(site, 'not-listening')
}
