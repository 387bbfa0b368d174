import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { judgeNatPmpEpoch } from '../wire/nat-pmp/epoch.ts'
import type { NatPmpRequest, NatPmpResponse } from '../wire/nat-pmp/message.ts'
import { type NatPmpResultName, natPmpResultName } from '../wire/nat-pmp/result-codes.ts'
import type { EpochSeen } from '../wire/pcp/epoch.ts'
import type { GatewayReply } from './ask-gateway.ts'
import { askNatPmp } from './ask-nat-pmp.ts'
import { checkLifetime, checkRequest } from './check-request.ts'
import { grantedLifetime } from './granted-lifetime.ts'
import { CHECK_PATIENCE_MS, MAP_PATIENCE_MS } from './patience.ts'
import type { MappingRequest, MapRefusal, MapResult, PortMapper, PortMapping, UnmapResult } from './port-mapper.ts'
import { toldAddress } from './told-address.ts'
import { unanswered } from './unanswered.ts'

/** Port mappings by NAT-PMP (RFC 6886). IPv4 alone. */
export class NatPmpMapper implements PortMapper {
  readonly protocol = 'nat-pmp'
  readonly gateway: Address
  readonly model = null
  readonly externalAddress: Address | null
  readonly #host: Host
  #epoch: EpochSeen | null = null

  constructor(host: Host, gateway: { readonly address: Address; readonly externalAddress: Address | null }) {
    this.#host = host
    this.gateway = gateway.address
    this.externalAddress = gateway.externalAddress
  }

  map(request: MappingRequest): Promise<MapResult> {
    checkRequest(request)
    return this.#request(request)
  }

  renew(mapping: PortMapping, lifetimeSeconds: number): Promise<MapResult> {
    checkLifetime(lifetimeSeconds)
    return this.#request({ ...mapping, suggestedPort: mapping.externalPort, lifetimeSeconds })
  }

  /**
   * NAT-PMP deletes by this host's address and internal port, with no nonce that would show whose the mapping is. So
   * nothing is sent where ours has ended, or the gateway has lost its state since: what is there now is another program's.
   */
  async unmap(mapping: PortMapping): Promise<UnmapResult> {
    const { internal, transport } = mapping
    const own = await this.#host.network.addresses()
    if (!own.some(({ address }) => address === internal.address)) return 'not-ours'
    const told = await this.#ask(internal.address, { operation: 'external-address' })
    if (told.outcome !== 'answered') return unanswered(told)
    const ageMs = this.#host.clock.nowMs() - mapping.grantedAtMs
    const life = lifeOf(mapping, told.answer.epochSeconds, ageMs)
    if (life !== 'lasts') return life

    const request = { operation: transport, internalPort: internal.port, externalPort: 0, lifetimeSeconds: 0 } as const
    const reply = await this.#ask(internal.address, request)
    if (reply.outcome !== 'answered') return unanswered(reply)
    const { answer } = reply
    if (answer.resultCode !== 0) return 'refused'
    return 'lifetimeSeconds' in answer && answer.lifetimeSeconds === 0 ? 'deleted' : 'garbage'
  }

  /** NAT-PMP has no way to ask for what there is. */
  async list(): Promise<null> {
    return null
  }

  async #request(asked: Omit<MappingRequest, 'nonce'>): Promise<MapResult> {
    const { transport, internal, suggestedPort, lifetimeSeconds } = asked
    if (familyOf(internal.address) !== 'ipv4') {
      return { outcome: 'refused', why: 'unsupported', detail: 'NAT-PMP knows IPv4 alone' }
    }
    const ports = { internalPort: internal.port, externalPort: suggestedPort, lifetimeSeconds }
    // The answer names no address: it is asked for at the same time.
    const [reply, externalAddress] = await Promise.all([
      this.#ask(internal.address, { operation: transport, ...ports }),
      this.#askAddress(internal.address),
    ])
    const result = this.#judge(asked, reply)
    return result.outcome === 'mapped' ? { ...result, mapping: { ...result.mapping, externalAddress } } : result
  }

  /** It may be another than at discovery by now. Nothing that befalls this question may hide that a port is open. */
  async #askAddress(local: Address): Promise<Address | null> {
    try {
      const reply = await this.#ask(local, { operation: 'external-address' }, CHECK_PATIENCE_MS)
      if (reply.outcome !== 'answered' || !('externalAddress' in reply.answer)) return null
      return toldAddress(reply.answer.externalAddress, 'ipv4')
    } catch (error) {
      if (error instanceof PeerwayError) return null
      throw error
    }
  }

  #judge(asked: Omit<MappingRequest, 'nonce'>, reply: GatewayReply<NatPmpResponse>): MapResult {
    const { transport, internal, lifetimeSeconds, description } = asked
    if (reply.outcome !== 'answered') return { outcome: unanswered(reply) }
    const { answer, atMs } = reply
    const lostState = this.#noteEpoch({ epochSeconds: answer.epochSeconds, atMs })
    if (answer.resultCode !== 0) return refusal(answer)
    if (!('lifetimeSeconds' in answer) || answer.lifetimeSeconds === 0 || answer.externalPort === 0) {
      return { outcome: 'garbage' }
    }
    const mapping: PortMapping = {
      protocol: this.protocol,
      gateway: this.gateway,
      transport,
      internal,
      externalPort: answer.externalPort,
      externalAddress: null,
      lifetimeSeconds: grantedLifetime(answer.lifetimeSeconds, lifetimeSeconds),
      grantedAtMs: this.#host.clock.nowMs(),
      epochSeconds: answer.epochSeconds,
      token: null,
      description,
    }
    return { outcome: 'mapped', mapping, ...(lostState ? { lostState } : {}) }
  }

  #noteEpoch(current: EpochSeen): boolean {
    const lostState = judgeNatPmpEpoch(this.#epoch, current) === 'lost-state'
    this.#epoch = current
    return lostState
  }

  #ask(local: Address, request: NatPmpRequest, patienceMs = MAP_PATIENCE_MS): Promise<GatewayReply<NatPmpResponse>> {
    return askNatPmp(this.#host, { gateway: this.gateway, local, request, patienceMs })
  }
}

/**
 * Is a mapping of ours still there? By the gateway's own clock, for ours may have jumped since: that of a small computer
 * jumps by years when it first hears of the time.
 */
function lifeOf(
  { lifetimeSeconds, epochSeconds: bornSeconds }: PortMapping,
  epochSeconds: number,
  ageMs: number,
): 'lasts' | 'not-there' | 'undecided' {
  const lifeSeconds = lifetimeSeconds ?? Number.POSITIVE_INFINITY
  const now = { epochSeconds, atMs: ageMs }
  if (bornSeconds === null) {
    // Granted in second 0 of the epoch at the earliest: one that is younger than the mapping did not grant it.
    const isYounger = judgeNatPmpEpoch({ epochSeconds: 0, atMs: 0 }, now) === 'lost-state'
    return isYounger || ageMs >= lifeSeconds * 1000 ? 'not-there' : 'lasts'
  }
  if (epochSeconds < bornSeconds || epochSeconds - bornSeconds >= lifeSeconds) return 'not-there'
  if (judgeNatPmpEpoch({ epochSeconds: bornSeconds, atMs: 0 }, now) === 'plausible') return 'lasts'
  // More time has passed here than there. A gateway that started anew since was started after it granted this.
  return ageMs / 1000 < epochSeconds ? 'lasts' : 'undecided'
}

const REFUSALS: Readonly<Partial<Record<NatPmpResultName, MapRefusal>>> = {
  UNSUPPORTED_VERSION: 'unsupported',
  NOT_AUTHORIZED: 'not-authorized',
  NETWORK_FAILURE: 'no-external-address',
  OUT_OF_RESOURCES: 'no-resources',
  UNSUPPORTED_OPCODE: 'unsupported',
}

function refusal({ resultCode }: NatPmpResponse): MapResult {
  const name = natPmpResultName(resultCode)
  const why = (name && REFUSALS[name]) ?? 'other'
  return { outcome: 'refused', why, detail: `NAT-PMP ${name ?? 'result'} (${resultCode})` }
}
