import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForNamespaces } from '../host/in-namespace.ts'
import { Internet, type Kit, V1, V1_IPV6, V1_SECOND, V2, V2_IPV6 } from './internet.ts'

const missing = missingForNamespaces('ip', 'nft', 'ping')
const TOKEN = 'a token that both vantages hold'
const VANTAGE = { address: '203.0.113.10', port: 3478 }
const SECOND = { address: '203.0.113.20', port: 3478 }

const DIAL = {
  type: 'dial',
  id: 1,
  transport: 'tcp',
  port: 4002,
  payload: { kind: 'stranger' },
  rttMs: 1,
  holdMs: 0,
}

/** Sends lines to a vantage and tells what it answers to them, the hello left out. */
async function exchange(
  { talk }: Kit,
  input: { to: typeof VANTAGE; lines: readonly (object | string)[]; answers: number },
) {
  const link = await talk(input.to)
  await link.next()
  for (const line of input.lines) await link.send(line)
  const answers = []
  for (let index = 0; index < input.answers; index++) answers.push(await link.next())
  await link.close()
  return answers
}

describe.skipIf(missing)(`a vantage cannot be abused${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  beforeAll(async () => {
    net = new Internet()
    await net.vantage('v1', { addresses: [V1, V1_SECOND, V1_IPV6], port: 3478 })
  })
  afterAll(() => net?.remove())

  const ask = (lines: readonly (object | string)[], answers = lines.length, to = VANTAGE) =>
    net.run('open', exchange, { to, lines, answers })

  test('it dials the asker alone, whoever else is named', async () => {
    const [told] = await ask([{ ...DIAL, target: '203.0.113.7:4002', address: '203.0.113.7', asker: '203.0.113.7' }])
    expect(told).toMatchObject({ type: 'dialled', outcome: 'refused', target: '203.0.113.5:4002' })
  })

  test.each([
    ['an address that is not its own', { from: '203.0.113.99' }, 'not-a-dial-source'],
    ['an address of the other family', { from: '2001:db8::10' }, 'not-a-dial-source'],
    ['another vantage, without a token', { via: '203.0.113.20:3478' }, 'grant-unavailable'],
    ['port 0', { port: 0 }, 'bad-request'],
    ['a name', { via: 'localhost:22' }, 'bad-request'],
    ['a protocol that nobody knows', { payload: { kind: 'protocol', protocol: 'smtp', mask: 0 } }, 'unknown-protocol'],
    [
      'a protocol over the wrong transport',
      { payload: { kind: 'protocol', protocol: 'quic', mask: 0 } },
      'unknown-protocol',
    ],
    ['a protocol, with bytes to say', { payload: { kind: 'protocol', bytes: '00', mask: 0 } }, 'bad-request'],
  ])('a dial by %s is refused', async (_, change, code) => {
    expect(await ask([{ ...DIAL, ...change }])).toMatchObject([{ type: 'error', id: 1, code }])
  })

  const FLOW = { type: 'flow', id: 1, nonce: '00112233445566ff', sends: [{ afterMs: 0, everyMs: 1, count: 1, ttl: 1 }] }
  test.each([
    ['more datagrams than it sends on one', { sends: [1, 2].map(() => ({ ...FLOW.sends[0], count: 100 })) }],
    ['one later than it waits', { sends: [{ ...FLOW.sends[0], afterMs: 300_000, everyMs: 20_000, count: 3 }] }],
    ['more groups than it takes', { sends: Array(33).fill(FLOW.sends[0]) }],
    ['a TTL of 0', { sends: [{ ...FLOW.sends[0], ttl: 0 }] }],
    ['a nonce that is too short', { nonce: '0011' }],
  ])('a flow with %s is refused', async (_, change) => {
    expect(await ask([{ ...FLOW, ...change }])).toMatchObject([{ type: 'error', code: 'bad-request' }])
  })

  test('two flows of one nonce are one too many, and one is ready', async () => {
    const told = await ask([FLOW, { ...FLOW, id: 2 }])
    expect(told).toMatchObject([
      { type: 'flow-ready', id: 1 },
      { type: 'error', id: 2, code: 'bad-request' },
    ])
  })

  test('it does not dial itself', async () => {
    const told = await net.run('v1', exchange, { to: VANTAGE, lines: [DIAL], answers: 1 })
    expect(told).toMatchObject([{ type: 'error', code: 'forbidden-address' }])
  })

  test('nonsense is answered, and ends the connection after eight lines', async () => {
    const told = await ask(['GET / HTTP/1.1\r\n', '{"type":"exec","id":9}\n', ...Array(7).fill('x\n')], 9)
    expect(told).toMatchObject([
      { type: 'error', id: null, code: 'bad-request' },
      { type: 'error', id: 9, code: 'bad-request' },
      ...Array(6).fill({ code: 'bad-request' }),
      expect.stringMatching(/end|reset/),
    ])
  })

  test('a line of 64 KB ends the connection', async () => {
    const told = await ask(['x'.repeat(65_536)], 2)
    expect(told).toMatchObject([{ type: 'error', code: 'too-long' }, expect.stringMatching(/end|reset/)])
  })

  test('more questions at once than it takes are refused, and the rest answered', async () => {
    const many = Array.from({ length: 80 }, (_, index) => ({ ...DIAL, id: index + 1, port: 4002, transport: 'udp' }))
    const told = (await ask(many)) as { type: string; code?: string }[]
    expect(told.filter(({ code }) => code === 'busy')).toHaveLength(16)
    expect(told.filter(({ type }) => type === 'dialled')).toHaveLength(64)
  })

  test('dials of one prefix are limited, and the refusal says for how long', async () => {
    const [refused, retryAfterMs, others] = await net.run(
      'open',
      async ({ talk }, { to, dial }) => {
        const link = await talk(to)
        await link.next()
        let told: Record<string, unknown> | string = {}
        for (let id = 1; id <= 400; id++) {
          await link.send({ ...dial, id })
          told = await link.next()
          if (typeof told === 'string' || told.type === 'error') break
        }
        await link.close()
        return typeof told === 'string' ? [told] : [told.code, told.retryAfterMs, 0]
      },
      { to: VANTAGE, dial: DIAL },
    )
    expect(refused).toBe('too-many-requests')
    expect(retryAfterMs).toBeLessThanOrEqual(100)
    expect(others).toBe(0)
    // Another prefix does not suffer.
    const told = await net.run('open', exchange, {
      to: { address: '2001:db8::10', port: 3478 },
      lines: [DIAL],
      answers: 1,
    })
    expect(told).toMatchObject([{ type: 'dialled' }])
  })

  test('a prefix has 64 control connections, and gets them back', async () => {
    const open = await net.run(
      'open',
      async ({ talk }, to) => {
        const tries = await Promise.allSettled(Array.from({ length: 70 }, () => talk(to)))
        const links = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
        const hellos = await Promise.all(links.map((link) => link.next()))
        await Promise.all(links.map((link) => link.close()))
        return hellos.filter((hello) => typeof hello !== 'string').length
      },
      VANTAGE,
    )
    expect(open).toBe(64)
    expect(await ask(['x\n'])).toMatchObject([{ code: 'bad-request' }])
  })

  test('what is given back inverted is what came, and no byte more', async () => {
    const [told, arrived] = await net.run(
      'open',
      async ({ host, talk }, to) => {
        const link = await talk(to)
        await link.next()
        await link.send({ type: 'open', id: 1, tcp: [8082], udp: [], returns: 'inverted' })
        await link.next()
        const opened = await host.tcp.connect({ to: { address: to.address, port: 8082 }, timeoutMs: 1000 })
        if (opened.outcome !== 'connected') return [opened.outcome, null]
        await opened.connection.write(new Uint8Array(5000).fill(0x0f), 1000)
        let [bytes, isInverted, outcome] = [0, true, 'data']
        while (outcome === 'data') {
          const read = await opened.connection.read(1000)
          outcome = read.outcome
          if (read.outcome !== 'data') break
          bytes += read.data.length
          isInverted &&= read.data.every((byte) => byte === 0xf0)
        }
        await link.send({ type: 'arrivals', id: 2 })
        return [{ bytes, isInverted }, await link.next()]
      },
      VANTAGE,
    )
    expect(told).toEqual({ bytes: 5000, isInverted: true })
    expect(arrived).toMatchObject({
      flows: [{ transport: 'tcp', port: 8082, head: '0f0f0f0f0f0f0f0f', count: 1, bytes: 5000 }],
    })
  })

  test('an opened port serves the asker alone, never more bytes than it got, and closes with the connection', async () => {
    const asking = net.start(
      'open',
      async ({ host, talk, say }, to) => {
        const link = await talk(to)
        await link.next()
        await link.send({ type: 'open', id: 1, tcp: [8080], udp: [8081] })
        say(await link.next())
        const { address } = to
        const socket = await host.udp.open({ toward: { address, port: 8081 } })
        await socket.send(new Uint8Array(10), { address, port: 8081 })
        const back = await socket.receive(1000)
        const connected = await host.tcp.connect({ to: { address, port: 8080 }, timeoutMs: 1000 })
        const read = connected.outcome === 'connected' ? await connected.connection.read(1000) : null
        await link.send({ type: 'arrivals', id: 2 })
        say([back?.kind === 'datagram' ? back.data.length : null, read, await link.next()])
        await host.clock.sleep(1000)
        await link.close()
        await host.clock.sleep(200)
        const after = await host.tcp.connect({ to: { address, port: 8080 }, timeoutMs: 1000 })
        say(after.outcome)
        await host.clock.sleep(10_000)
      },
      VANTAGE,
    )
    expect(await asking.heard()).toEqual({ type: 'opened', id: 1, tcp: [8080], udp: [8081] })
    const stranger = await net.run(
      'v2',
      async ({ host }, { address }) => {
        const socket = await host.udp.open({ toward: { address, port: 8081 } })
        await socket.send(new Uint8Array(10), { address, port: 8081 })
        const connected = await host.tcp.connect({ to: { address, port: 8080 }, timeoutMs: 1000 })
        const read = connected.outcome === 'connected' ? await connected.connection.read(1000) : connected
        return [(await socket.receive(300)) ?? 'nothing', read.outcome]
      },
      VANTAGE,
    )
    expect(stranger).toEqual(['nothing', 'reset'])
    expect(await asking.heard()).toEqual([
      10,
      { outcome: 'end' },
      {
        type: 'arrived',
        id: 2,
        ports: [
          { transport: 'tcp', port: 8080, count: 1, strangers: 0 },
          { transport: 'udp', port: 8081, count: 1, strangers: 0 },
        ],
        flows: [],
      },
    ])
    expect(await asking.heard()).toBe('refused')
    await asking.stop()
  })

  test('ports that somebody holds are not opened, and one prefix holds 32 at most', async () => {
    const eight = (first: number) => Array.from({ length: 8 }, (_, index) => first + index)
    const open = (id: number, first: number) => ({ type: 'open', id, tcp: eight(first), udp: [] })
    const told = await ask([
      { type: 'open', id: 1, tcp: [3478], udp: [] },
      open(2, 7000),
      open(3, 7010),
      open(4, 7020),
      open(5, 7030),
    ])
    const byId = new Map((told as { id: number }[]).map((each) => [each.id, each]))
    expect(byId.get(1)).toMatchObject({ code: 'port-unavailable' })
    expect(byId.get(2)).toMatchObject({ type: 'opened', tcp: eight(7000) })
    expect(byId.get(5)).toMatchObject({ code: 'too-many-requests' })
  })

  describe('STUN', () => {
    /** Sends `times` requests of `bytes` bytes in all and counts what comes back. */
    const flood = async (
      { host, talk }: Kit,
      { times, bytes, prove }: { times: number; bytes: number; prove: boolean },
    ) => {
      const server = { address: '203.0.113.10', port: 3478 }
      const link = prove ? await talk(server) : null
      if (link !== null) await link.next()
      const socket = await host.udp.open({ toward: server })
      const request = Buffer.alloc(bytes)
      request.writeUInt16BE(1, 0)
      request.writeUInt16BE(bytes - 20, 2)
      request.writeUInt32BE(0x2112a442, 4)
      if (bytes > 20) {
        request.writeUInt16BE(0x8022, 20)
        request.writeUInt16BE(bytes - 24, 22)
        request.fill('x', 24)
      }
      let [answers, answered] = [0, 0]
      socket.onEvent((event) => {
        if (event.kind !== 'datagram') return
        answers += 1
        answered += event.data.length
      })
      for (let sent = 0; sent < times; sent++) {
        await socket.send(request, server)
        if (sent % 20 === 0) await host.clock.sleep(2)
      }
      await host.clock.sleep(200)
      if (link !== null) await link.close()
      return { answers, asked: times * bytes, answered }
    }

    test('does not amplify: beyond an allowance nothing is sent that was not paid for', async () => {
      const { answers, asked, answered } = await net.run('v2', flood, { times: 600, bytes: 20, prove: false })
      expect(answers).toBeGreaterThan(100)
      expect(answers).toBeLessThan(500)
      expect(answered - answers * (asked / 600)).toBeLessThan(16_384 + 2 * 2048)
    })

    test('requests as long as their answers, and proven askers, are served on', async () => {
      const padded = await net.run('v2', flood, { times: 100, bytes: 116, prove: false })
      expect(padded.answers).toBe(100)
      expect(padded.answered).toBeLessThanOrEqual(padded.asked)
      expect((await net.run('v2', flood, { times: 100, bytes: 20, prove: true })).answers).toBe(100)
    })
  })
})

describe.skipIf(missing)(`a grant by a second vantage${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  beforeAll(async () => {
    net = new Internet()
    await net.vantage('v1', { addresses: [V1, V1_IPV6], port: 3478, token: TOKEN })
    await net.vantage('v1', { addresses: [V1], port: 3500, token: 'another token, of nobody else' })
    await net.vantage('v2', { addresses: [V2, V2_IPV6], port: 3478, token: TOKEN })
    await net.vantage('v2', { addresses: [V2], port: 3500 })
  })
  afterAll(() => net?.remove())

  const dialThrough = async (
    { host, contactVantage, openMemory }: Kit,
    { address, port, via }: { address: string; port: number; via: { address: string; port: number } },
  ) => {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const spec = { name: 'v', address, port, family, origin: 'user' } as const
    const { vantage } = await contactVantage(host, spec, await openMemory(null))
    const own = (await host.network.sourceTowards(address))!
    const listener = await host.tcp.listen({
      local: { address: own, port: 4001 },
      maxConnections: 9,
      onConnection: () => {},
    })
    let connected: unknown = null
    const report = await vantage!.control!.dial({
      transport: 'tcp',
      port: 4001,
      from: { vantage: via },
      payload: { kind: 'stranger' },
      onConnected: (source) => {
        connected = source?.address
      },
    })
    vantage!.control!.release(report)
    const { canGrant } = vantage!.control!
    await vantage!.close()
    await listener.close()
    return { ...report, connected, canGrant }
  }
  const through = (via: typeof SECOND, from = VANTAGE) => net.run('open', dialThrough, { ...from, via })

  test.each([
    [VANTAGE.address, SECOND.address],
    ['2001:db8::10', '2001:db8::20'],
  ])('%s lets %s dial its asker', async (address, via) => {
    const report = await through({ address: via, port: 3478 }, { address, port: 3478 })
    expect(report).toMatchObject({ outcome: 'connected', canGrant: true, connected: via, source: { address: via } })
  })

  test.each([
    ['the second vantage has another token', SECOND, { ...VANTAGE, port: 3500 }, 'grant-refused'],
    ['the second vantage has none', { ...SECOND, port: 3500 }, VANTAGE, 'grant-failed'],
    ['nobody listens there', { ...SECOND, port: 9 }, VANTAGE, 'grant-failed'],
    ['there is nobody', { address: '203.0.113.99', port: 3478 }, VANTAGE, 'grant-failed'],
    ['loopback is named', { address: '127.0.0.1', port: 3478 }, VANTAGE, 'forbidden-address'],
    ['link-local is named', { address: '169.254.169.254', port: 80 }, VANTAGE, 'forbidden-address'],
    ['multicast is named', { address: '224.0.0.1', port: 80 }, VANTAGE, 'forbidden-address'],
    ['the vantage itself is named', { ...VANTAGE, port: 3500 }, VANTAGE, 'forbidden-address'],
    ['the other family is named', { address: '2001:db8::20', port: 3478 }, VANTAGE, 'forbidden-address'],
  ])('no dial when %s', async (_, via, from, refusal) => {
    expect(await through(via, from)).toMatchObject({ outcome: 'not-dialled', refusal, source: null })
  })

  /** Writes grants by hand, as somebody who holds `token`; `alter` changes the signed grant. */
  const forge = async (
    { talk, signGrant }: Kit,
    input: { to: typeof SECOND; token: string; grants: readonly object[] },
  ) => {
    const link = await talk(input.to)
    const hello = await link.next()
    if (typeof hello === 'string') return hello
    const answers = []
    for (const [index, { expiresInMs = 30_000, nonce, after = {}, ...fields }] of (
      input.grants as { expiresInMs?: number; nonce?: string; after?: object }[]
    ).entries()) {
      const unsigned = {
        version: 1 as const,
        asker: '203.0.113.5',
        transport: 'tcp' as const,
        port: 4002,
        vantage: Buffer.from(nonce ?? (hello.nonce as string), 'hex'),
        expiresAtMs: (hello.nowMs as number) + expiresInMs,
        ...fields,
      }
      const { signature } = signGrant(unsigned, input.token)
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
      const grant = { ...unsigned, vantage: hex(unsigned.vantage), signature: hex(signature), ...after }
      const request = { type: 'granted-dial', id: index + 1, grant, payload: { kind: 'stranger' }, rttMs: 1, holdMs: 0 }
      await link.send(request)
      answers.push(await link.next())
    }
    await link.close()
    return answers
  }
  const forged = (grant: object, token = TOKEN, to = SECOND) => net.run('v1', forge, { to, token, grants: [grant] })

  test('a right one is taken, once', async () => {
    const told = await net.run('v1', forge, { to: SECOND, token: TOKEN, grants: [{}, {}] })
    expect(told).toMatchObject([
      { type: 'dialled', outcome: 'refused', target: '203.0.113.5:4002' },
      { type: 'error', code: 'grant-refused' },
    ])
  })

  test.each([
    ['of another connection', { nonce: '00'.repeat(16) }, 'grant-refused'],
    ['that has expired', { expiresInMs: -1000 }, 'grant-refused'],
    ['that lives too long', { expiresInMs: 120_000 }, 'grant-refused'],
    ['changed to another asker', { after: { asker: '203.0.113.7' } }, 'grant-refused'],
    ['changed to another port', { after: { port: 22 } }, 'grant-refused'],
    ['for loopback', { asker: '127.0.0.1' }, 'forbidden-address'],
    ['for the vantage itself', { asker: '203.0.113.20' }, 'forbidden-address'],
    ['for the other family', { asker: '2001:db8::5' }, 'forbidden-address'],
    ['for multicast', { asker: '224.0.0.251' }, 'forbidden-address'],
  ])('one %s is refused', async (_, grant, code) => {
    expect(await forged(grant)).toMatchObject([{ type: 'error', code }])
  })

  test('one of another token is refused, and any where there is no token', async () => {
    expect(await forged({}, 'some other token of somebody')).toMatchObject([{ code: 'grant-refused' }])
    expect(await forged({}, TOKEN, { ...SECOND, port: 3500 })).toMatchObject([{ code: 'grant-unavailable' }])
  })
})
