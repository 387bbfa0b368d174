import type { Answer } from '../../model/answer.ts'
import type { EndpointVerdict } from '../../model/diagnosis.ts'
import type { Family } from '../../model/endpoint.ts'
import type { GatewayProtocol } from '../../model/evidence.ts'
import type { ObstacleId } from '../../model/obstacle.ts'
import type { Site } from '../site.ts'

export function answers(site: Site, which: (endpoint: EndpointVerdict) => boolean): readonly Answer[] {
  return site.measured.filter(which).map(({ reachable }) => reachable)
}

export function isIpv6({ endpoints }: Site): boolean {
  return endpoints.every(({ family }) => family === 'ipv6')
}

/** Can the router be asked? A node that takes one of thousands of ports for each client asks for it itself. */
export function speaks(site: Site, family: Family, protocol: GatewayProtocol): boolean {
  return site.found?.onDemand === undefined && (site.protocols[family]?.includes(protocol) ?? false)
}

/** The rule that decides is known, or the one that nobody can judge, so that another can go before it. */
export function isRuleKnown({ obstacles }: Site, id: ObstacleId): boolean {
  return obstacles.some(({ id: own, text: { params } }) => own === id && (params.rule ?? params.unjudged) !== undefined)
}
