import { answerStun, type StunServerSockets } from '../../wire/stun/answer.ts'
import { decodeStunMessage } from '../../wire/stun/message.ts'
import { type AddressId, ANY } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import type { Owner, UdpBinding } from '../stack/udp-stack.ts'
import { serve } from './hold-listener.ts'

const OWNER: Owner = { process: 'turnserver', pid: 1002 }

/**
 * A plain STUN server, as coturn is: RFC 5780 on UDP where it has two addresses, each with the port and the next one;
 * TCP connections are taken, and nothing is said on them.
 */
export function holdStunServer(machine: Machine, addresses: readonly AddressId[], port: number): void {
  const book = machine.world.addresses
  const texts = addresses.map((address) => book.text(address))
  const ports = [port, port + 1] as const
  const server: StunServerSockets = {
    addresses: texts.length > 1 ? [texts[0]!, texts[1]!] : [texts[0]!],
    ports,
  }
  const sockets: (UdpBinding | undefined)[][] = addresses.map((address, index) =>
    ports.map((each, portIndex) => {
      const at = { address: index as 0 | 1, port: portIndex as 0 | 1 }
      return machine.udp.bind({
        address,
        port: each,
        owner: OWNER,
        onDatagram: ({ source, sourcePort, payload }) => {
          const request = decodeStunMessage(payload)
          const from = { address: book.text(source), port: sourcePort }
          const answer = request.ok ? answerStun(request.value, { from, at }, server) : undefined
          const via = answer && sockets[answer.via.address]?.[answer.via.port]
          if (answer === undefined || via === undefined) return
          const to = { address: book.id(answer.to.address), port: answer.to.port }
          machine.udp.send(via, via.address, answer.datagram, to)
        },
      })
    }),
  )
  machine.tcp.listen({
    address: ANY,
    families: ['ipv4', 'ipv6'],
    port,
    owner: OWNER,
    onConnection: (endpoint) => serve(endpoint, () => {}),
  })
}
