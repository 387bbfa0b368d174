import type { TcpConnection, TcpListener } from '../host/host.ts'
import { familyOf } from '../model/endpoint.ts'
import type { Desk } from './desk.ts'
import type { Face } from './faces.ts'
import { serveSession } from './session.ts'

/** Sockets of all prefixes together; each prefix has its own, smaller limit. */
const MOST_CONNECTIONS = 1024

/** Listens for control connections on every address. Closing it resets those that are open. */
export async function listenControl(desk: Desk): Promise<() => Promise<void>> {
  const open = new Set<TcpConnection>()
  const listeners: TcpListener[] = []
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()))
    for (const connection of open) connection.reset()
  }
  try {
    for (const face of desk.faces) {
      const onConnection = (connection: TcpConnection) => {
        open.add(connection)
        void receive(desk, face, connection).finally(() => open.delete(connection))
      }
      const local = { address: face.bind, port: desk.port }
      listeners.push(await desk.host.tcp.listen({ local, onConnection, maxConnections: MOST_CONNECTIONS }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return close
}

async function receive(desk: Desk, face: Face, connection: TcpConnection): Promise<void> {
  const { address } = connection.remote
  const giveBack = desk.limits.connections.take(address)
  if (giveBack === undefined) return connection.reset()
  const family = familyOf(address)
  desk.proven.set(address, (desk.proven.get(address) ?? 0) + 1)
  desk.log({ kind: 'session', state: 'opened', family })
  await serveSession(desk, face, connection)
  desk.log({ kind: 'session', state: 'closed', family })
  const others = desk.proven.get(address)! - 1
  if (others > 0) desk.proven.set(address, others)
  else desk.proven.delete(address)
  giveBack()
}
