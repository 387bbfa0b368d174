import { IGD_TARGETS, ROOT_TARGET } from '../igd/services.ts'
import { MAX_WAIT_SECONDS } from '../ssdp/search.ts'
import { decodeAnswer, encodeSearch, SSDP_GROUPS, SSDP_PORT } from '../ssdp/ssdp.ts'
import type { FirstPacket } from './first-packet.ts'

/**
 * SSDP (UPnP Device Architecture 2.0 §1.3): what is there that is an Internet gateway device of any version, or, for
 * routers that answer no other question, a device at all. The HOST field names the group, as the field's scanners have
 * it: devices that look at it expect no other.
 */
export const SSDP_SEARCHES: readonly FirstPacket[] = [IGD_TARGETS[1], ROOT_TARGET].map((target) => ({
  name: 'ssdp',
  randomLength: 0,
  encode: () =>
    encodeSearch({ target, maxWaitSeconds: MAX_WAIT_SECONDS }, { address: SSDP_GROUPS.ipv4, port: SSDP_PORT }),
  isAnswer(datagram) {
    const answer = decodeAnswer(datagram)
    return answer.ok && answer.value.target === target
  },
}))
