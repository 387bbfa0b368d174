import type { FilteringBehavior, MappingBehavior } from '../model/nat.ts'

export type NatAlias = 'full cone' | 'restricted cone' | 'port-restricted cone' | 'symmetric'

const CONES = {
  'endpoint-independent': 'full cone',
  'address-dependent': 'restricted cone',
  'address-and-port-dependent': 'port-restricted cone',
} as const

/**
 * The old name (RFC 3489) that routers and forums use for a mapping and a filtering behavior, for display alone.
 * Undefined where nothing translates, or too little is known for a name.
 */
export function natAlias(mapping: MappingBehavior, filtering: FilteringBehavior): NatAlias | undefined {
  if (mapping === 'none' || mapping === 'unknown') return undefined
  if (mapping !== 'endpoint-independent') return 'symmetric'
  return filtering === 'unknown' ? undefined : CONES[filtering]
}
