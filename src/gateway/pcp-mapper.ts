import type { Host } from '../host/host.ts'
import { type Address, familyOf, type Transport } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'
import { NO_IPV4, NO_IPV6 } from '../wire/pcp/address-field.ts'
import { type EpochSeen, judgeEpoch } from '../wire/pcp/epoch.ts'
import { PCP_NONCE_BYTES, type PcpAnswer, type PcpResponse } from '../wire/pcp/message.ts'
import { PCP_RESULT_CODES, type PcpResultName, pcpResultName } from '../wire/pcp/result-codes.ts'
import type { GatewayReply } from './ask-gateway.ts'
import { askPcp, type PcpQuestion } from './ask-pcp.ts'
import { checkLifetime, checkRequest } from './check-request.ts'
import { grantedLifetime } from './granted-lifetime.ts'
import { CHECK_PATIENCE_MS, MAP_PATIENCE_MS, PINHOLE_GAP_MS } from './patience.ts'
import type { MappingRequest, MapRefusal, MapResult, PortMapper, PortMapping, UnmapResult } from './port-mapper.ts'
import { toldAddress } from './told-address.ts'
import { unanswered } from './unanswered.ts'

/** IANA's protocol numbers. */
const PROTOCOLS: Readonly<Record<Transport, number>> = { tcp: 6, udp: 17 }

interface Asked extends MappingRequest {
  /** The one that is to stay, on renewal. */
  readonly suggestedAddress: Address | null
}

type Reply = GatewayReply<PcpAnswer>

/** How often a pinhole is asked for. */
const MOST_OPENINGS = 3

/**
 * Port mappings and IPv6 pinholes by PCP's MAP (RFC 6887 §11). A mapping belongs to its nonce, so that nobody else's
 * can be renewed or deleted by mistake.
 */
export class PcpMapper implements PortMapper {
  readonly protocol = 'pcp'
  readonly gateway: Address
  readonly model = null
  /** PCP tells it with a mapping and not before. */
  readonly externalAddress = null
  readonly #host: Host
  readonly #rttMs: number | null
  #epoch: EpochSeen | null = null

  constructor(host: Host, gateway: { readonly address: Address; readonly rttMs?: number | null }) {
    this.#host = host
    this.gateway = gateway.address
    this.#rttMs = gateway.rttMs ?? null
  }

  async map(request: MappingRequest): Promise<MapResult> {
    checkRequest(request)
    const asked = { ...request, suggestedAddress: null }
    return this.#result(
      asked,
      await (familyOf(asked.internal.address) === 'ipv6' ? this.#open(asked) : this.#ask(asked)),
    )
  }

  async renew(mapping: PortMapping, lifetimeSeconds: number): Promise<MapResult> {
    checkLifetime(lifetimeSeconds)
    const { transport, internal, externalPort, externalAddress, description } = mapping
    const nonce = mapping.token ?? ''
    const suggested = { suggestedPort: externalPort, suggestedAddress: externalAddress }
    const asked = { transport, internal, lifetimeSeconds, description, nonce, ...suggested }
    return this.#result(asked, await this.#ask(asked))
  }

  /** Lifetime 0 with its nonce (RFC 6887 §15.1). Of a mapping that has ended before, the answer is the same. */
  async unmap(mapping: PortMapping): Promise<UnmapResult> {
    const nonce = mapping.token ?? ''
    const own = await this.#host.network.addresses()
    // Who has our address of then is whom the gateway would take us for.
    if (!own.some(({ address }) => address === mapping.internal.address)) return 'not-ours'
    const { transport, internal, description } = mapping
    const asked = { transport, internal, description, suggestedPort: 0, lifetimeSeconds: 0 }
    const reply = await this.#ask({ ...asked, nonce, suggestedAddress: null })
    if (reply.outcome !== 'answered') return unanswered(reply)
    if (reply.answer.kind === 'other-version') return 'refused'
    const { resultCode } = reply.answer.response
    if (resultCode === PCP_RESULT_CODES.SUCCESS) return 'deleted'
    // miniupnpd 2.3.1: it found nothing to delete, which may be what it did when it was asked first.
    if (resultCode === PCP_RESULT_CODES.NO_RESOURCES) return reply.isRepeated ? 'deleted' : 'not-there'
    // §15.1: another nonce holds this internal port. Of a pinhole it may as well be that miniupnpd 2.3.1 with nftables
    // lost the nonce when it was renewed.
    const isTaken = resultCode === PCP_RESULT_CODES.NOT_AUTHORIZED && familyOf(internal.address) === 'ipv4'
    return isTaken ? 'not-ours' : 'refused'
  }

  /** PCP has no way to ask for what there is. */
  async list(): Promise<null> {
    return null
  }

  /**
   * Asks for a pinhole, and never twice in a row: miniupnpd 2.3.1 with nftables takes the second time for a renewal, loses
   * the nonce by that, and then deletes the pinhole for nobody. So what may be there is deleted before it is asked anew.
   */
  async #open(asked: Asked): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#ask(asked, { patienceMs: PINHOLE_GAP_MS, once: true })
      const isHeard = reply.outcome !== 'silent' && reply.outcome !== 'garbage'
      if (isHeard || attempt === MOST_OPENINGS) return reply
      const deleted = await this.#ask({ ...asked, lifetimeSeconds: 0 }, { patienceMs: CHECK_PATIENCE_MS })
      if (deleted.outcome !== 'answered') return deleted
    }
  }

  #result(asked: Asked, reply: Reply): MapResult {
    if (reply.outcome !== 'answered') return { outcome: unanswered(reply) }
    const { answer, atMs } = reply
    if (answer.kind === 'other-version') {
      return { outcome: 'refused', why: 'unsupported', detail: `it speaks version ${answer.version} of PCP` }
    }
    const { response } = answer
    const current = { epochSeconds: response.epochSeconds, atMs }
    const lostState = judgeEpoch(this.#epoch, current) === 'lost-state'
    this.#epoch = current
    if (response.resultCode !== PCP_RESULT_CODES.SUCCESS) return refusal(response)
    const mapping = this.#granted(asked, response)
    if (mapping === undefined) return { outcome: 'garbage' }
    return { outcome: 'mapped', mapping, ...(lostState ? { lostState } : {}) }
  }

  /** Undefined for a success that grants nothing. */
  #granted(asked: Asked, { operation, lifetimeSeconds, epochSeconds }: PcpResponse): PortMapping | undefined {
    if (operation.opcode !== 'MAP' || lifetimeSeconds === 0) return undefined
    const { external } = operation.mapping
    if (external.port === 0) return undefined
    const { transport, internal, description, nonce } = asked
    return {
      protocol: this.protocol,
      gateway: this.gateway,
      transport,
      internal,
      externalPort: external.port,
      externalAddress: toldAddress(external.address, familyOf(internal.address)),
      lifetimeSeconds: grantedLifetime(lifetimeSeconds, asked.lifetimeSeconds),
      grantedAtMs: this.#host.clock.nowMs(),
      epochSeconds,
      token: nonce,
      description,
    }
  }

  #ask(
    { transport, internal, nonce, suggestedPort, suggestedAddress, lifetimeSeconds }: Asked,
    how: Pick<PcpQuestion, 'patienceMs' | 'once'> = { patienceMs: MAP_PATIENCE_MS },
  ): Promise<Reply> {
    const none = familyOf(internal.address) === 'ipv4' ? NO_IPV4 : NO_IPV6
    const mapping = {
      nonce: bytesOfNonce(nonce),
      protocol: PROTOCOLS[transport],
      internalPort: internal.port,
      external: { address: suggestedAddress ?? none, port: suggestedPort },
    }
    return askPcp(this.#host, {
      gateway: this.gateway,
      request: { operation: { opcode: 'MAP', mapping }, lifetimeSeconds, client: internal.address, options: [] },
      rttMs: this.#rttMs,
      ...how,
    })
  }
}

const REFUSALS: Readonly<Partial<Record<PcpResultName, MapRefusal>>> = {
  UNSUPP_VERSION: 'unsupported',
  NOT_AUTHORIZED: 'not-authorized',
  UNSUPP_OPCODE: 'unsupported',
  UNSUPP_OPTION: 'unsupported',
  NETWORK_FAILURE: 'no-external-address',
  NO_RESOURCES: 'no-resources',
  UNSUPP_PROTOCOL: 'unsupported',
  USER_EX_QUOTA: 'no-resources',
  CANNOT_PROVIDE_EXTERNAL: 'in-use',
}

function refusal({ resultCode, operation }: PcpResponse): MapResult {
  const name = pcpResultName(resultCode)
  const external = operation.opcode === 'ANNOUNCE' ? null : scopeOf(operation.mapping.external.address)
  // miniupnpd 2.3.1 calls it NO_RESOURCES when its own address outside is no public one, and writes it there.
  const isBehindNat = name === 'NO_RESOURCES' && (external === 'private' || external === 'shared')
  const why = isBehindNat ? 'no-external-address' : ((name && REFUSALS[name]) ?? 'other')
  return { outcome: 'refused', why, detail: `PCP ${name ?? 'result'} (${resultCode})` }
}

/** RangeError for what is no nonce: a mapping without one was not made by PCP. */
function bytesOfNonce(nonce: string): Uint8Array {
  if (!/^[0-9a-f]{24}$/.test(nonce)) throw new RangeError('a PCP nonce is 24 hexadecimal digits')
  return Uint8Array.from({ length: PCP_NONCE_BYTES }, (_, index) =>
    Number.parseInt(nonce.slice(2 * index, 2 * index + 2), 16),
  )
}
