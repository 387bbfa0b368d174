// What packets of a host meet, asked through the Host interface alone, so that the same questions go to the kernel
// (through the operating system's Host, inside a lab) and to the simulator.

const PATIENCE_MS = 1500
const DATA = Uint8Array.from({ length: 20 }, (_, index) => index)

/** A target is `tcp:ADDRESS:PORT`, `udp:ADDRESS:PORT` or `echo:ADDRESS:TTL`. Resolves with target -> what came of it. */
export async function fatesOf(host, targets) {
  const asked = targets.map(async (target) => [target, await ask(host, target)])
  return Object.fromEntries(await Promise.all(asked))
}

async function ask(host, target) {
  const [, kind, address, number] = /^(tcp|udp|echo):(.+):([0-9]+)$/.exec(target)
  if (kind === 'tcp') return dialTcp(host, { address, port: Number(number) })
  if (kind === 'udp') return sendUdp(host, { address, port: Number(number) })
  const { answer, from } = await host.icmp.echo({ to: address, ttl: Number(number), timeoutMs: PATIENCE_MS })
  return `${answer} from ${from}`
}

async function dialTcp(host, to) {
  const result = await host.tcp.connect({ to, timeoutMs: PATIENCE_MS })
  if (result.outcome !== 'connected') return result.outcome
  await result.connection.write(DATA, PATIENCE_MS)
  const read = await result.connection.read(PATIENCE_MS)
  result.connection.reset()
  // A reset straight behind the handshake may be faster than the program that waits for it.
  return read.outcome === 'reset' ? 'reset' : `connected, ${read.outcome}`
}

async function sendUdp(host, to) {
  const socket = await host.udp.open({ toward: to, connect: to }).catch((error) => error.code)
  if (typeof socket === 'string') return socket
  const sent = await socket.send(DATA, to)
  const event = await socket.receive(PATIENCE_MS)
  await socket.close()
  if (sent !== 'sent') return sent
  return event === undefined ? 'silent' : event.kind === 'error' ? event.code : `answered, ${event.data.length} bytes`
}
