import { joined } from '../bytes.ts'
import type { Opening } from './opening.ts'
import { openvpn } from './openvpn.ts'

/** OpenVPN over TCP: the same hard reset behind its length of two bytes. */
export const openvpnTcpOpening: Opening = {
  transport: 'tcp',
  randomLength: openvpn.randomLength,
  encode(random) {
    const packet = openvpn.encode(random)
    return joined([0, packet.length], packet)
  },
}
