import type { PortMapping } from './port-mapper.ts'

type Granted = Pick<PortMapping, 'lifetimeSeconds' | 'grantedAtMs'>

/** When a mapping ends by itself, in milliseconds since 1970; null for one that stays until somebody deletes it. */
export function mappingEndMs({ lifetimeSeconds, grantedAtMs }: Granted): number | null {
  return lifetimeSeconds === null ? null : grantedAtMs + lifetimeSeconds * 1000
}

export function hasMappingEnded(mapping: Granted, nowMs: number): boolean {
  const endMs = mappingEndMs(mapping)
  return endMs !== null && endMs <= nowMs
}
