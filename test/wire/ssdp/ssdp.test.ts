import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IGD_TARGETS } from '../../../src/wire/igd/services.ts'
import { SsdpSearchSchedule } from '../../../src/wire/ssdp/search.ts'
import { decodeAnswer, decodeSearch, encodeAnswer, encodeSearch } from '../../../src/wire/ssdp/ssdp.ts'
import { MINIUPNPD_SSDP } from '../igd/captured.ts'
import { PROPERTY_RUNS } from '../property.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const GROUP = { address: '239.255.255.250', port: 1900 }

test('a question as the standard writes it', () => {
  const text = new TextDecoder().decode(encodeSearch({ target: 'upnp:rootdevice', maxWaitSeconds: 1 }, GROUP))
  expect(text).toBe(
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST: upnp:rootdevice\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n\r\n',
  )
})

test('the answer of miniupnpd', () => {
  expect(decodeAnswer(MINIUPNPD_SSDP)).toEqual({
    ok: true,
    value: {
      target: IGD_TARGETS[0],
      location: expect.stringMatching(/^http:\/\/192\.168\.1\.1:[0-9]+\/rootDesc\.xml$/),
      name: `uuid:8d94fefb-5d4e-4c93-8685-d84772602c82::${IGD_TARGETS[0]}`,
      server: 'Debian/12 UPnP/1.1 MiniUPnPd/2.3.1',
    },
  })
})

describe('an answer', () => {
  test.each([
    ['without an empty line at its end', 'HTTP/1.1 200 OK\r\nST: a\r\nLOCATION: b', true],
    ['in small letters and bare line feeds', 'HTTP/1.1 200 OK\nst:a\nlocation:b\n\n', true],
    ['without a location', 'HTTP/1.1 200 OK\r\nST: a\r\n\r\n', false],
    ['with an empty location', 'HTTP/1.1 200 OK\r\nST: a\r\nLOCATION:\r\n\r\n', false],
    ['without a target', 'HTTP/1.1 200 OK\r\nLOCATION: b\r\n\r\n', false],
    ['that is an announcement', 'NOTIFY * HTTP/1.1\r\nNT: a\r\nST: a\r\nLOCATION: b\r\n\r\n', false],
    ['that is an error', 'HTTP/1.1 404 Not Found\r\nST: a\r\nLOCATION: b\r\n\r\n', false],
    ['of 5000 bytes', `HTTP/1.1 200 OK\r\nST: a\r\nLOCATION: ${'b'.repeat(5000)}\r\n\r\n`, false],
  ])('%s: %s', (_, text, ok) => expect(decodeAnswer(bytes(text)).ok).toBe(ok))
})

describe('a question', () => {
  test.each([
    ['without a wait', 'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nST: a\r\n\r\n', 1],
    ['with a wait of a year', 'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nMX: 999\r\nST: a\r\n\r\n', 5],
    ['without quotes', 'M-SEARCH * HTTP/1.1\r\nMAN: ssdp:discover\r\nST: a\r\n\r\n', undefined],
    ['for nothing', 'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\n\r\n', undefined],
  ])('%s', (_, text, maxWaitSeconds) => {
    const search = decodeSearch(bytes(text))
    expect(search.ok ? search.value.maxWaitSeconds : undefined).toBe(maxWaitSeconds)
  })
})

const line = fc.stringMatching(/^[!-~]{1,60}$/)

test('what is encoded is decoded again', () => {
  fc.assert(
    fc.property(
      line,
      line,
      line,
      line,
      fc.integer({ min: 1, max: 5 }),
      (target, location, name, server, maxWaitSeconds) => {
        const answer = { target, location, name, server }
        expect(decodeAnswer(encodeAnswer(answer))).toEqual({ ok: true, value: answer })
        const search = { target, maxWaitSeconds }
        expect(decodeSearch(encodeSearch(search, GROUP))).toEqual({ ok: true, value: search })
      },
    ),
    PROPERTY_RUNS,
  )
})

test('no bytes make the decoders throw', () => {
  const changed = fc
    .tuple(fc.nat(), fc.nat(255))
    .map(([at, byte]) => MINIUPNPD_SSDP.with(at % MINIUPNPD_SSDP.length, byte))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (data) => {
      decodeAnswer(data)
      decodeSearch(data)
    }),
    PROPERTY_RUNS,
  )
})

test('asks three times, and then waits for its patience', () => {
  const schedule = new SsdpSearchSchedule({ patienceMs: 1000 })
  const sentAtMs: number[] = []
  let nowMs = 5
  let actions = schedule.step({ kind: 'start' }, nowMs)
  while (!actions.some(({ kind }) => kind === 'done')) {
    for (const action of actions) {
      if (action.kind === 'send') sentAtMs.push(nowMs - 5)
      if (action.kind === 'wake') nowMs = action.atMs
    }
    actions = schedule.step({ kind: 'timer' }, nowMs)
  }
  expect({ sentAtMs, endMs: nowMs - 5 }).toEqual({ sentAtMs: [0, 150, 450], endMs: 1000 })
  expect(schedule.step({ kind: 'timer' }, nowMs + 1)).toEqual([])
})
