/**
 * The program inside a lab's hosts and routers: it holds the listeners of the topology and a router's page.
 * `node guest.js '{"listeners":[...],"pages":["192.168.1.1"]}'`. Started by the lab, ended by it.
 */
import { createSocket } from 'node:dgram'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { answerToProposal, greetingFor, MULTISTREAM_HEADER } from '../sim/guests/greeting.ts'
import { noSuchName } from '../sim/guests/no-such-name.ts'
import { type ListenerBehavior, PORTAL_PAGE, PORTAL_PORT } from '../topology/topology.ts'
import type { GuestListener, GuestTask } from './guest-task.ts'

const ANSWERS: Readonly<Record<ListenerBehavior, (datagram: Uint8Array) => Uint8Array | undefined>> = {
  echo: (datagram) => datagram,
  greet: greetingFor,
  silent: () => undefined,
  nxdomain: noSuchName,
}

const task = JSON.parse(process.argv[2] ?? '{}') as GuestTask

for (const listener of task.listeners) {
  if (listener.transport === 'tcp') holdTcp(listener)
  else holdUdp(listener)
}
for (const address of task.pages) {
  createHttpServer((_, response) => response.end('<title>Router</title><h1>Router</h1>\n')).listen(80, address)
}

if (task.isPortal) {
  const portal = createHttpServer((_, response) => response.writeHead(302, { location: PORTAL_PAGE }).end())
  portal.listen(PORTAL_PORT, '::')
}

function holdTcp({ address, port, behavior }: GuestListener): void {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    if (behavior === 'greet') socket.write(MULTISTREAM_HEADER)
    if (behavior === 'echo') socket.pipe(socket)
    else if (behavior === 'greet') socket.on('data', (data) => answer(socket, data))
    else socket.resume()
  })
  server.listen({ host: address ?? '::', port })
}

function answer(socket: Socket, data: Uint8Array): void {
  const said = answerToProposal(data)
  if (said === undefined) socket.end()
  else socket.write(said)
}

function holdUdp({ address, port, behavior, contacts }: GuestListener): void {
  const socket = createSocket(address === null || address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (data, from) => {
    // Two that answer each other would never end.
    if (contacts.some((peer) => dialable(peer.address, address) === from.address && peer.port === from.port)) return
    const answer = ANSWERS[behavior](data)
    if (answer !== undefined) socket.send(answer, from.port, from.address)
  })
  // A contact that cannot be reached does not end a node either.
  socket.on('error', () => {})
  socket.bind(port, address ?? '::', () => {
    if (contacts.length === 0) return
    const contact = () => {
      for (const peer of contacts) socket.send('hello', peer.port, dialable(peer.address, address))
    }
    contact()
    setInterval(contact, 5_000)
  })
}

/** A socket of both families wants IPv4 addresses in their IPv6 form. */
function dialable(peer: string, own: string | null): string {
  return own === null && !peer.includes(':') ? `::ffff:${peer}` : peer
}
