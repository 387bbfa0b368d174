/** JSON of unknown shape, looked at without trust: every accessor answers undefined for what is not there. */
export type Json = unknown

export function objectOf(json: Json): Readonly<Record<string, Json>> | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, Json>) : undefined
}

export function member(json: Json, key: string): Json {
  const object = objectOf(json)
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined
}

export function text(json: Json): string | undefined {
  return typeof json === 'string' ? json : undefined
}

export function integer(json: Json): number | undefined {
  return typeof json === 'number' && Number.isSafeInteger(json) ? json : undefined
}

export function list(json: Json): readonly Json[] | undefined {
  return Array.isArray(json) ? json : undefined
}

/** The one key of an object like `{"match": {...}}` with its value. */
export function only(json: Json): readonly [key: string, value: Json] | undefined {
  const object = objectOf(json)
  if (object === undefined) return undefined
  const entries = Object.entries(object)
  return entries.length === 1 ? entries[0] : undefined
}
