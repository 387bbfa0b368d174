import { createSocket } from 'node:dgram'
import { type Address, familyOf } from '../../model/endpoint.ts'
import { addressBytes } from '../../model/ip.ts'
import { canonical, udpType } from './socket-address.ts'

/** Any port does: it only has to be one that a policy-routing rule is unlikely to name. */
const PORT = 9

/**
 * The address that the kernel would send from towards `to`, all of its policy routing included: connecting a UDP socket
 * chooses the route and sends nothing. Undefined without a route.
 */
export function sourceTowards(to: Address): Promise<Address | undefined> {
  addressBytes(to)
  return new Promise((resolve) => {
    const socket = createSocket({
      type: udpType(to),
      lookup: (host, _options, callback) => callback(null, host, familyOf(host) === 'ipv4' ? 4 : 6),
    })
    const finish = (address: Address | undefined) => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(address)
    }
    socket.on('error', () => finish(undefined))
    socket.on('connect', () => finish(canonical(socket.address().address)))
    socket.connect(PORT, to)
  })
}
