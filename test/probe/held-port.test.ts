import { afterEach, describe, expect, test } from 'vitest'
import { openOsHost } from '../../src/host/os/os-host.ts'
import type { EndpointKey } from '../../src/model/endpoint.ts'
import { type HeldPort, holdPort } from '../../src/probe/held-port.ts'
import { parseNonceLine, parseReply } from '../../src/probe/nonce-line.ts'

const host = openOsHost()
const HERE = '127.0.0.1'
const NONCE = '00112233445566778899aabbccddeeff'
const line = (text: string) => new TextEncoder().encode(text)

let held: HeldPort | undefined
afterEach(() => held?.close())

async function hold(transport: EndpointKey['transport']): Promise<HeldPort> {
  for (let port = 21_001; port < 21_100; port++) {
    const result = await holdPort(host, { transport, family: 'ipv4', port }, HERE)
    if (typeof result === 'object') return result
  }
  throw new Error('no free port')
}

async function sayOverTcp(port: number, ...parts: readonly string[]): Promise<string> {
  const result = await host.tcp.connect({ to: { address: HERE, port }, timeoutMs: 1000 })
  if (result.outcome !== 'connected') throw new Error(result.outcome)
  await using connection = result.connection
  for (const part of parts) await connection.write(line(part), 1000)
  const read = await connection.read(1000)
  return read.outcome === 'data' ? Buffer.from(read.data).toString() : read.outcome
}

describe('a TCP port that we hold', () => {
  test('answers the nonce it expects with its secret, and knows who brought it', async () => {
    held = await hold('tcp')
    held.expect(NONCE)
    expect(await sayOverTcp(held.key.port, `peerway-nonce ${NONCE}\n`)).toBe(`peerway-reply ${held.secret}\n`)
    expect(held.bearerOf(NONCE)?.address).toBe(HERE)
    expect(held.heardFrom(HERE)).toBe(true)
  })

  test('takes a line in pieces', async () => {
    held = await hold('tcp')
    held.expect(NONCE)
    expect(await sayOverTcp(held.key.port, 'peerway-', `nonce ${NONCE}`, '\n')).toContain(held.secret)
  })

  test.each([
    ['a nonce that nobody announced', `peerway-nonce ${'ff'.repeat(16)}\n`],
    ['another protocol', 'GET / HTTP/1.0\r\n\r\n'],
    ['a line without end', 'x'.repeat(5000)],
  ])('tells nothing to %s', async (_, text) => {
    held = await hold('tcp')
    held.expect(NONCE)
    expect(await sayOverTcp(held.key.port, text)).toBe('reset')
    expect(held.bearerOf(NONCE)).toBeUndefined()
  })

  test('is busy where somebody else holds it, impossible where the address is not ours', async () => {
    held = await hold('tcp')
    expect(await holdPort(host, held.key, HERE)).toBe('busy')
    expect(await holdPort(host, held.key, '192.0.2.77')).toBe('impossible')
  })
})

test('a UDP port that we hold answers its nonce alone, with no more bytes than it got', async () => {
  held = await hold('udp')
  held.expect(NONCE)
  const to = { address: HERE, port: held.key.port }
  await using socket = await host.udp.open({ local: { address: HERE, port: 0 } })
  await socket.send(line('hello'), to)
  await socket.send(line(`peerway-nonce ${'ff'.repeat(16)}`), to)
  const question = line(`peerway-nonce ${NONCE}`)
  await socket.send(question, to)
  const answer = await socket.receive(1000)
  if (answer?.kind !== 'datagram') throw new Error('no answer')
  expect(parseReply(answer.data)).toBe(held.secret)
  expect(answer.data.length).toBeLessThanOrEqual(question.length)
  expect(await socket.receive(50)).toBeUndefined()
})

test.each([
  ['peerway-nonce 00ff\n', '00ff'],
  ['peerway-nonce 00FF', '00ff'],
  ['peerway-nonce 00ff\r\nmore', '00ff'],
  ['peerway-nonce 0', undefined],
  ['peerway-nonce ', undefined],
  [`peerway-nonce ${'00'.repeat(33)}`, undefined],
  ['peerway-reply 00ff', undefined],
])('reads %j as nonce %s', (text, nonce) => {
  expect(parseNonceLine(line(text))).toBe(nonce)
})
