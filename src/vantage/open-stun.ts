import type { Host, UdpSocket } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { Face } from './faces.ts'
import type { StunPair } from './stun-service.ts'

/**
 * The STUN sockets of every address, by the address bound: at `port`, and at the next one where all addresses have it
 * free. `PeerwayError` when `port` itself cannot be had; then nothing stays open.
 */
export async function openStun(
  host: Host,
  faces: readonly Face[],
  port: number,
): Promise<ReadonlyMap<Address, StunPair>> {
  const first = await openAll(host, faces, port)
  const second = port < 65535 ? await openAll(host, faces, port + 1).catch(onlyThrowUnexpected) : undefined
  return new Map(
    faces.map(({ bind }, index) => {
      const [primary, alternate] = [first[index]!, second?.[index]]
      return [bind, alternate === undefined ? [primary] : [primary, alternate]] as const
    }),
  )
}

async function openAll(host: Host, faces: readonly Face[], port: number): Promise<readonly UdpSocket[]> {
  const opened: UdpSocket[] = []
  try {
    for (const { bind } of faces) opened.push(await host.udp.open({ local: { address: bind, port }, busy: true }))
    return opened
  } catch (error) {
    await Promise.all(opened.map((socket) => socket.close()))
    throw error
  }
}

function onlyThrowUnexpected(error: unknown): undefined {
  if (!(error instanceof PeerwayError)) throw error
}
