import { afterEach, describe, expect, test } from 'vitest'
import type { Host, TcpConnection, TcpListener } from '../../src/host/host.ts'
import type { Address, Endpoint } from '../../src/model/endpoint.ts'

export interface ConformanceOptions {
  /** A folder that the host may write into; it need not exist. */
  readonly folder: string
  /** Tests by their names that this host cannot pass, and why. */
  readonly exceptions: readonly { readonly test: string; readonly reason: string }[]
}

const V4 = '127.0.0.1'
const V6 = '::1'
const SOON_MS = 2000

/**
 * What every Host must do, whatever is behind it. Uses loopback alone, waits by the host's own clock, and needs neither
 * privileges nor a network.
 */
export function hostConformance(name: string, makeHost: () => Host, options: ConformanceOptions): void {
  describe(`${name} conforms to Host`, () => {
    const host = makeHost()
    const names = new Set<string>()
    const open: AsyncDisposable[] = []
    const kept = <T extends AsyncDisposable>(resource: T): T => {
      open.push(resource)
      return resource
    }
    afterEach(async () => {
      for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]()
    })

    const it = (title: string, body: () => Promise<void>) => {
      names.add(title)
      const reason = options.exceptions.find((exception) => exception.test === title)?.reason
      if (reason === undefined) test(title, body)
      else test.skip(`${title} (excepted: ${reason})`)
    }

    const udp = async (address: Address, connect?: Endpoint) =>
      kept(await host.udp.open({ local: { address, port: 0 }, ...(connect === undefined ? {} : { connect }) }))

    /** A listener that hands over its connections one by one. */
    const listener = async (address: Address, maxConnections = 8) => {
      const accepted: TcpConnection[] = []
      const waiting: ((connection: TcpConnection) => void)[] = []
      const onConnection = (connection: TcpConnection) => {
        const next = waiting.shift()
        if (next === undefined) accepted.push(connection)
        else next(connection)
      }
      const listening = kept(await host.tcp.listen({ local: { address, port: 0 }, onConnection, maxConnections }))
      const accept = async () => {
        const first = accepted.shift()
        return kept(first ?? (await new Promise<TcpConnection>((resolve) => waiting.push(resolve))))
      }
      return { listening, accept }
    }

    const connected = async (to: Endpoint) => {
      const result = await host.tcp.connect({ to, timeoutMs: SOON_MS })
      if (result.outcome !== 'connected') throw new Error(`not connected: ${result.outcome}`)
      return kept(result.connection)
    }

    const pair = async (address: Address = V4) => {
      const { listening, accept } = await listener(address)
      const [client, server] = await Promise.all([connected(listening.local), accept()])
      return { client, server, listening }
    }

    // A port that was free a moment ago.
    const closedPort = async (): Promise<Endpoint> => {
      const { listening } = await listener(V4)
      await listening.close()
      return listening.local
    }

    describe('clock', () => {
      it('sleeps no shorter than asked', async () => {
        const startMs = host.clock.monotonicMs()
        await host.clock.sleep(30)
        expect(host.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(30)
      })
      it('wakes when the signal fires', async () => {
        const startMs = host.clock.monotonicMs()
        const controller = new AbortController()
        const asleep = host.clock.sleep(60_000, controller.signal)
        controller.abort()
        await asleep
        await host.clock.sleep(60_000, controller.signal)
        expect(host.clock.monotonicMs() - startMs).toBeLessThan(10_000)
      })
    })

    describe('random', () => {
      it('draws as many bytes as asked', async () => {
        expect([0, 1, 65536].map((length) => host.random.bytes(length).length)).toEqual([0, 1, 65536])
        expect(() => host.random.bytes(65537)).toThrow(RangeError)
        expect(host.random.bytes(16)).not.toEqual(host.random.bytes(16))
      })
    })

    describe('network', () => {
      it('knows its loopback addresses', async () => {
        expect(await host.network.addresses()).toContainEqual(
          expect.objectContaining({ address: V4, family: 'ipv4', prefixLength: 8 }),
        )
      })
      it('knows the source address towards itself', async () => {
        expect(await host.network.sourceTowards(V4)).toBe(V4)
        await expect(async () => host.network.sourceTowards('localhost')).rejects.toThrow(RangeError)
      })
    })

    describe('UDP', () => {
      it('carries a datagram and names its sender', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        expect(await a.send(Uint8Array.of(1, 2, 3), b.local)).toBe('sent')
        const event = await b.receive(SOON_MS)
        expect(event).toMatchObject({ kind: 'datagram', from: a.local })
        expect(event?.kind === 'datagram' && [...event.data]).toEqual([1, 2, 3])
      })
      it('carries a datagram over IPv6', async () => {
        const [a, b] = [await udp(V6), await udp(V6)]
        expect(await a.send(new Uint8Array(0), b.local)).toBe('sent')
        expect(await b.receive(SOON_MS)).toMatchObject({ kind: 'datagram', from: a.local, data: new Uint8Array(0) })
      })
      it('carries a datagram by the interface asked for', async () => {
        const name = (await host.network.addresses()).find(({ address }) => address === V6)!.interface
        const b = await udp(V6)
        const a = kept(await host.udp.open({ local: { address: V6, port: 0 }, interface: name }))
        expect(await a.send(Uint8Array.of(1), b.local)).toBe('sent')
        expect(await b.receive(SOON_MS)).toMatchObject({ from: a.local })
      })
      it('binds towards a peer with the address that routes there', async () => {
        const peer = await udp(V4)
        expect(kept(await host.udp.open({ toward: peer.local })).local.address).toBe(V4)
      })
      it('refuses wildcards, port 0 and a TTL of 0 or 256', async () => {
        await expect(async () => host.udp.open({ local: { address: '0.0.0.0', port: 0 } })).rejects.toThrow(RangeError)
        await expect(async () => host.udp.open({ local: { address: '::', port: 0 } })).rejects.toThrow(RangeError)
        const socket = await udp(V4)
        const to = { address: V4, port: 9 }
        await expect(async () => socket.send(new Uint8Array(1), { ...to, port: 0 })).rejects.toThrow(RangeError)
        for (const ttl of [0, 256]) {
          await expect(async () => socket.send(new Uint8Array(1), to, { ttl })).rejects.toThrow(RangeError)
        }
      })
      it('says that a UDP port is busy', async () => {
        const { local } = await udp(V4)
        await expect(host.udp.open({ local })).rejects.toMatchObject({ code: 'busy' })
      })
      it('says that a UDP address is not its own', async () => {
        const local = { address: '203.0.113.77', port: 0 }
        await expect(host.udp.open({ local })).rejects.toMatchObject({ code: 'not-available' })
      })
      it('hears only its peer when connected', async () => {
        const [peer, stranger] = [await udp(V4), await udp(V4)]
        const socket = await udp(V4, peer.local)
        await stranger.send(Uint8Array.of(1), socket.local)
        await peer.send(Uint8Array.of(2), socket.local)
        expect(await socket.receive(SOON_MS)).toMatchObject({ from: peer.local, data: Uint8Array.of(2) })
        expect(await socket.receive(20)).toBeUndefined()
      })
      it('tells of a closed port when connected', async () => {
        const peer = await udp(V4)
        const socket = await udp(V4, peer.local)
        await peer.close()
        await socket.send(Uint8Array.of(1), peer.local)
        expect(await socket.receive(SOON_MS)).toMatchObject({ kind: 'error', code: 'refused' })
      })
      it('loses no datagram to an error that an earlier one met', async () => {
        const gone = await udp(V4)
        const socket = await udp(V4, gone.local)
        await gone.close()
        // Sent without reading in between, so that the answer to the first waits in the socket.
        const sent = [1, 2, 3].map((byte) => socket.send(Uint8Array.of(byte), gone.local))
        expect(await Promise.all(sent)).toEqual(['sent', 'sent', 'sent'])
      })
      it('gives each datagram of one tick its turn, in order', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        const ttls = [11, undefined, 12, 12, 255, undefined]
        const sends = ttls.map((ttl, index) => a.send(Uint8Array.of(index), b.local, ttl === undefined ? {} : { ttl }))
        expect(await Promise.all(sends)).toEqual(ttls.map(() => 'sent'))
        const order: number[] = []
        for (const _ of ttls) {
          const event = await b.receive(SOON_MS)
          if (event?.kind === 'datagram') order.push(event.data[0]!)
        }
        expect(order).toEqual([0, 1, 2, 3, 4, 5])
      })
      it('waits for a datagram no longer than asked', async () => {
        const socket = await udp(V4)
        expect(await socket.receive(10)).toBeUndefined()
      })
      it('keeps the oldest 512 of a flood', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        const got: number[] = []
        // One by one, so that no buffer of the system overflows before ours.
        for (let index = 0; index < 600; index += 1) {
          await a.send(Uint8Array.of(index >> 8, index & 0xff), b.local)
          if (index % 32 === 0) await host.clock.sleep(1)
        }
        await host.clock.sleep(50)
        for (let event = await b.receive(0); event?.kind === 'datagram'; event = await b.receive(0)) {
          got.push((event.data[0]! << 8) | event.data[1]!)
        }
        expect(got).toEqual(Array.from({ length: 512 }, (_, index) => index))
      })
      it('hands every event to a handler, those that wait first', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        await a.send(Uint8Array.of(1), b.local)
        await host.clock.sleep(20)
        const got: number[] = []
        const both = new Promise<void>((resolve) => {
          b.onEvent((event) => {
            if (event.kind === 'datagram') got.push(event.data[0]!)
            if (got.length === 2) resolve()
          })
        })
        await a.send(Uint8Array.of(2), b.local)
        await both
        expect(got).toEqual([1, 2])
      })
      it('says that a datagram is too big', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        expect(await a.send(new Uint8Array(65508), b.local)).toBe('too-big')
        expect(await a.send(new Uint8Array(65507), b.local)).toBe('sent')
        expect(await b.receive(SOON_MS)).toMatchObject({ data: { length: 65507 } })
      })
      it('ends what waits when it is closed', async () => {
        const [a, b] = [await udp(V4), await udp(V4)]
        const receiving = a.receive(60_000)
        await a.close()
        await a.close()
        expect(await receiving).toBeUndefined()
        expect(await a.send(Uint8Array.of(1), b.local)).toBe('closed')
        expect(await a.receive(60_000)).toBeUndefined()
        kept(await host.udp.open({ local: a.local }))
      })
    })

    describe('TCP', () => {
      it('connects, and both sides name each other', async () => {
        const { client, server } = await pair()
        expect(client.local).toEqual(server.remote)
        expect(client.remote).toEqual(server.local)
      })
      it('connects over IPv6', async () => {
        const { client, server } = await pair(V6)
        expect(client.remote).toEqual(server.local)
        expect(client.local.address).toBe(V6)
      })
      it('connects by the interface asked for', async () => {
        const { listening } = await listener(V6)
        const name = (await host.network.addresses()).find(({ address }) => address === V6)!.interface
        const local = { address: V6, port: 0 }
        const asked = { to: listening.local, local, interface: name, timeoutMs: SOON_MS }
        const result = await host.tcp.connect(asked)
        if (result.outcome === 'connected') kept(result.connection)
        expect(result).toMatchObject({ outcome: 'connected', connection: { remote: listening.local } })
      })
      it('is refused by a closed port', async () => {
        const to = await closedPort()
        expect(await host.tcp.connect({ to, timeoutMs: SOON_MS })).toMatchObject({ outcome: 'refused' })
      })
      it('gives up when the signal fires', async () => {
        const { listening } = await listener(V4)
        const signal = AbortSignal.abort()
        const result = await host.tcp.connect({ to: listening.local, timeoutMs: SOON_MS, signal })
        expect(result.outcome).toBe('timed-out')
      })
      it('connects from the endpoint asked for', async () => {
        const { listening, accept } = await listener(V4)
        const local = await closedPort()
        const result = await host.tcp.connect({ to: listening.local, local, timeoutMs: SOON_MS })
        if (result.outcome === 'connected') kept(result.connection)
        expect(result.outcome).toBe('connected')
        expect((await accept()).remote).toEqual(local)
      })
      it('says that a source port is in use', async () => {
        const [{ listening }, { listening: held }] = [await listener(V4), await listener(V4)]
        const result = await host.tcp.connect({ to: listening.local, local: held.local, timeoutMs: SOON_MS })
        expect(result.outcome).toBe('address-in-use')
      })
      it('says that a source address is not its own', async () => {
        const { listening } = await listener(V4)
        const local = { address: '203.0.113.77', port: 0 }
        const result = await host.tcp.connect({ to: listening.local, local, timeoutMs: SOON_MS })
        expect(result.outcome).toBe('address-not-available')
      })
      it('carries many bytes in order, at most 64 KiB at a time', async () => {
        const { client, server } = await pair()
        const sent = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff)
        const writing = client.write(sent, SOON_MS).then(async (outcome) => {
          await client.close()
          return outcome
        })
        const got: Uint8Array[] = []
        for (;;) {
          const part = await server.read(SOON_MS)
          if (part.outcome !== 'data') {
            expect(part.outcome).toBe('end')
            break
          }
          expect(part.data.length).toBeLessThanOrEqual(65536)
          got.push(part.data)
        }
        expect(await writing).toBe('written')
        expect(Buffer.concat(got).equals(sent)).toBe(true)
      })
      it('stalls a writer whom nobody reads', async () => {
        const { client } = await pair()
        let outcome = 'written'
        for (let round = 0; round < 64 && outcome === 'written'; round += 1) {
          outcome = await client.write(new Uint8Array(1 << 20), 200)
        }
        expect(outcome).toBe('stalled')
        client.reset()
      })
      it('waits for bytes no longer than asked', async () => {
        const { client } = await pair()
        expect(await client.read(10)).toEqual({ outcome: 'timed-out' })
      })
      it('can still answer a peer that has ended its side', async () => {
        const { client, server } = await pair()
        await client.write(Uint8Array.of(1), SOON_MS)
        await client.close()
        expect(await server.read(SOON_MS)).toMatchObject({ outcome: 'data', data: { length: 1 } })
        expect(await server.read(SOON_MS)).toEqual({ outcome: 'end' })
        expect(await server.read(SOON_MS)).toEqual({ outcome: 'end' })
        expect(await server.write(Uint8Array.of(2), SOON_MS)).toBe('written')
      })
      it("gets its last bytes across though the peer's were not read", async () => {
        const { client, server } = await pair()
        await client.write(new Uint8Array(1000), SOON_MS)
        await server.write(Uint8Array.of(7), SOON_MS)
        await server.close()
        expect(await client.read(SOON_MS)).toMatchObject({ outcome: 'data', data: { length: 1 } })
        expect(await client.read(SOON_MS)).toEqual({ outcome: 'end' })
      })
      it('tells a reset from an end', async () => {
        const { client, server } = await pair()
        const reading = client.read(SOON_MS)
        server.reset()
        expect(await reading).toEqual({ outcome: 'reset' })
        expect(await client.write(Uint8Array.of(1), SOON_MS)).toBe('closed')
      })
      it('reads nothing more after its own close', async () => {
        const { client, server } = await pair()
        await server.write(Uint8Array.of(1), SOON_MS)
        await client.close()
        await client.close()
        expect(await client.read(SOON_MS)).toEqual({ outcome: 'end' })
        expect(await client.write(Uint8Array.of(1), SOON_MS)).toBe('closed')
      })
      it('resets connections beyond the limit', async () => {
        const { listening, accept } = await listener(V4, 1)
        await connected(listening.local)
        await accept()
        const second = await host.tcp.connect({ to: listening.local, timeoutMs: SOON_MS })
        const outcome =
          second.outcome === 'connected' ? (await kept(second.connection).read(SOON_MS)).outcome : second.outcome
        expect(outcome).toBe('reset')
      })
      it('counts a closed connection no longer', async () => {
        const { listening, accept } = await listener(V4, 1)
        const first = await connected(listening.local)
        const served = await accept()
        await first.close()
        await served.close()
        await host.clock.sleep(50)
        const again = await connected(listening.local)
        expect((await accept()).remote).toEqual(again.local)
      })
      it('says that a TCP port is busy', async () => {
        const { listening } = await listener(V4)
        await expect(listen(host, listening.local)).rejects.toMatchObject({ code: 'busy' })
      })
      it('says that a TCP address is not its own', async () => {
        const local = { address: '203.0.113.77', port: 0 }
        await expect(listen(host, local)).rejects.toMatchObject({ code: 'not-available' })
      })
      it('listens on :: for IPv6 alone', async () => {
        const { listening } = await listener('::')
        const { port } = listening.local
        const ipv4 = await host.tcp.connect({ to: { address: V4, port }, timeoutMs: SOON_MS })
        expect(ipv4.outcome).toBe('refused')
        await connected({ address: V6, port })
        kept(await listen(host, { address: '0.0.0.0', port }))
      })
      it('closes a listener and keeps its connections', async () => {
        const { client, server, listening } = await pair()
        await listening.close()
        await listening.close()
        expect(await host.tcp.connect({ to: listening.local, timeoutMs: SOON_MS })).toMatchObject({
          outcome: 'refused',
        })
        await server.write(Uint8Array.of(1), SOON_MS)
        expect(await client.read(SOON_MS)).toMatchObject({ outcome: 'data' })
      })
      it('takes no port out of range', async () => {
        const to = { address: V4, port: 65536 }
        await expect(async () => host.tcp.connect({ to, timeoutMs: 10 })).rejects.toThrow(RangeError)
        await expect(async () => listen(host, to)).rejects.toThrow(RangeError)
      })
    })

    describe('ICMP', () => {
      it('gets an echo from itself', async () => {
        // Timeouts follow measured round trips, which have fractions.
        const result = await host.icmp.echo({ to: V4, timeoutMs: SOON_MS + 0.25 })
        expect(result).toEqual({ answer: 'echo-reply', from: V4, rttMs: expect.any(Number) })
      })
    })

    describe('listeners', () => {
      it('lists a TCP listener and a UDP socket', async () => {
        const [{ listening }, socket] = [await listener(V4), await udp(V4)]
        const { sockets } = await host.listeners.list()
        const own = { families: ['ipv4'], namespace: null }
        expect(sockets).toContainEqual(expect.objectContaining({ transport: 'tcp', ...listening.local, ...own }))
        expect(sockets).toContainEqual(expect.objectContaining({ transport: 'udp', ...socket.local, ...own }))
      })
      it('lists no connected UDP socket', async () => {
        const peer = await udp(V4)
        const socket = await udp(V4, peer.local)
        const { sockets } = await host.listeners.list()
        expect(sockets.filter((one) => one.transport === 'udp' && one.port === socket.local.port)).toEqual([])
      })
      it('lists the connections of a port', async () => {
        const { client, server } = await pair()
        expect(await host.listeners.connections(server.local.port)).toContainEqual({
          local: server.local,
          remote: client.local,
          state: 'established',
        })
      })
    })

    describe('sysctl, files and services', () => {
      it('knows no setting that there is not', async () => {
        expect(await host.sysctl.read('net.peerway.no_such_setting')).toBeUndefined()
      })
      it('changes no setting that there is not', async () => {
        const writing = host.sysctl.write('net.peerway.no_such_setting', '1')
        await expect(writing).rejects.toMatchObject({ code: 'not-available' })
      })
      it('replaces a file, making its folder', async () => {
        const path = `${options.folder}/state/journal.json`
        expect(await host.files.read(path, { maxBytes: 10 })).toBeUndefined()
        await host.files.replace(path, 'first')
        await host.files.replace(path, 'sécond')
        expect(await host.files.read(path, { maxBytes: 7 })).toBe('sécond')
        await expect(host.files.read(path, { maxBytes: 6 })).rejects.toMatchObject({ code: 'bad-input' })
      })
      it('reads a file of any length up to the limit, and none beyond', async () => {
        const path = `${options.folder}/state/long`
        for (const length of [4095, 4096, 4097, 100_000]) {
          await host.files.replace(path, 'x'.repeat(length))
          expect(await host.files.read(path, { maxBytes: length })).toHaveLength(length)
          await expect(host.files.read(path, { maxBytes: length - 1 })).rejects.toMatchObject({ code: 'bad-input' })
        }
      })
      it('removes a file, and minds none that is not there', async () => {
        const path = `${options.folder}/state/removed`
        await host.files.replace(path, 'text')
        await host.files.remove(path)
        expect(await host.files.read(path, { maxBytes: 10 })).toBeUndefined()
        await host.files.remove(path)
      })
      it('lets one alone hold a lock', async () => {
        const path = `${options.folder}/state/lock`
        const held = await host.files.lock(path)
        await expect(host.files.lock(path)).rejects.toMatchObject({ code: 'busy' })
        await held[Symbol.asyncDispose]()
        await using again = await host.files.lock(path)
        expect(again).toBeDefined()
      })
      it('says that a program is not there', async () => {
        const running = host.services.run(['peerway-no-such-program'], { timeoutMs: SOON_MS })
        await expect(running).rejects.toMatchObject({ code: 'not-available' })
      })
    })

    test('every exception names a test', () => {
      expect(options.exceptions.filter((exception) => !names.has(exception.test))).toEqual([])
    })
  })
}

function listen(host: Host, local: Endpoint): Promise<TcpListener> {
  return host.tcp.listen({ local, onConnection: (connection) => connection.reset(), maxConnections: 1 })
}
