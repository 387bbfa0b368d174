import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { discoverIgd } from './discover-igd.ts'
import { discoverNatPmp } from './discover-nat-pmp.ts'
import { discoverPcp } from './discover-pcp.ts'
import type { Discovered, DiscoveryTarget } from './discovery.ts'
import { NatPmpMapper } from './nat-pmp-mapper.ts'
import { PcpMapper } from './pcp-mapper.ts'
import { MAPPER_PROTOCOLS, type MapperProtocol, type PortMapper } from './port-mapper.ts'

/** When one protocol of a gateway has answered, better ones have so long: they live in the same box. */
const BETTER_COMES_MS = 250

/**
 * Looks for whatever opens ports, on every gateway and in every protocol at once, the best first: PCP of every gateway, then
 * NAT-PMP, IGD 2, IGD 1. Nothing is mapped by asking. What has not answered when nothing better can come any more is not
 * waited for. A gateway that is silent altogether costs two seconds, one that answers a quarter of one at most.
 */
export async function discoverMappers(host: Host, targets: readonly DiscoveryTarget[]): Promise<readonly PortMapper[]> {
  const gateways = targets.map(({ gateway }) => gateway)
  const mappers = await Promise.all(targets.map((target) => mappersOf(host, target, gateways)))
  const rank = ({ protocol }: PortMapper) => MAPPER_PROTOCOLS.indexOf(protocol)
  return mappers.flat().toSorted((a, b) => rank(a) - rank(b))
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

async function mappersOf(
  host: Host,
  target: DiscoveryTarget,
  gateways: readonly Address[],
): Promise<readonly PortMapper[]> {
  const { gateway: address } = target
  const stop = new AbortController()
  const bounded = { ...target, signal: stop.signal }
  const onAbort = () => stop.abort()
  target.signal?.addEventListener('abort', onAbort)
  if (target.signal?.aborted) onAbort()
  // In the order of preference: does each speak? Undefined while nobody knows.
  const speaks: (boolean | undefined)[] = [undefined, undefined, undefined]
  const ask = async <T>(rank: number, question: Promise<T>, open: (answer: T) => PortMapper | null) => {
    const answer = await orNull(question)
    const mapper = answer === null ? null : open(answer)
    speaks[rank] = mapper !== null
    const best = speaks.find((each) => each !== false)
    if (best === true) stop.abort()
    else if (speaks[rank]) void host.clock.sleep(BETTER_COMES_MS, stop.signal).then(onAbort)
    return mapper
  }
  const asked = await Promise.all([
    ask(0, discoverPcp(host, bounded), (told) =>
      told.outcome === 'speaks' ? new PcpMapper(host, { address, rttMs: told.rttMs }) : null,
    ),
    ask(1, familyOf(address) === 'ipv4' ? discoverNatPmp(host, bounded) : SILENT, (told) =>
      told.outcome === 'speaks' ? new NatPmpMapper(host, { address, externalAddress: told.externalAddress }) : null,
    ),
    ask(2, discoverIgd(host, { ...bounded, gateways }), ({ mapper }) => mapper),
  ])
  stop.abort()
  target.signal?.removeEventListener('abort', onAbort)
  return asked.filter((mapper) => mapper !== null)
}

const SILENT: Promise<Discovered> = Promise.resolve({ outcome: 'silent' })

/** What this host cannot do is no answer of the gateway. */
async function orNull<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question
  } catch (error) {
    if (error instanceof PeerwayError) return null
    throw error
  }
}
