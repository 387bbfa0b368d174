import { type Json, list, objectOf } from '../ruleset/json.ts'

/** What stands at a path of keys, `Swarm.RelayClient.Enabled`; a list's entries are counted from 0. Undefined for nothing. */
export function valueAt(json: Json, path: string): Json {
  return path.split('.').reduce<Json>((value, key) => {
    const object = objectOf(value)
    if (object !== undefined) return Object.hasOwn(object, key) ? (object[key] as Json) : undefined
    return /^\d{1,6}$/.test(key) ? list(value)?.[Number(key)] : undefined
  }, json)
}
