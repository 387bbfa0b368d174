import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForNamespaces } from '../host/in-namespace.ts'
import { Internet, V1, V1_SECOND } from './internet.ts'

const missing = missingForNamespaces('ip', 'nft')

/** Every tenth packet of each direction is lost at the router, which forwards port 4010. */
const LOSSY = `table ip t {
  chain l { type filter hook prerouting priority -200; numgen random mod 100 < 10 drop; }
  chain c { type nat hook postrouting priority 100; oifname eth0 masquerade; }
  chain d { type nat hook prerouting priority -100; iifname eth0 dnat to 192.168.7.2; } }`

describe.skipIf(missing)(`on a line that loses one packet in ten${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  beforeAll(async () => {
    net = new Internet()
    net.rules('nat', LOSSY)
    await net.vantage('v1', { addresses: [V1, V1_SECOND], port: 3478 })
  })
  afterAll(() => net?.remove())

  test('100 of 100 contacts find the vantage, and their dials the open and the closed ports', async () => {
    const told = await net.run(
      'asker',
      async ({ host, contactVantage, openMemory }) => {
        const local = { address: '192.168.7.2', port: 4010 }
        const socket = await host.udp.open({ local })
        socket.onEvent((event) => {
          if (event.kind === 'datagram') {
            void socket.send(Buffer.from(event.data.toString().replace('nonce', 'reply')), event.from)
          }
        })
        await host.tcp.listen({ local, maxConnections: 500, onConnection: (connection) => void connection.read(3000) })
        const memory = await openMemory(null)
        const spec = { name: 'v', address: '203.0.113.10', port: 3478, family: 'ipv4', origin: 'user' } as const
        const times: number[] = []
        const once = async () => {
          const startMs = host.clock.monotonicMs()
          const { fact, vantage } = await contactVantage(host, spec, memory)
          times.push(host.clock.monotonicMs() - startMs)
          const dial = async (transport: 'udp' | 'tcp', port: number) => {
            const from = { source: '203.0.113.11' }
            const payload = { kind: 'stranger' } as const
            const report = await vantage!.control!.dial({ transport, port, from, payload })
            vantage!.control!.release(report)
            return report.refusal ?? report.outcome
          }
          const dials = vantage?.control
            ? await Promise.all([dial('udp', 4010), dial('tcp', 4010), dial('tcp', 4011)])
            : []
          await vantage?.close()
          return [fact.kind, fact.stun, ...dials].join(' ')
        }
        const outcomes: Record<string, number> = {}
        for (let batch = 0; batch < 20; batch++) {
          for (const outcome of await Promise.all(Array.from({ length: 5 }, once))) {
            outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
          }
        }
        times.sort((a, b) => a - b)
        return { outcomes, p50: times[50], p90: times[90], most: times.at(-1) }
      },
      null,
    )
    expect(told.outcomes).toEqual({ 'peerway answered answered connected refused': 100 })
    expect(told.most).toBeLessThan(2000)
  })
})
