import type { EndpointName } from '../../model/endpoint.ts'
import { type Happening, happening } from './happening.ts'

/** Who listens on each endpoint (a process, as far as it is known), null where nobody does. */
export type HoldersByEndpoint = ReadonlyMap<EndpointName, string | null>

/** Notices that the node has stopped, started, or both meanwhile. */
export class Holders {
  #before: HoldersByEndpoint | null = null

  noted(holders: HoldersByEndpoint): readonly Happening[] {
    const before = this.#before ?? holders
    this.#before = holders
    const changed = [...holders].filter(([name, holder]) => before.has(name) && before.get(name) !== holder)
    return (['node-gone', 'node-back', 'node-restarted'] as const).flatMap((kind) => {
      const names = changed.filter(([name, holder]) => kindOf(before.get(name)!, holder) === kind).map(([name]) => name)
      return names.length === 0 ? [] : [happening(kind, { endpoints: names.join(', ') })]
    })
  }
}

function kindOf(before: string | null, now: string | null) {
  if (now === null) return 'node-gone'
  return before === null ? 'node-back' : 'node-restarted'
}
