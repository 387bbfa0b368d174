import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DialReport } from '../../src/vantage/vantage.ts'
import { missingForNamespaces } from '../host/in-namespace.ts'
import { Internet, type Kit, NATS, V1, V1_IPV6, V1_IPV6_SECOND, V1_SECOND, V2, V2_IPV6 } from './internet.ts'

const missing = missingForNamespaces('ip', 'nft', 'ping')
const NONCE = [1, 2, 3, 4, 5, 6, 7, 8]

interface Asked {
  readonly vantage: string
  readonly transport: 'tcp' | 'udp'
  readonly port: number
  readonly source: string
  readonly nonce: readonly number[] | null
}

interface Told extends DialReport {
  /** The connection, as our own table showed it when the vantage told that it was connected. */
  readonly flow: string | null
  /** What the port got, when the asker holds it. */
  readonly got: string | null
}

/** Asks for one dial; with a nonce, holds the port and answers it. */
async function ask({ host, contactVantage, openMemory }: Kit, asked: Asked): Promise<Told> {
  const { vantage: address, transport, port, source, nonce } = asked
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const memory = await openMemory(null)
  const spec = { name: 'v', address, port: 3478, family, origin: 'user' } as const
  const { vantage } = await contactVantage(host, spec, memory)
  const local = { address: (await host.network.sourceTowards(address))!, port }
  let got: string | null = null
  const reply = (data: Uint8Array) => {
    got = Buffer.from(data).toString('latin1')
    return Buffer.from(got.replace('nonce', 'reply'))
  }
  if (nonce !== null && transport === 'udp') {
    const socket = await host.udp.open({ local })
    socket.onEvent((event) => {
      if (event.kind === 'datagram') void socket.send(reply(event.data), event.from)
    })
  }
  if (nonce !== null && transport === 'tcp') {
    await host.tcp.listen({
      local,
      maxConnections: 8,
      onConnection: async (connection) => {
        const read = await connection.read(2000)
        if (read.outcome === 'data') await connection.write(reply(read.data), 1000)
      },
    })
  }
  let flow: Promise<string | null> = Promise.resolve(null)
  const report = await vantage!.control!.dial({
    transport,
    port,
    from: { source },
    payload: nonce === null ? { kind: 'stranger' } : { kind: 'nonce', nonce: Uint8Array.from(nonce) },
    onConnected: (source) => {
      flow = host.listeners.connections(port).then((flows) => {
        const ours = flows.find(({ remote }) => remote.port === source?.port && remote.address === source.address)
        return ours?.remote.address ?? null
      })
    },
  })
  const told = { ...report, flow: await flow, got }
  vantage!.control!.release(report)
  await vantage!.close()
  return told
}

describe.skipIf(missing)(`a vantage with two addresses${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  beforeAll(async () => {
    net = new Internet()
    await net.vantage('v1', { addresses: [V1, V1_SECOND, V1_IPV6, V1_IPV6_SECOND], port: 3478 })
    // Ports that strangers find: an SSH server, a libp2p node, and one that answers STUN.
    const strangers = net.start(
      'open',
      async ({ host, startVantage, say }) => {
        for (const address of ['203.0.113.5', '2001:db8::5']) {
          const listen = (port: number, greeting: string | null) =>
            host.tcp.listen({
              local: { address, port },
              maxConnections: 20,
              onConnection: async (connection) => {
                if (greeting !== null) await connection.write(Buffer.from(greeting), 1000)
                const read = await connection.read(5000)
                if (read.outcome === 'data' && greeting === null) await connection.write(read.data, 1000)
              },
            })
          await listen(22, 'SSH-2.0-OpenSSH_9.2\r\n')
          await listen(4001, null)
          await startVantage(host, { addresses: [{ public: address, bind: address }], port: 4003 })
        }
        say('ready')
        await host.clock.sleep(3_600_000)
      },
      null,
    )
    await strangers.heard()
    net.rules(
      'open',
      'table inet t { chain c { type filter hook input priority 0; udp dport 5000 drop; tcp dport 5000 drop; } }',
    )
    net.rules('nat', NATS['full cone'])
  })
  afterAll(() => net?.remove())

  const families = [
    ['ipv4', '203.0.113.10', '203.0.113.11', '203.0.113.5'],
    ['ipv6', '2001:db8::10', '2001:db8::11', '2001:db8::5'],
  ] as const

  describe.each(families)('over %s', (_, vantage, source, target) => {
    test.each([
      ['tcp', 22, { outcome: 'connected', greeting: 'ssh', attempts: 1, flow: source }],
      ['tcp', 4001, { outcome: 'connected', greeting: 'multistream', flow: source }],
      ['tcp', 4002, { outcome: 'refused', greeting: null, flow: null }],
      ['tcp', 5000, { outcome: 'silent', attempts: 6, rttMs: null }],
      ['udp', 4003, { outcome: 'answered', greeting: 'stun', attempts: 1 }],
      ['udp', 4002, { outcome: 'refused', attempts: 6 }],
      ['udp', 5000, { outcome: 'silent', attempts: 6, answer: null }],
    ] as const)('a stranger dials %s %i', async (transport, port, expected) => {
      const report = await net.run('open', ask, { vantage, transport, port, source, nonce: null })
      expect(report).toMatchObject({ ...expected, refusal: null, target: { address: target, port } })
      expect(report.source?.address).toBe(source)
    })

    test.each(['tcp', 'udp'] as const)('the nonce comes back over %s', async (transport) => {
      const report = await net.run('open', ask, { vantage, transport, port: 4010, source, nonce: NONCE })
      const sent = `peerway-nonce 0102030405060708${transport === 'tcp' ? '\n' : ''}`
      const outcome = transport === 'tcp' ? 'connected' : 'answered'
      expect(report).toMatchObject({ outcome, greeting: 'nonce', got: sent })
    })

    test('it dials from the address that was contacted too', async () => {
      const report = await net.run('open', ask, { vantage, transport: 'tcp', port: 22, source: vantage, nonce: null })
      expect(report).toMatchObject({ outcome: 'connected', flow: vantage })
    })
  })

  test.each(['tcp', 'udp'] as const)('through a router that forwards, over %s', async (transport) => {
    const asked = { vantage: '203.0.113.10', transport, port: 4010, source: '203.0.113.11', nonce: NONCE }
    const report = await net.run('asker', ask, asked)
    expect(report).toMatchObject({ greeting: 'nonce', target: { address: '203.0.113.7', port: 4010 } })
  })

  test('a second vantage on the machine shares the port number, for each binds only its own addresses', async () => {
    const one = await net.vantage('v2', { addresses: [V2], port: 3478 })
    const two = await net.vantage('v2', { addresses: [V2_IPV6], port: 3478 })
    await Promise.all([one.stop(), two.stop()])
  })

  test('a UDP dial sends less than 12 kB', async () => {
    net.rules(
      'v2',
      'table inet t { counter arrived { }; chain c { type filter hook input priority 0; udp dport 6000 counter name arrived drop; } }',
    )
    await net.run('v2', ask, {
      vantage: '203.0.113.10',
      transport: 'udp',
      port: 6000,
      source: '203.0.113.11',
      nonce: null,
    })
    const bytes = Number(/bytes (\d+)/.exec(net.sh('v2', 'nft list counter inet t arrived'))?.[1])
    expect(bytes).toBeGreaterThan(7000)
    expect(bytes).toBeLessThan(12_000)
  })
})
