// Dials as a stranger would, from whatever namespace it is started in, and prints who was reached:
// node stranger.mjs tcp:203.0.113.2:4001 'udp:2001:db8::1:4001'   ->   {"tcp:203.0.113.2:4001":"yes",...}
// "yes" means that a node that greets spoke: a completed handshake alone, or an echo, could be anybody's.
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const ATTEMPTS = 6
const EVERY_MS = 200
const PATIENCE_MS = 1_800

/** A QUIC Initial of a version that no server knows, so that every QUIC node answers it with its own versions. */
const INITIAL = Buffer.alloc(1200)
INITIAL.set([0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0])

const dials = process.argv.slice(2).map(async (target) => {
  const [, transport, host, port] = /^(udp|tcp):(.+):([0-9]+)$/.exec(target)
  const once = transport === 'tcp' ? dialTcp : dialUdp
  const attempts = Array.from({ length: ATTEMPTS }, (_, index) => once(host, Number(port), index * EVERY_MS))
  const spoke = await Promise.any(attempts).catch(() => false)
  return [target, spoke ? 'yes' : 'no']
})
console.log(JSON.stringify(Object.fromEntries(await Promise.all(dials))))
process.exit(0)

function dialTcp(host, port, delayMs) {
  return attempt(delayMs, (spoke) => {
    const socket = connect({ host, port })
    socket.on('connect', () => socket.write('hello\n'))
    socket.on('data', (data) => data.includes('/multistream/') && spoke())
    socket.on('error', () => {})
  })
}

function dialUdp(host, port, delayMs) {
  return attempt(delayMs, (spoke) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    // Version Negotiation: the long header, and version 0.
    socket.on('message', (data) => data[0] >= 0x80 && data.readUInt32BE(1) === 0 && spoke())
    socket.on('error', () => {})
    socket.send(INITIAL, port, host)
  })
}

function attempt(delayMs, start) {
  return new Promise((resolve, reject) => {
    setTimeout(() => start(() => resolve(true)), delayMs)
    setTimeout(() => reject(new Error('silent')), PATIENCE_MS)
  })
}
