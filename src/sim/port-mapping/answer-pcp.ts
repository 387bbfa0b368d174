import type { Transport } from '../../model/endpoint.ts'
import { scopeOf } from '../../model/ip.ts'
import {
  decodePcpRequest,
  encodePcpResponse,
  type PcpErrorCode,
  type PcpMapping,
  type PcpRequest,
} from '../../wire/pcp/message.ts'
import { isMandatoryOption } from '../../wire/pcp/options.ts'
import { refusePcp } from '../../wire/pcp/refuse.ts'
import { PCP_RESULT_CODES, type PcpResultName } from '../../wire/pcp/result-codes.ts'
import type { AddressId } from '../address-book.ts'
import { grant, openingOf } from './grant.ts'
import type { RouterSite } from './router-site.ts'

/** RFC 6887 §7.4: errors of policy last long, those of the moment do not. */
const LONG_SECONDS = 1800
const SHORT_SECONDS = 30
const SHORT: ReadonlySet<PcpResultName> = new Set(['NETWORK_FAILURE', 'NO_RESOURCES', 'CANNOT_PROVIDE_EXTERNAL'])

const RESULT_OF_ERROR: Readonly<Partial<Record<PcpErrorCode, PcpResultName>>> = {
  'other-version': 'UNSUPP_VERSION',
  'bad-length': 'MALFORMED_REQUEST',
  'unknown-opcode': 'UNSUPP_OPCODE',
  'bad-operation': 'MALFORMED_REQUEST',
  'bad-option': 'MALFORMED_OPTION',
}

const TRANSPORTS: ReadonlyMap<number, Transport> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
])

/**
 * What a router's PCP server answers (RFC 6887 §8.2, §11.3, §14.1); undefined for silence. MAP and ANNOUNCE, with
 * PREFER_FAILURE; PEER, FILTER and THIRD_PARTY are refused. Like miniupnpd it maps no IPv4 port while its own
 * address outside is no public one.
 */
export function answerPcp(site: RouterSite, datagram: Uint8Array, from: AddressId): Uint8Array | undefined {
  const { world } = site.machine
  const epochSeconds = Math.floor((world.nowMs - site.guard.startedAtMs) / 1000)
  const refuse = (name: PcpResultName, lifetimeSeconds = LONG_SECONDS) =>
    refusePcp(datagram, { resultCode: PCP_RESULT_CODES[name], lifetimeSeconds, epochSeconds })
  const decoded = decodePcpRequest(datagram)
  if (!decoded.ok) {
    const result = RESULT_OF_ERROR[decoded.code]
    return result && refuse(result)
  }
  const request = decoded.value
  const { operation, options } = request
  if (operation.opcode === 'PEER') return refuse('UNSUPP_OPCODE')
  if (world.addresses.text(from) !== request.client) return refuse('ADDRESS_MISMATCH')
  if (!options.every(isUnderstood)) return refuse('UNSUPP_OPTION')
  if (operation.opcode === 'ANNOUNCE') {
    return encodePcpResponse({ operation, resultCode: 0, lifetimeSeconds: 0, epochSeconds, options: [] })
  }
  const outcome = map(site, request, operation.mapping, from)
  if (typeof outcome === 'string') return refuse(outcome, SHORT.has(outcome) ? SHORT_SECONDS : LONG_SECONDS)
  const { mapping, lifetimeSeconds } = outcome
  const answer = { opcode: 'MAP', mapping } as const
  return encodePcpResponse({ operation: answer, resultCode: 0, lifetimeSeconds, epochSeconds, options })
}

function isUnderstood(option: PcpRequest['options'][number]): boolean {
  if (option.name === 'unknown') return !isMandatoryOption(option.code)
  return option.name === 'PREFER_FAILURE'
}

interface Mapped {
  readonly mapping: PcpMapping
  readonly lifetimeSeconds: number
}

function map(
  { guard, machine }: RouterSite,
  { lifetimeSeconds, options }: PcpRequest,
  mapping: PcpMapping,
  from: AddressId,
): Mapped | PcpResultName {
  const { addresses, nowMs } = machine.world
  const transport = TRANSPORTS.get(mapping.protocol)
  if (transport === undefined) return 'UNSUPP_PROTOCOL'
  if (mapping.internalPort === 0) return 'MALFORMED_REQUEST'
  const isPinhole = addresses.isIpv6(from)
  const outside = isPinhole ? addresses.text(from) : guard.external === 0 ? null : addresses.text(guard.external)
  const wish = {
    kind: isPinhole ? 'pinhole' : 'forward',
    transport,
    internal: { address: from, port: mapping.internalPort },
    suggestedPort: mapping.external.port,
    lifetimeSeconds,
    by: 'pcp',
    token: mapping.nonce.join('.'),
    description: '',
  } as const
  const before = openingOf(guard, wish)
  if (lifetimeSeconds === 0 && before === undefined) {
    // Like miniupnpd it fills in its address outside even where there is nothing to delete.
    const external = outside === null ? mapping.external : { address: outside, port: 0 }
    return { mapping: { ...mapping, external }, lifetimeSeconds: 0 }
  }
  if (!isPinhole && !isPublic(outside)) return 'NETWORK_FAILURE'
  // §11.3: another nonce is another client, which may neither renew nor delete.
  if (before !== undefined && before.token !== wish.token) return 'NOT_AUTHORIZED'
  if (lifetimeSeconds === 0) {
    guard.openings.delete(before!)
    return { mapping, lifetimeSeconds: 0 }
  }
  const opening = grant(guard, wish, nowMs)
  if (opening === undefined) return 'NO_RESOURCES'
  const prefersFailure = options.some(({ name }) => name === 'PREFER_FAILURE')
  if (prefersFailure && opening.externalPort !== wish.suggestedPort) {
    guard.openings.delete(opening)
    return 'CANNOT_PROVIDE_EXTERNAL'
  }
  const external = { address: outside!, port: opening.externalPort }
  return { mapping: { ...mapping, external }, lifetimeSeconds: Math.ceil((opening.expiresAtMs! - nowMs) / 1000) }
}

function isPublic(address: string | null): boolean {
  return address !== null && scopeOf(address) === 'global'
}
