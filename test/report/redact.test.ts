import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAddress, scopeOf } from '../../src/model/ip.ts'
import { Redactor } from '../../src/report/redact.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'
import { buildReport } from '../../src/report/report.ts'
import { hideSecrets } from '../../src/report/secrets.ts'
import { renderText } from '../../src/report/text.ts'
import { SAMPLES } from './samples.ts'

const nobody = { hosts: [], users: [] }

/** Addresses that no placeholder is: outside of the documentation's prefixes, and with parts that are never handed out. */
const publicV4 = fc
  .tuple(
    fc.integer({ min: 1, max: 99 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 1, max: 254 }),
  )
  .filter(([a, b, c]) => a !== 10 && scopeOf(`${a}.${b}.${c}.9`) === 'global')
  .map((parts) => parts.join('.'))
const privateV4 = fc
  .tuple(
    fc.constantFrom('192.168', '10.77', '172.20', '100.99', '169.254'),
    fc.integer({ min: 100, max: 250 }),
    fc.integer({ min: 100, max: 250 }),
  )
  .map((parts) => parts.join('.'))
const anyV6 = fc
  .tuple(
    fc.constantFrom('2a02:8109', 'fd12:3456', 'fe80:0'),
    fc.array(fc.integer({ min: 0x1000, max: 0xffff }), { minLength: 6, maxLength: 6 }),
  )
  .map(([head, tail]) => parseAddress(`${head}:${tail.map((part) => part.toString(16)).join(':')}`)!)
const anyMac = fc
  .array(fc.integer({ min: 0x10, max: 0xfe }), { minLength: 6, maxLength: 6 })
  .map((bytes) => ['04', ...bytes.slice(1).map((byte) => byte.toString(16).padStart(2, '0'))].join(':'))
const anyName = fc.stringMatching(/^[a-z]{6}q[0-9][a-z]{3}$/)
const anyPeer = fc.stringMatching(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/)

const originals = fc.record({
  wan: publicV4,
  vantage: publicV4,
  lan: privateV4,
  router: privateV4,
  global: anyV6,
  mac: anyMac,
  host: anyName,
  user: anyName,
  peer: anyPeer,
})
type Originals = typeof originals extends fc.Arbitrary<infer T> ? T : never

/** A sample in which everything that names somebody is one of `names`. */
function named(sample: string, names: Originals) {
  const swap: Readonly<Record<string, string>> = {
    '203.0.113.7': names.wan,
    '198.51.100.9': names.host,
    '198.51.100.10': names.vantage,
    '192.168.1.20': names.lan,
    '192.168.1.1': names.router,
    '2001:db8:1::20': names.global,
    '2001:db8:1::1': names.global,
  }
  const text = Object.entries(swap).reduce(
    (all, [from, to]) => all.replaceAll(from, to),
    JSON.stringify(SAMPLES[sample]),
  )
  const diagnosis = JSON.parse(text) as (typeof SAMPLES)[string]
  const said = `/home/${names.user}/x ${names.mac} enx${names.mac.replaceAll(':', '')} http://${names.host}:80/ /p2p/${names.peer} [${names.global}]:4001 ${names.wan}:4001`
  const notes = [...diagnosis!.notes, { id: 'note.vantage-silent', params: { name: said } }]
  return {
    ...diagnosis!,
    notes,
    gateways: [{ address: names.router, protocols: ['upnp' as const], externalAddress: names.wan, model: said }],
  }
}

const schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)

test('nothing that names somebody survives in text or JSON, and the JSON stays valid', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(SAMPLES)),
      originals,
      fc.constantFrom(...LANGUAGES),
      (sample, names, language) => {
        const redactor = new Redactor({ hosts: [names.host], users: [names.user] })
        const diagnosis = redactor.value(named(sample, names))
        const report = buildReport(diagnosis, {
          version: '0.1.0',
          at: '2026-11-21T10:00:00Z',
          durationMs: 1,
          language,
          node: null,
        })
        const shown = `${JSON.stringify(report)}\n${renderText(diagnosis, { language, width: 200, color: false })}`
        for (const original of [...Object.values(names), names.mac.replaceAll(':', '')])
          expect(shown).not.toContain(original)
        validate(JSON.parse(JSON.stringify(report)))
        expect(validate.errors).toBeNull()
      },
    ),
    { numRuns: 200 },
  )
})

test('an address keeps its family and its range, and is the same everywhere', () => {
  fc.assert(
    fc.property(fc.oneof(publicV4, privateV4, anyV6), (address) => {
      const redactor = new Redactor(nobody)
      const [once, again] = [redactor.text(address), redactor.text(`x ${address}:1 `)]
      const placeholder = parseAddress(once)!
      expect(again).toContain(placeholder)
      expect(placeholder.includes(':')).toBe(address.includes(':'))
      expect(scopeOf(placeholder)).toBe(scopeOf(address))
    }),
  )
})

test('different addresses stay different, and those of one network stay together', () => {
  const redactor = new Redactor(nobody)
  const [a, b, c] = ['81.2.3.4', '81.2.3.5', '81.2.4.4'].map((address) => redactor.text(address))
  expect([a, b, c]).toEqual(['203.0.113.1', '203.0.113.2', '198.51.100.1'])
  expect(redactor.text('192.168.178.20 192.168.178.1 192.168.1.1')).toBe('192.168.1.1 192.168.1.2 192.168.2.1')
  expect(redactor.text('100.72.3.4')).toBe('100.64.1.1')
})

describe('what names nobody stays', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '::',
    '::1',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '16:40:03 UTC',
    '2026-11-24T16:40:03.000Z',
    'udp/ipv4/4001',
    'net.ipv4.ip_forward',
    'e1, e2',
    'peerway 0.1.0',
    'comment "peerway:ab12cd34"',
    'a word that is rather long but still one: electroencephalographically',
  ])('%s', (text) => expect(new Redactor(nobody).text(text)).toBe(text))

  test('a host that is called as reports speak', () => {
    const redactor = new Redactor({ hosts: ['node', 'router'], users: ['root'] })
    expect(redactor.text('the node behind the router, as root')).toBe('the node behind the router, as root')
  })
})

test.each([
  ['https://alice:hunter2@example.org/x', 'hunter2'],
  ['--rpc-token=abcdef0123', 'abcdef0123'],
  ['"password": "correct horse"', 'correct horse'],
  ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
  ['-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----', 'MIIB'],
  ['MNEMONIC="one two three"', 'two'],
])('the secret in %s is hidden, asked for or not', (text, secret) => {
  expect(hideSecrets(text)).not.toContain(secret)
  expect(hideSecrets(text)).toContain('***')
})

test.each(['the token is empty: leave it out', 'enode://abc@203.0.113.7:30303', 'author: me', 'bypass: yes'])(
  '%s holds no secret',
  (text) => expect(hideSecrets(text).startsWith(text.slice(0, 14))).toBe(true),
)
