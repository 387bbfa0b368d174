import type { Address } from '../model/endpoint.ts'
import type { GatewayAnswer } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { type Findings, ids } from './findings.ts'
import { isNeighbour } from './neighbour.ts'

/** What a router of the IPv4 way says of its two sides when it is asked to open ports. */
export interface ToldByRouter {
  /** At which hop it stands; this host's own gateway is 1. */
  readonly hop: number
  /** It opens ports by NAT-PMP or UPnP, which are about translated addresses alone. */
  readonly opensPorts: boolean
  /** Its address outside, where that is one of a home or a carrier: then somebody beyond it translates once more. */
  readonly privateOutside: Address | null
  /** Our packets come to it from another address than this host's. */
  readonly seesAnotherAddress: boolean
  readonly evidence: readonly string[]
}

/**
 * Only what a router cannot know otherwise counts. A public address may come from a STUN server that it asked (miniupnpd can
 * be told to), so it shows nothing; nor does one of this host's own network, which some tell that look at the wrong interface.
 */
export function toldByRouters(findings: Findings, firstRouter: Address | null): readonly ToldByRouter[] {
  const read = (hop: number, answers: readonly GatewayAnswer[], evidence: readonly string[]): ToldByRouter => {
    const privateOutside = answers
      .flatMap(({ externalAddress }) => externalAddress ?? [])
      .find((address) => ['private', 'shared'].includes(scopeOf(address)) && !isNeighbour(findings, address))
    const opensPorts = answers.some(({ protocol, outcome }) => protocol !== 'pcp' && outcome === 'speaks')
    const seesAnotherAddress = hop > 1 && answers.some((answer) => answer.seesAnotherAddress)
    return { hop, opensPorts, privateOutside: privateOutside ?? null, seesAnotherAddress, evidence }
  }
  const near = findings.of('gateways').flatMap((one) => {
    const ipv4 = one.value.gateways.filter(({ family }) => family === 'ipv4')
    // Of several, only the one by which the packets went.
    const first = ipv4.length === 1 ? ipv4[0] : ipv4.find(({ address }) => address === firstRouter)
    return first === undefined ? [] : [read(1, first.answers, ids([one]))]
  })
  const far = findings.of('outer-gateways').flatMap((one) => {
    return one.value.gateways.map(({ ttl, answers }) => read(ttl, answers, ids([one])))
  })
  return [...near, ...far].filter((each) => each.opensPorts || each.privateOutside !== null || each.seesAnotherAddress)
}
