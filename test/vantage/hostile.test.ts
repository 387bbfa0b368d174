import { createSocket, type Socket as DgramSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { openOsHost } from '../../src/host/os/os-host.ts'
import type { Endpoint } from '../../src/model/endpoint.ts'
import { contactVantage } from '../../src/vantage/contact.ts'
import { ContactMemory } from '../../src/vantage/contacted.ts'
import type { DialRequest } from '../../src/vantage/vantage.ts'
import { decodeRequest, encodeReply } from '../../src/wire/control/codec.ts'
import type { ControlReply, ControlRequest, ReplyOf, RequestOf } from '../../src/wire/control/messages.ts'
import { decodeStunMessage, encodeStunMessage } from '../../src/wire/stun/message.ts'

const host = openOsHost()
const VANTAGE = '127.0.0.1'
const SOURCE = '127.0.0.9'

const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

/** A vantage played by the test: what it writes when somebody connects, and to each request. */
async function play(onConnect: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    onConnect(socket)
  })
  server.listen(0, VANTAGE)
  await once(server, 'listening')
  closing.push(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** STUN beside it, on the same port number; port 0 lets the system choose one. */
async function playStun(
  port: number,
  answer: (request: Uint8Array, from: Endpoint) => Uint8Array | undefined,
): Promise<number> {
  const socket: DgramSocket = createSocket('udp4')
  socket.on('message', (data, { address, port }) => {
    const reply = answer(data, { address, port })
    if (reply !== undefined) socket.send(reply, port, address)
  })
  socket.bind(port, VANTAGE)
  await once(socket, 'listening')
  closing.push(async () => void socket.close())
  return socket.address().port
}

function binding(request: Uint8Array, from: Endpoint, other?: Endpoint): Uint8Array | undefined {
  const decoded = decodeStunMessage(request)
  if (!decoded.ok) return undefined
  return encodeStunMessage({
    messageClass: 'success',
    method: 1,
    transactionId: decoded.value.transactionId,
    attributes: [
      { name: 'XOR-MAPPED-ADDRESS', value: from },
      ...(other === undefined ? [] : [{ name: 'OTHER-ADDRESS', value: other } as const]),
    ],
  })
}

const HELLO: ReplyOf<'hello'> = {
  type: 'hello',
  protocol: 'peerway-vantage',
  version: 1,
  software: 'a played vantage',
  observed: { address: '203.0.113.7', port: 50_000 },
  address: VANTAGE,
  dialFrom: [SOURCE],
  stun: { port: 3478, alternatePort: null, alternateAddress: null },
  capabilities: ['dial', 'echo', 'open'],
  nonce: new Uint8Array(16),
  nowMs: 0,
}

async function contact(port: number) {
  const memory = await ContactMemory.open(host, null)
  const spec = { name: 'played', address: VANTAGE, port, family: 'ipv4', origin: 'user' } as const
  const startMs = host.clock.monotonicMs()
  const contacted = await contactVantage(host, spec, memory)
  if (contacted.vantage !== null) closing.push(() => contacted.vantage!.close())
  return { ...contacted, memory, ms: host.clock.monotonicMs() - startMs }
}

describe.concurrent('whoever is contacted and is no honest vantage', () => {
  test.each<[what: string, expected: string, onConnect: (socket: Socket) => void]>([
    ['64 KB without a line', 'violated-protocol', (socket) => socket.write('x'.repeat(65_536))],
    ['endless bytes', 'violated-protocol', (socket) => void pour(socket)],
    ['a banner of another protocol', 'not-a-vantage', (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
    ['JSON of another kind', 'violated-protocol', (socket) => socket.write('{"type":"welcome"}\n')],
    [
      'another version',
      'violated-protocol',
      (socket) => socket.write(`${line(HELLO).replace('"version":1', '"version":2')}`),
    ],
    [
      'a hello without a nonce',
      'violated-protocol',
      (socket) => socket.write(line(HELLO).replace('"nonce"', '"once"')),
    ],
    [
      'addresses of the other family',
      'violated-protocol',
      (socket) => socket.write(line({ ...HELLO, dialFrom: ['2001:db8::1'] })),
    ],
    [
      'a reply before its hello',
      'violated-protocol',
      (socket) => socket.write(line({ type: 'opened', id: 1, tcp: [], udp: [] })),
    ],
    ['a reset', 'reset', (socket) => socket.resetAndDestroy()],
    ['an end', 'not-a-vantage', (socket) => socket.end()],
  ])('%s is %s', async (_, expected, onConnect) => {
    const { fact, vantage, ms } = await contact(await play(onConnect))
    expect(fact).toMatchObject({ kind: 'unknown', control: expected, observed: null, dialSources: [] })
    expect(vantage).toBeNull()
    expect(ms).toBeLessThan(3500)
  })

  test('accepts TCP, says nothing and answers STUN: a STUN server, known within 600 ms', async () => {
    const port = await play(() => {})
    await playStun(port, (request, from) => binding(request, from, { address: '203.0.113.2', port: 3479 }))
    const { fact, vantage, ms } = await contact(port)
    expect(fact).toMatchObject({ kind: 'stun', control: 'not-a-vantage', stun: 'answered' })
    expect(vantage).toMatchObject({
      control: null,
      stun: { primary: { address: VANTAGE, port }, other: { address: '203.0.113.2', port: 3479 }, alternatePort: 3479 },
    })
    expect(ms).toBeGreaterThan(590)
    expect(ms).toBeLessThan(1000)
  })

  test('a STUN server without TCP is known at once', async () => {
    const port = await playStun(0, (request, from) => binding(request, from))
    const { fact, ms } = await contact(port)
    expect(fact).toMatchObject({ kind: 'stun', control: 'refused', stun: 'answered' })
    expect(ms).toBeLessThan(500)
  })

  test.each<[what: string, told: Endpoint, other: Endpoint | null, alternatePort: number | null]>([
    ['its first address again', { address: VANTAGE, port: 3479 }, null, 3479],
    ['another family', { address: '2001:db8::2', port: 3479 }, null, null],
    ['a private address', { address: '192.168.0.1', port: 3479 }, null, null],
    ['multicast', { address: '224.0.0.1', port: 3479 }, null, null],
    ['port 0', { address: '203.0.113.2', port: 0 }, null, null],
  ])('OTHER-ADDRESS that is %s is no second address', async (_, told, other, alternatePort) => {
    const port = await play((socket) => socket.resetAndDestroy())
    await playStun(port, (request, from) => binding(request, from, told))
    expect((await contact(port)).vantage?.stun).toEqual({ primary: { address: VANTAGE, port }, other, alternatePort })
  })

  test.each<[what: string, expected: string, answer: (request: Uint8Array) => Uint8Array | undefined]>([
    ['garbage', 'silent', () => Uint8Array.of(1, 2, 3)],
    ['the request itself', 'silent', (request) => request],
    [
      'another transaction',
      'silent',
      (request) =>
        binding(request, { address: '203.0.113.7', port: 1 })?.map((byte, at) => (at === 19 ? byte ^ 1 : byte)),
    ],
    ['an error', 'error-answer', (request) => errorTo(request, 500)],
    ['no mapped address', 'garbage', (request) => emptyTo(request)],
  ])('STUN that answers with %s is %s', async (_, expected, answer) => {
    const port = await play((socket) => socket.write(line(HELLO)))
    await playStun(port, answer)
    const { fact, vantage } = await contact(port)
    expect(fact).toMatchObject({ kind: 'peerway', control: 'answered', stun: expected })
    expect(vantage?.stun).toBeNull()
  })
})

describe.concurrent('a vantage that lies about a dial', () => {
  const TARGET = { address: HELLO.observed.address, port: 4001 }
  const told: ReplyOf<'dialled'> = {
    type: 'dialled',
    id: 1,
    outcome: 'connected',
    source: { address: SOURCE, port: 1234 },
    target: TARGET,
    attempts: 1,
    rttMs: 1,
    answer: null,
    greeting: null,
    answerBytes: null,
    ended: null,
  }
  const request: DialRequest = { transport: 'tcp', port: 4001, from: { source: SOURCE }, payload: { kind: 'stranger' } }

  const control = async (reply: (request: RequestOf<'dial'>) => string | undefined) => {
    const port = await play((socket) => {
      socket.write(line(HELLO))
      answerRequests(socket, (request) => (request.type === 'dial' ? reply(request) : undefined))
    })
    await playStun(port, (request, from) => binding(request, from))
    const { vantage } = await contact(port)
    return vantage!.control!
  }

  test('an honest report is believed, and told early', async () => {
    const { dial } = await control(
      ({ id }) => line({ type: 'connected', id, source: told.source }) + line({ ...told, id }),
    )
    const seen: unknown[] = []
    const report = await dial({ ...request, onConnected: (source) => seen.push(source) })
    expect(report).toMatchObject({ outcome: 'connected', refusal: null, source: told.source, target: TARGET })
    expect(seen).toEqual([told.source])
  })

  test.each<[what: string, refusal: string, reply: (id: number) => string]>([
    ['another source', 'violated-protocol', (id) => line({ ...told, id, source: { address: VANTAGE, port: 1 } })],
    ['another target', 'violated-protocol', (id) => line({ ...told, id, target: { ...TARGET, port: 4002 } })],
    [
      'a target that is somebody else',
      'violated-protocol',
      (id) => line({ ...told, id, target: { address: '203.0.113.8', port: 4001 } }),
    ],
    ['an outcome that TCP does not have', 'violated-protocol', (id) => line({ ...told, id, outcome: 'answered' })],
    ['an answer of another kind', 'violated-protocol', (id) => line({ type: 'opened', id, tcp: [], udp: [] })],
    ['garbage', 'violated-protocol', () => 'garbage\n'],
    ['64 KB', 'violated-protocol', () => 'x'.repeat(65_536)],
    ['a second hello', 'violated-protocol', () => line(HELLO)],
    ['a refusal', 'busy', (id) => line({ type: 'error', id, code: 'busy', message: '', retryAfterMs: null })],
  ])('%s: %s', async (_, refusal, reply) => {
    const { dial } = await control(({ id }) => reply(id))
    const seen: unknown[] = []
    const report = await dial({ ...request, onConnected: (source) => seen.push(source) })
    expect(report).toMatchObject({ outcome: 'not-dialled', refusal, source: null, target: null })
    expect(seen).toEqual([])
  })

  test('a lost link ends every question', async () => {
    const port = await play((socket) => {
      socket.write(line(HELLO))
      let asked = 0
      answerRequests(socket, ({ type }) => {
        if (type === 'dial') asked += 1
        if (asked === 2) socket.resetAndDestroy()
        return undefined
      })
    })
    await playStun(port, (request, from) => binding(request, from))
    const { vantage } = await contact(port)
    const reports = await Promise.all([vantage!.control!.dial(request), vantage!.control!.dial(request)])
    expect(reports.map(({ refusal }) => refusal)).toEqual(['link-lost', 'link-lost'])
    expect(await vantage!.control!.echo({ maxTtl: 3 })).toBeNull()
    expect(await vantage!.control!.open([{ transport: 'tcp', port: 80 }])).toBeNull()
  })

  test('answers to several questions at once find their askers', async () => {
    const waiting: number[] = []
    const { dial } = await control(({ id }) => {
      waiting.push(id)
      if (waiting.length < 3) return undefined
      return waiting
        .toReversed()
        .map((one) => line({ ...told, id: one, attempts: one }))
        .join('')
    })
    const reports = await Promise.all([dial(request), dial(request), dial(request)])
    expect(reports.map(({ attempts }) => attempts)).toEqual([1, 2, 3])
  })

  test('told to come back soon, it comes back once', async () => {
    let asked = 0
    const { dial } = await control(({ id }) => {
      asked += 1
      return line({ type: 'error', id, code: 'too-many-requests', message: '', retryAfterMs: 50 })
    })
    expect(await dial(request)).toMatchObject({ outcome: 'not-dialled', refusal: 'too-many-requests' })
    expect(asked).toBe(2)
  })

  test('a stalling one is waited for with a limit', async () => {
    const { dial } = await control(() => undefined)
    const startMs = host.clock.monotonicMs()
    expect(await dial({ ...request, transport: 'udp' })).toMatchObject({ outcome: 'not-dialled', refusal: 'timed-out' })
    expect(host.clock.monotonicMs() - startMs).toBeLessThan(4500)
  })
})

function line(reply: ControlReply): string {
  return new TextDecoder().decode(encodeReply(reply))
}

function pour(socket: Socket): void {
  socket.on('drain', () => pour(socket))
  while (socket.writable && socket.write('x'.repeat(16_384)));
}

function answerRequests(socket: Socket, answer: (request: ControlRequest) => string | undefined): void {
  let text = ''
  socket.on('data', (chunk) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop()!
    for (const each of lines) {
      const request = decodeRequest(new TextEncoder().encode(each))
      const reply = request.ok ? answer(request.value) : undefined
      if (reply !== undefined) socket.write(reply)
    }
  })
}

function errorTo(request: Uint8Array, code: number): Uint8Array {
  const attributes = [{ name: 'ERROR-CODE', value: { code, reason: 'no' } } as const]
  return encodeStunMessage({ messageClass: 'error', method: 1, transactionId: request.subarray(8, 20), attributes })
}

function emptyTo(request: Uint8Array): Uint8Array {
  return encodeStunMessage({
    messageClass: 'success',
    method: 1,
    transactionId: request.subarray(8, 20),
    attributes: [],
  })
}
