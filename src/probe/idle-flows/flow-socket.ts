import type { Host, UdpSocket } from '../../host/host.ts'
import { type Endpoint, sameEndpoint } from '../../model/endpoint.ts'
import type { VantageControl } from '../../vantage/vantage.ts'
import type { FlowSend } from '../../wire/control/messages.ts'
import { decodeFlowDatagram, encodeFlowDatagram, type FlowDatagram } from '../../wire/flow/flow-datagram.ts'
import { attempt } from '../attempt.ts'

/** A socket whose flow the vantage knows of, and what has come on it. */
export interface FlowSocket extends AsyncDisposable {
  /** Sends `open` or `keep`, by way of no more than `ttl` hops. */
  send(kind: 'open' | 'keep', number: number, ttl?: number): Promise<void>
  /** What the vantage wrote so far. */
  readonly heard: readonly FlowDatagram[]
}

/** Tells the vantage of a new flow; undefined where it will not have it, or no socket can be had. */
export async function openFlow(
  host: Host,
  control: VantageControl,
  server: Endpoint,
  sends: readonly FlowSend[],
): Promise<FlowSocket | undefined> {
  const socket = await attempt<UdpSocket, undefined>(() => host.udp.open({ toward: server }), undefined)
  if (socket === undefined) return undefined
  const bytes = host.random.bytes(8)
  const cancel = await control.sendOnFlow(bytes, sends)
  if (cancel === null) {
    await socket.close()
    return undefined
  }
  const nonce = Buffer.from(bytes).toString('hex')
  const heard: FlowDatagram[] = []
  socket.onEvent((event) => {
    if (event.kind !== 'datagram' || !sameEndpoint(event.from, server) || heard.length >= MOST_HEARD) return
    const datagram = decodeFlowDatagram(event.data)
    if (datagram?.nonce === nonce) heard.push(datagram)
  })
  const close = async () => {
    cancel()
    await socket.close()
  }
  return {
    heard,
    async send(kind, number, ttl) {
      await socket.send(encodeFlowDatagram({ kind, nonce, number }), server, ttl === undefined ? {} : { ttl })
    },
    [Symbol.asyncDispose]: close,
  }
}

/** More than a vantage sends that keeps to what it was asked for. */
const MOST_HEARD = 512
