import { hex } from '../hex.ts'

/**
 * Messages as programs sent them, recorded on 2026-11-21 between two network namespaces. The client was 10.99.7.9, the
 * server 10.99.7.1 and 10.99.7.2, ports 3478 and 3479.
 */

/** turnutils_natdiscovery of coturn 4.6.1 (Debian 12), `-f`: asks for the other address and port. */
export const COTURN_CLIENT_CHANGE_REQUEST = hex('000100082112a442c4ba803e2a1def10f1e59aae0003000400000006')

/** stun of stun-client 0.97 (Debian 12), RFC 3489: no cookie, and a CHANGE-REQUEST that asks for nothing. */
export const STUN_CLIENT_REQUEST = hex('00010008014aaf1801808365e097927c607cfe190003000400000000')

/** turnserver of coturn 4.6.1 with two addresses, to a Binding from 10.99.7.9:40000. */
export const COTURN_RESPONSE = hex(`
  010100482112a4420102030405060708090a0b0c
  002000080001bd522b71a34b 0001000800019c400a630709 802b000800010d960a630701 802c000800010d970a630702
  80220014436f7475726e2d342e362e312027476f72737427`)

/** The same, to an attribute of type 0x7fee; the padding of the reason phrase is counted in its length. */
export const COTURN_ERROR = hex(`
  0111003c2112a4420102030405060708090a0b0c
  0009001800000414556e6b6e6f776e20417474726962757465000000
  000a00027fee0000 80220014436f7475726e2d342e362e312027476f72737427`)

/** The same, to an RFC 3489 Binding. */
export const COTURN_LEGACY_RESPONSE = hex(`
  010100400102030405060708090a0b0c0d0e0f10
  0001000800019c400a630709 0004000800010d960a630701 0005000800010d970a630702
  80220018436f7475726e2d342e362e312027476f7273742700000000`)
