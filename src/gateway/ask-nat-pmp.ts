import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import {
  decodeNatPmpResponse,
  encodeNatPmpRequest,
  type NatPmpRequest,
  type NatPmpResponse,
} from '../wire/nat-pmp/message.ts'
import { askGateway, type GatewayReply } from './ask-gateway.ts'
import { NAT_PMP_FIRST_GAP_MS } from './patience.ts'

export interface NatPmpQuestion {
  readonly gateway: Address
  readonly local: Address
  readonly request: NatPmpRequest
  readonly patienceMs: number
  readonly signal?: AbortSignal
}

/**
 * One NAT-PMP request and its answer. The protocol has no nonce: an answer is one of the same opcode and internal port
 * from the gateway's own port.
 */
export function askNatPmp(host: Host, question: NatPmpQuestion): Promise<GatewayReply<NatPmpResponse>> {
  const { gateway, local, request, patienceMs, signal } = question
  return askGateway(host, {
    gateway,
    local,
    datagram: encodeNatPmpRequest(request),
    patience: { firstGapMs: NAT_PMP_FIRST_GAP_MS, totalMs: patienceMs },
    read(datagram) {
      const response = decodeNatPmpResponse(datagram)
      return response.ok && answersNatPmp(response.value, request) ? response.value : undefined
    },
    ...(signal === undefined ? {} : { signal }),
  })
}

function answersNatPmp(response: NatPmpResponse, request: NatPmpRequest): boolean {
  if (response.operation !== request.operation) return false
  if (request.operation === 'external-address') return true
  const told = 'internalPort' in response ? response.internalPort : null
  // Errors may be cut behind the epoch; whole ones have to be about our port.
  return told === request.internalPort || (told === null && response.resultCode !== 0)
}
