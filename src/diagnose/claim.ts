import { type EndpointKey, endpointName } from '../model/endpoint.ts'
import { type Message, type MessageParams, message } from '../model/message.ts'
import { type Certainty, OBSTACLE_STAGES, type Obstacle, type ObstacleId } from '../model/obstacle.ts'

/** An obstacle as one rule states it, for the endpoints that the rule looked at. */
export interface Claim {
  readonly id: ObstacleId
  readonly layer?: number
  /** Which thing it is about, where there may be several (containers): claims about two of them are not joined. */
  readonly subject?: string
  readonly endpoints: readonly EndpointKey[]
  readonly evidence: readonly string[]
  readonly params?: MessageParams
  /** What would turn `likely` into `proven`. Without it the claim is proven. */
  readonly settledBy?: Message
}

/** Joins what several rules, or one rule for several endpoints, say of the same thing. Proven claims come first. */
export function mergeClaims(claims: readonly Claim[]): readonly Obstacle[] {
  const groups = new Map<string, Claim[]>()
  for (const claim of claims) {
    const key = [claim.id, claim.layer, claim.subject, claim.settledBy?.id, claim.params?.family].join(' ')
    groups.set(key, [...(groups.get(key) ?? []), claim])
  }
  const obstacles = [...groups.values()].map(toObstacle)
  return obstacles.sort((a, b) => rank(a.certainty) - rank(b.certainty))
}

function toObstacle(claims: readonly Claim[]): Obstacle {
  const [first] = claims as readonly [Claim, ...Claim[]]
  const endpoints = claims.flatMap((claim) => claim.endpoints)
  return {
    id: first.id,
    stage: OBSTACLE_STAGES[first.id],
    layer: first.layer ?? null,
    certainty: first.settledBy === undefined ? 'proven' : 'likely',
    endpoints: [...new Set(endpoints.map(endpointName))],
    evidence: inOrder(claims.flatMap((claim) => claim.evidence)),
    text: message(`obstacle.${first.id}`, { ...first.params, ...ruleParams(claims), ...ports(endpoints) }),
    settledBy: first.settledBy ?? null,
  }
}

/** Several rules may do the same: all are named, with their chains and tables. */
function ruleParams(claims: readonly Claim[]): MessageParams {
  const values = (name: string) => [...new Set(claims.flatMap(({ params }) => params?.[name] ?? []))]
  const rules = values('rule')
  if (rules.length === 0) return {}
  const places = ['chain', 'table'].map((name) => [name, values(name).join(', ')])
  return { ...Object.fromEntries(places), rule: rules.join('; ') }
}

/** `udp/ipv4/4001, tcp/ipv4/4001`, which the report turns into words. */
function ports(endpoints: readonly EndpointKey[]): MessageParams {
  if (endpoints.length === 0) return {}
  return { endpoints: [...new Set(endpoints.map(endpointName))].join(', '), port: endpoints[0]!.port }
}

/** `e2` before `e10`. */
function inOrder(evidence: readonly string[]): readonly string[] {
  return [...new Set(evidence)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

function rank(certainty: Certainty): number {
  return certainty === 'proven' ? 0 : 1
}
