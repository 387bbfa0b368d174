import type { Diagnosis } from '../../model/diagnosis.ts'
import type { Family } from '../../model/endpoint.ts'
import type { Obstacle } from '../../model/obstacle.ts'

/** A box between this host and its provider, as far as the diagnosis knows of it. */
export interface WayBox {
  readonly name: `router${number}` | 'carrier'
  readonly translates: boolean
}

/** The boxes on the way of an endpoint, from this host outwards: those on the path, and those that an obstacle speaks of. */
export function wayOf(
  diagnosis: Pick<Diagnosis, 'path' | 'nat'>,
  family: Family,
  standing: readonly Obstacle[],
): readonly WayBox[] {
  const path = diagnosis.path.filter((each) => each.family === family && each.state !== 'absent')
  const seen = path.flatMap(({ stage, layer }) => (stage === 'router' && layer !== null ? layer : []))
  const stated = standing.flatMap(({ stage, layer }) => (stage === 'router' ? (layer ?? 1) : []))
  const layers = [...new Set([...seen, ...stated])].sort((a, b) => a - b)
  const { nat } = diagnosis
  const isTranslated = family === 'ipv4' && nat.layers !== 0 && nat.mapping !== 'none'
  const filters = new Set(standing.filter(({ id }) => id === 'router-filter-drops-inbound').map(({ layer }) => layer))
  const routers = layers.map((layer) => {
    return { name: `router${layer}` as const, translates: isTranslated && !filters.has(layer) }
  })
  const carriers = path.some(({ stage, state }) => stage === 'carrier' && state !== 'unknown')
  const hasCarrier = family === 'ipv4' && (carriers || standing.some(({ stage }) => stage === 'carrier'))
  return hasCarrier ? [...routers, { name: 'carrier', translates: true }] : routers
}
