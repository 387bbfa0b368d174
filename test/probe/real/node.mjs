// A node that greets as libp2p does over TCP, and answers every datagram: node node.mjs '[{"transport":"tcp","port":4001}]'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const MULTISTREAM = '\x13/multistream/1.0.0\n'

for (const { transport, port, address = '0.0.0.0' } of JSON.parse(process.argv[2])) {
  if (transport === 'tcp') {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.write(MULTISTREAM)
      socket.resume()
    })
    await once(server.listen(port, address), 'listening')
  } else {
    const socket = createSocket('udp4')
    socket.on('message', (data, from) => socket.send(data.subarray(0, 8), from.port, from.address))
    socket.bind(port, address)
    await once(socket, 'listening')
  }
}
console.log('ready')
