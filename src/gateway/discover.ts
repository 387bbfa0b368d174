import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { RefusedLocation } from '../model/evidence.ts'
import { discoverIgd, type IgdDiscovery } from './discover-igd.ts'
import { discoverNatPmp } from './discover-nat-pmp.ts'
import { discoverPcp } from './discover-pcp.ts'
import type { Discovered, DiscoveryTarget } from './discovery.ts'
import { NatPmpMapper } from './nat-pmp-mapper.ts'
import { PcpMapper } from './pcp-mapper.ts'
import { MAPPER_PROTOCOLS, type MapperProtocol, type PortMapper } from './port-mapper.ts'

/** What one gateway said in each protocol; null where it was not asked, or this host could not. */
export interface GatewaySeen {
  readonly gateway: Address
  readonly pcp: Discovered | null
  readonly natPmp: Discovered | null
  readonly upnp: Discovered | null
  readonly refused: readonly RefusedLocation[]
}

export interface DiscoveredMappers {
  /** The best first: PCP of every gateway, then NAT-PMP, IGD 2, IGD 1. */
  readonly mappers: readonly PortMapper[]
  readonly seen: readonly GatewaySeen[]
}

/** When one protocol of a gateway has answered, the others have so long: they live in the same box. */
const OTHERS_COME_MS = 250

/**
 * Looks for everything that opens ports, on every gateway and in every protocol at once. Nothing is mapped by asking.
 * A gateway that is silent altogether costs two seconds, one that answers a quarter of one.
 */
export async function discoverMappers(host: Host, targets: readonly DiscoveryTarget[]): Promise<DiscoveredMappers> {
  const gateways = targets.map(({ gateway }) => gateway)
  const asked = await Promise.all(targets.map((target) => askGatewayAll(host, target, gateways)))
  const mappers = asked.flatMap((each) => each.mappers)
  const rank = ({ protocol }: PortMapper) => MAPPER_PROTOCOLS.indexOf(protocol)
  return { mappers: mappers.toSorted((a, b) => rank(a) - rank(b)), seen: asked.map(({ seen }) => seen) }
}

/**
 * A mapper for a protocol that a gateway is known to speak, as from a check or a journal. PCP and NAT-PMP need no
 * question for it; UPnP has to be found. Null where it is not there any more.
 */
export async function openMapper(
  host: Host,
  target: DiscoveryTarget,
  protocol: MapperProtocol,
): Promise<PortMapper | null> {
  const { gateway } = target
  if (protocol === 'pcp') return new PcpMapper(host, { address: gateway })
  if (protocol === 'nat-pmp') return new NatPmpMapper(host, { address: gateway, externalAddress: null })
  const found = await orNull(discoverIgd(host, { ...target, gateways: [gateway] }))
  return found?.mapper ?? null
}

async function askGatewayAll(
  host: Host,
  target: DiscoveryTarget,
  gateways: readonly Address[],
): Promise<{ readonly mappers: readonly PortMapper[]; readonly seen: GatewaySeen }> {
  const stop = new AbortController()
  const bounded = { ...target, signal: stop.signal }
  const onAbort = () => stop.abort()
  target.signal?.addEventListener('abort', onAbort)
  if (target.signal?.aborted) onAbort()
  const noteAnswer = (discovered: Discovered | undefined) => {
    if (discovered?.outcome !== 'speaks') return
    void host.clock.sleep(OTHERS_COME_MS, stop.signal).then(onAbort)
  }
  const ask = async <T>(question: Promise<T>, read: (answer: T) => Discovered): Promise<T | null> => {
    const answer = await orNull(question)
    noteAnswer(answer === null ? undefined : read(answer))
    return answer
  }
  const isIpv4 = familyOf(target.gateway) === 'ipv4'
  const [pcp, natPmp, igd] = await Promise.all([
    ask(discoverPcp(host, bounded), (answer) => answer),
    isIpv4 ? ask(discoverNatPmp(host, bounded), (answer) => answer) : null,
    ask(discoverIgd(host, { ...bounded, gateways }), ({ discovered }) => discovered),
  ])
  stop.abort()
  target.signal?.removeEventListener('abort', onAbort)
  const refused = igd?.refused ?? []
  const seen = { gateway: target.gateway, pcp, natPmp, upnp: igd?.discovered ?? null, refused }
  return { mappers: mappersFor(host, target.gateway, { pcp, natPmp, igd }), seen }
}

function mappersFor(
  host: Host,
  address: Address,
  {
    pcp,
    natPmp,
    igd,
  }: { readonly pcp: Discovered | null; readonly natPmp: Discovered | null; readonly igd: IgdDiscovery | null },
): readonly PortMapper[] {
  // PCP tells the address with a mapping alone; the same box may have told it otherwise.
  const told = [natPmp, igd?.discovered].map((each) => (each?.outcome === 'speaks' ? each.externalAddress : null))
  const externalAddress = told.find((each) => each !== null) ?? null
  return [
    ...(pcp?.outcome === 'speaks' ? [new PcpMapper(host, { address, externalAddress, rttMs: pcp.rttMs })] : []),
    ...(natPmp?.outcome === 'speaks'
      ? [new NatPmpMapper(host, { address, externalAddress: natPmp.externalAddress })]
      : []),
    ...(igd === null || igd.mapper === null ? [] : [igd.mapper]),
  ]
}

/** What this host cannot do is no answer of the gateway. */
async function orNull<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question
  } catch (error) {
    if (error instanceof PeerwayError) return null
    throw error
  }
}
