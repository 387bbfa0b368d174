import { hex } from '../hex.ts'

/**
 * Messages as programs sent them, recorded with tcpdump on 2026-11-24 between two network namespaces: natpmpc 20150609
 * and miniupnpd 2.3.1 (both Debian 12), 192.168.1.10 and 192.168.1.1, outside 45.67.89.2.
 */

/** natpmpc: the external address. */
export const ADDRESS_REQUEST = hex('0000')
export const ADDRESS_RESPONSE = hex('0080000000000002 2d435902')

/** natpmpc -a 4005 4005 udp 60. */
export const MAP_REQUEST = hex('00010000 0fa5 0fa5 0000003c')
export const MAP_RESPONSE = hex('0081000000000002 0fa5 0fa5 0000003c')

/** natpmpc -a 0 4005 udp 0. */
export const DELETE_REQUEST = hex('00010000 0fa5 0000 00000000')
export const DELETE_RESPONSE = hex('0081000000000002 0fa5 0000 00000000')

/** miniupnpd to opcode 5, cut behind the epoch. */
export const OPCODE_RESPONSE = hex('0085000500000001')

/** miniupnpd with 100.64.1.2 outside, to a mapping of TCP 80. */
export const PRIVATE_RESPONSE = hex('0082000300000002 0050 0050 00000e10')
