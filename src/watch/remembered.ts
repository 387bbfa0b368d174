import type { Answer } from '../model/answer.ts'
import type { EndpointName } from '../model/endpoint.ts'

/** What a watch that starts again knows of the one before it. */
export interface Remembered {
  /** The boot in which all rules of ours were last there; null where it is not known. */
  readonly bootId: string | null
  readonly stated: ReadonlyMap<EndpointName, { readonly answer: Answer; readonly sinceMs: number }>
}

export const MOST_MEMORY_BYTES = 1024 * 1024

/** Strict, and never throws: what cannot be read is not known. */
export function parseRemembered(text: string): Remembered {
  try {
    const { bootId, stated } = JSON.parse(text) as { bootId: unknown; stated: unknown }
    const isWhole = Array.isArray(stated) && stated.every(isStated)
    return { bootId: typeof bootId === 'string' ? bootId : null, stated: new Map(isWhole ? stated : []) }
  } catch {
    return { bootId: null, stated: new Map() }
  }
}

function isStated(value: unknown): value is [EndpointName, { answer: Answer; sinceMs: number }] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const { answer, sinceMs } = (value[1] ?? {}) as { answer: unknown; sinceMs: unknown }
  return ['yes', 'no', 'unknown'].includes(String(answer)) && typeof sinceMs === 'number'
}
