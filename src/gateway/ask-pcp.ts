import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import {
  answersRequest,
  decodePcpAnswer,
  encodePcpRequest,
  type PcpAnswer,
  type PcpRequest,
} from '../wire/pcp/message.ts'
import { askGateway, type GatewayReply } from './ask-gateway.ts'
import { pcpFirstGapMs } from './patience.ts'

export interface PcpQuestion {
  readonly gateway: Address
  /** Sent from `request.client`, which is an address of this host. */
  readonly request: PcpRequest
  /** Round trip to this gateway, as far as it has been measured. */
  readonly rttMs: number | null
  readonly patienceMs: number
  /** Asked once, as the second would not be the same question to some servers. */
  readonly once?: boolean
  readonly signal?: AbortSignal
}

/**
 * One PCP request and its answer. Answers to anything else (another nonce, opcode, protocol or internal port) are passed
 * over, however well formed. A refusal of the version bears none of these, and is taken for what it is.
 */
export function askPcp(host: Host, question: PcpQuestion): Promise<GatewayReply<PcpAnswer>> {
  const { gateway, request, rttMs, patienceMs, once = false, signal } = question
  return askGateway(host, {
    gateway,
    local: request.client,
    datagram: encodePcpRequest(request),
    patience: { firstGapMs: once ? Number.POSITIVE_INFINITY : pcpFirstGapMs(rttMs), totalMs: patienceMs },
    read(datagram) {
      const answer = decodePcpAnswer(datagram)
      if (!answer.ok) return undefined
      const { value } = answer
      return value.kind === 'other-version' || answersRequest(value.response, request) ? value : undefined
    },
    ...(signal === undefined ? {} : { signal }),
  })
}
