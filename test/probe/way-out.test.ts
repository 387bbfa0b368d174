import { describe, expect, test } from 'vitest'
import type { Host, TcpConnectResult, UdpSocket } from '../../src/host/host.ts'
import { openOsHost } from '../../src/host/os/os-host.ts'
import type { Endpoint, PortSpec } from '../../src/model/endpoint.ts'
import type { VantageFact } from '../../src/model/evidence.ts'
import { connectPatiently } from '../../src/probe/connect-patiently.ts'
import { askedServer, askResolvers } from '../../src/probe/internet.ts'
import { chooseOutboundPorts, probeOutbound } from '../../src/probe/outbound.ts'
import { probeRouterPage } from '../../src/probe/router-page.ts'
import type { VantageControl } from '../../src/vantage/vantage.ts'
import { VirtualClock } from './virtual-clock.ts'

const HERE = '127.0.0.1'

describe('which ports the vantage shall open', () => {
  test('those asked for first, each once, and a few that nodes use', () => {
    const ports = chooseOutboundPorts([
      { transport: 'udp', port: 4001 },
      { transport: 'tcp', port: 18080 },
    ])
    const text = ({ transport, port }: PortSpec) => `${transport}/${port}`
    expect(ports.map(text)).toEqual([
      'udp/4001',
      'udp/443',
      'udp/30333',
      'tcp/18080',
      'tcp/4001',
      'tcp/30333',
      'tcp/8080',
      'tcp/443',
      'tcp/80',
    ])
  })

  test('no more than eight of a transport', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ transport: 'udp', port: 1000 + index }) as const)
    expect(chooseOutboundPorts(many).filter(({ transport }) => transport === 'udp')).toHaveLength(8)
  })
})

describe('outbound questions, over loopback', () => {
  const host = openOsHost()

  test('answered, refused and arrived, as the far side tells', async () => {
    await using udp = await host.udp.open({ local: { address: HERE, port: 0 } })
    udp.onEvent((event) => void (event.kind === 'datagram' && udp.send(event.data, event.from)))
    await using tcp = await host.tcp.listen({
      local: { address: HERE, port: 0 },
      maxConnections: 8,
      onConnection: (connection) => connection.reset(),
    })
    const opened = {
      address: HERE,
      udp: [udp.local.port],
      tcp: [tcp.local.port, 1],
      arrivals: async () => [{ transport: 'tcp', port: tcp.local.port, count: 1 }],
    }
    const control = { open: async () => opened } as unknown as VantageControl
    expect(await probeOutbound(host, control, [], 1)).toMatchObject([
      { transport: 'udp', outcome: 'answered', arrived: 'yes', listening: 'yes' },
      { transport: 'tcp', outcome: 'answered', arrived: 'yes' },
      { transport: 'tcp', port: 1, outcome: 'refused', arrived: 'unknown' },
    ])
  })

  test('silence with nothing arrived is told apart from silence after arrival', async () => {
    await using deaf = await host.udp.open({ local: { address: HERE, port: 0 } })
    const port = deaf.local.port
    const control = (count: number) =>
      ({
        open: async () => ({
          address: HERE,
          udp: [port],
          tcp: [],
          arrivals: async () => [{ transport: 'udp', port, count }],
        }),
      }) as unknown as VantageControl
    const [lost, unanswered] = await Promise.all([0, 6].map((count) => probeOutbound(host, control(count), [], 1)))
    expect(lost).toMatchObject([{ outcome: 'silent', arrived: 'no' }])
    expect(unanswered).toMatchObject([{ outcome: 'silent', arrived: 'yes' }])
  })

  test('a vantage that opens nothing leaves no fact', async () => {
    const control = { open: async () => null } as unknown as VantageControl
    expect(await probeOutbound(host, control, [], 1)).toEqual([])
  })
})

/** A host whose n-th connect ends as told, after as many milliseconds. */
function connectingHost(ends: (tries: number) => { readonly result: TcpConnectResult; readonly afterMs: number }) {
  const clock = new VirtualClock()
  let tries = 0
  const connect = async ({ signal }: { readonly signal?: AbortSignal }) => {
    tries += 1
    const { result, afterMs } = ends(tries)
    await clock.sleep(afterMs, signal)
    return result
  }
  return { host: { clock, tcp: { connect } } as unknown as Host, clock, tries: () => tries }
}

const speaking = (text: string): TcpConnectResult => {
  const connection = {
    write: async () => 'written',
    read: async () => (text === '' ? { outcome: 'timed-out' } : { outcome: 'data', data: Buffer.from(text) }),
    reset: () => {},
  }
  return { outcome: 'connected', rttMs: 1, connection } as unknown as TcpConnectResult
}
const timedOut: TcpConnectResult = { outcome: 'timed-out', afterMs: 0 }

describe('connecting with patience', () => {
  const to: Endpoint = { address: '192.168.1.1', port: 80 }

  test('a lost SYN costs 150 ms, not the second of the kernel', async () => {
    const { host, clock } = connectingHost((tries) =>
      tries === 1 ? { result: timedOut, afterMs: 5000 } : { result: speaking(''), afterMs: 2 },
    )
    expect((await connectPatiently(host, to, 2)).outcome).toBe('connected')
    expect(clock.monotonicMs()).toBe(152)
  })

  test('a refusal is an answer', async () => {
    const { host, tries } = connectingHost(() => ({ result: { outcome: 'refused', afterMs: 1 }, afterMs: 1 }))
    expect((await connectPatiently(host, to, 2)).outcome).toBe('refused')
    expect(tries()).toBe(1)
  })

  test('silence counts after six tries', async () => {
    const { host, tries } = connectingHost(() => ({ result: timedOut, afterMs: 300 }))
    expect((await connectPatiently(host, to, 2)).outcome).toBe('timed-out')
    expect(tries()).toBe(6)
  })
})

describe('the page of a box on the way', () => {
  test.each([
    ['HTTP/1.0 401 Unauthorized\r\n', 'http'],
    ['SSH-2.0-dropbear\r\n', 'connected'],
    ['', 'connected'],
  ])('answers %j: %s', async (text, outcome) => {
    const { host } = connectingHost(() => ({ result: speaking(text), afterMs: 2 }))
    const fact = await probeRouterPage(host, { address: '192.168.1.1', ttl: 1, rttMs: 2 })
    expect(fact).toEqual({ family: 'ipv4', address: '192.168.1.1', ttl: 1, port: 80, outcome })
  })

  test.each([
    ['refused', 'refused'],
    ['timed-out', 'silent'],
    ['unreachable', 'unreachable'],
  ] as const)('connect %s: %s', async (failure, outcome) => {
    const { host } = connectingHost(() => ({ result: { outcome: failure, afterMs: 1 }, afterMs: 1 }))
    expect((await probeRouterPage(host, { address: '10.0.0.1', ttl: 2, rttMs: 2 })).outcome).toBe(outcome)
  })
})

describe('whether there is any Internet', () => {
  const resolver: Endpoint = { address: '192.168.1.1', port: 53 }
  const mute = {
    tcp: { connect: async () => ({ outcome: 'timed-out', afterMs: 3300 }) },
    icmp: { echo: async () => ({ answer: 'silent', from: null, rttMs: null }) },
  }

  function hostWithResolver(code: number | undefined, resolvers = [resolver]): { host: Host; sent: () => number } {
    let sent = 0
    let question = new Uint8Array(0)
    const socket: Pick<UdpSocket, 'send' | 'receive' | typeof Symbol.asyncDispose> = {
      send: async (data) => {
        sent += 1
        question = Uint8Array.from(data)
        return 'sent'
      },
      receive: async () => {
        if (code === undefined) return undefined
        const data = Uint8Array.from(question)
        data[2] = 0x81
        data[3] = 0x80 | code
        return { kind: 'datagram', from: resolver, data, atMs: 0 }
      },
      [Symbol.asyncDispose]: async () => {},
    }
    const host = {
      random: { bytes: (length: number) => new Uint8Array(length).fill(9) },
      network: { resolvers: async () => resolvers },
      udp: { open: async () => socket },
      ...mute,
    }
    return { host: host as unknown as Host, sent: () => sent }
  }

  test.each([
    ['no error', 0, 'answered', 1],
    ['no such name', 3, 'answered', 1],
    ['server failure: the resolver is there, the Internet perhaps not', 2, 'rejected', 1],
    ['silence, three times', undefined, 'silent', 3],
  ] as const)('a resolver: %s', async (_, code, outcome, tries) => {
    const { host, sent } = hostWithResolver(code)
    expect(await askResolvers(host)).toMatchObject([{ what: 'resolver', server: '192.168.1.1:53', outcome, tries }])
    expect(sent()).toBe(tries)
  })

  test('a resolver on this very host proves nothing and is not asked', async () => {
    const { host } = hostWithResolver(0, [{ address: '127.0.0.53', port: 53 }])
    expect(await askResolvers(host)).toEqual([])
  })

  const fact: VantageFact = {
    name: 'v',
    family: 'ipv4',
    address: '203.0.113.10',
    port: 3478,
    origin: 'user',
    kind: 'unknown',
    control: 'timed-out',
    stun: 'silent',
    observed: null,
    local: null,
    rttMs: null,
    dialSources: [],
    canGrant: false,
  }
  test.each([
    ['silent', {}, 'silent'],
    ['a vantage', { control: 'answered' }, 'answered'],
    ['a web server on its port', { control: 'not-a-vantage' }, 'answered'],
    ['a reset', { control: 'refused' }, 'rejected'],
    ['a STUN error', { stun: 'error-answer' }, 'answered'],
    ['our own filter', { stun: 'send-not-permitted' }, 'not-permitted'],
  ] as const)('a contacted vantage that was %s', async (_, over, outcome) => {
    expect(await askedServer(echoing('silent', null), { ...fact, ...over })).toMatchObject([
      { what: 'vantage', outcome },
    ])
  })

  test('a vantage without an address was not asked', async () => {
    expect(await askedServer(echoing('silent', null), { ...fact, address: null })).toEqual([])
  })

  const OWN = '192.168.1.10'
  function echoing(answer: string, from: string | null): Host {
    const echo = async () => ({ answer, from, rttMs: null })
    return { icmp: { echo }, network: { addresses: async () => [{ address: OWN }] } } as unknown as Host
  }

  test.each([
    ['a router far away says so', '203.0.113.1', 'rejected'],
    ['this host itself says so, whose router is gone', OWN, 'silent'],
  ])('an unreachable vantage: %s', async (_, from, outcome) => {
    const asked = await askedServer(echoing('unreachable', from), { ...fact, control: 'unreachable' })
    expect(asked).toMatchObject([{ outcome }])
  })
})
