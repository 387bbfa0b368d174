import { message } from '../../model/message.ts'
import { answers } from './offers.ts'
import { INNER_ROUTER, type Recipe } from './recipe.ts'

/** Costs settings, with some providers a request. Peers without IPv6 stay outside. */
export const useIpv6: Recipe = {
  id: 'use-ipv6',
  against: ['carrier-nat', 'double-nat'],
  alsoClears: INNER_ROUTER,
  // Where IPv6 was measured, it has its own obstacles, or needs no remedy.
  offered: (site) => answers(site, ({ family }) => family === 'ipv6').every((answer) => answer === 'unknown'),
  changes: () => [{ kind: 'translate-nowhere' }],
  steps: ({ source }) => [
    ...(source.ipv6 === null ? [message('step.enable-ipv6')] : []),
    message('step.use-ipv6-address', { internal: source.ipv6 }),
  ],
}
