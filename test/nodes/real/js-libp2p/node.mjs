// A js-libp2p node: node.mjs PORT WEBSOCKET_PORT. It speaks to nobody but who speaks to it, and prints who it is.
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'

const [port, webSocketPort] = process.argv.slice(2)
const node = await createLibp2p({
  addresses: { listen: [`/ip4/0.0.0.0/tcp/${port}`, `/ip4/0.0.0.0/tcp/${webSocketPort}/ws`] },
  transports: [tcp(), webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify() },
})
console.log(node.peerId.toString())
