import type { UdpSocket } from '../host/host.ts'
import type { Address, Endpoint } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'
import { answerStun, type StunServerSockets } from '../wire/stun/answer.ts'
import { decodeStunMessage } from '../wire/stun/message.ts'
import type { Desk } from './desk.ts'
import type { Face } from './faces.ts'

/** The two sockets of an address: at the vantage's port, and at the alternate one where that was free. */
export type StunPair = readonly [UdpSocket] | readonly [UdpSocket, UdpSocket]

/** Headers of IP and UDP count too when bytes asked and bytes answered are compared. */
const HEADER_BYTES = 28

/**
 * Answers STUN on all sockets of a vantage, and hears the flows that its askers have announced. An answer of STUN is
 * somewhat longer than the shortest request, and the source of a datagram proves nothing: what goes beyond the bytes
 * received is drawn from an allowance of its prefix, unless the address has shown by a control connection that it
 * receives there. With the allowance used up there is silence.
 */
export function serveStun({ host, faces, limits, flows, proven }: Desk, sockets: ReadonlyMap<Address, StunPair>): void {
  const mayAnswer = ({ address }: Endpoint) => limits.stunAnswers.take(address, 1, host.clock.monotonicMs()).ok
  for (const face of faces) {
    const own = sockets.get(face.bind)!
    const second = face.other === null ? undefined : sockets.get(face.other.bind)
    const pairs = second === undefined ? [own] : [own, second]
    const server = serverOf(face, own)
    for (const [index, socket] of own.entries()) {
      const at = { address: 0, port: index === 0 ? 0 : 1 } as const
      socket.onEvent((event) => {
        if (event.kind === 'error' || !isAnswerable(event.from)) return
        const { from, data } = event
        if (flows.hear(face.bind, socket, from, data, () => mayAnswer(from))) return
        const request = decodeStunMessage(data)
        const answer = request.ok ? answerStun(request.value, { from, at }, server) : undefined
        if (answer === undefined) return
        if (!mayAnswer(from)) return
        const excess = answer.datagram.length - data.length
        if (excess > 0 && !proven.has(from.address)) {
          // Never more than three times what came in, whatever a later version of the answer may hold.
          if (answer.datagram.length + HEADER_BYTES > 3 * (data.length + HEADER_BYTES)) return
          if (!limits.stunExcessBytes.take(from.address, excess, host.clock.monotonicMs()).ok) return
        }
        void pairs[answer.via.address]?.[answer.via.port]?.send(answer.datagram, answer.to)
      })
    }
  }
}

function serverOf(face: Face, own: StunPair): StunServerSockets {
  const port = own[0].local.port
  return {
    addresses: face.other === null ? [face.public] : [face.public, face.other.public],
    ports: own.length === 1 ? [port] : [port, own[1].local.port],
  }
}

/** A forged source must not make us send to everybody, to nobody or to ourselves. */
function isAnswerable({ address, port }: Endpoint): boolean {
  const scope = scopeOf(address)
  return port > 0 && scope !== 'multicast' && scope !== 'reserved' && scope !== 'unspecified'
}
