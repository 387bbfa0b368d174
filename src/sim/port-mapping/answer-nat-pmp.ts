import { scopeOf } from '../../model/ip.ts'
import { decodeNatPmpRequest, encodeNatPmpResponse, type NatPmpRequest } from '../../wire/nat-pmp/message.ts'
import { refuseNatPmp } from '../../wire/nat-pmp/refuse.ts'
import { NAT_PMP_RESULT_CODES } from '../../wire/nat-pmp/result-codes.ts'
import type { AddressId } from '../address-book.ts'
import { grant, openingOf } from './grant.ts'
import type { RouterSite } from './router-site.ts'

/**
 * What a router's NAT-PMP server answers (RFC 6886 §3); undefined for silence. Like miniupnpd it counts having no
 * public address outside as having none.
 */
export function answerNatPmp(site: RouterSite, datagram: Uint8Array, from: AddressId): Uint8Array | undefined {
  const { guard, machine } = site
  const { world } = machine
  const epochSeconds = Math.floor((world.nowMs - guard.startedAtMs) / 1000)
  const request = decodeNatPmpRequest(datagram)
  if (!request.ok) {
    if (request.code === 'other-version') return refuseNatPmp(datagram, 'UNSUPPORTED_VERSION', epochSeconds)
    return request.code === 'unknown-opcode' ? refuseNatPmp(datagram, 'UNSUPPORTED_OPCODE', epochSeconds) : undefined
  }
  const { value } = request
  const external = guard.external === 0 ? null : world.addresses.text(guard.external)
  if (external === null || scopeOf(external) !== 'global') return error(value, 'NETWORK_FAILURE', epochSeconds)
  if (value.operation === 'external-address') {
    return encodeNatPmpResponse({ ...value, resultCode: 0, epochSeconds, externalAddress: external })
  }
  const { operation, internalPort, lifetimeSeconds } = value
  const internal = { address: from, port: internalPort }
  const named = { kind: 'forward', transport: operation, internal, by: 'nat-pmp' } as const
  if (lifetimeSeconds === 0) {
    const before = openingOf(guard, named)
    if (before !== undefined) guard.openings.delete(before)
    return encodeNatPmpResponse({ ...value, resultCode: 0, epochSeconds, externalPort: 0 })
  }
  const wish = { ...named, suggestedPort: value.externalPort, lifetimeSeconds, token: '', description: '' }
  const opening = grant(guard, wish, world.nowMs)
  if (opening === undefined) return error(value, 'OUT_OF_RESOURCES', epochSeconds)
  const granted = Math.ceil((opening.expiresAtMs! - world.nowMs) / 1000)
  const { externalPort } = opening
  return encodeNatPmpResponse({ ...value, resultCode: 0, epochSeconds, externalPort, lifetimeSeconds: granted })
}

function error(request: NatPmpRequest, name: keyof typeof NAT_PMP_RESULT_CODES, epochSeconds: number): Uint8Array {
  const { operation } = request
  const internalPort = request.operation === 'external-address' ? null : request.internalPort
  return encodeNatPmpResponse({ operation, resultCode: NAT_PMP_RESULT_CODES[name], epochSeconds, internalPort })
}
