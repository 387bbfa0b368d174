import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import type { MessageValue } from '../../src/model/message.ts'
import { message } from '../../src/model/message.ts'
import { fillTemplate } from '../../src/model/template.ts'
import { natAlias } from '../../src/report/aliases.ts'
import { isoTime } from '../../src/report/iso-time.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'
import { renderText } from '../../src/report/text.ts'
import { visible } from '../../src/report/visible.ts'
import { cellsOf, wrap } from '../../src/report/wrap.ts'
import { SAMPLES } from './samples.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the escape codes that text itself writes.
const STYLES = /\x1b\[(?:0|1|2|1;31|32|33)m/g

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom(
    '\u001b]0;owned\u0007',
    '\u001b[2J',
    'a\nb\r\n',
    '\u202eevil',
    '{endpoints}',
    '[x]',
    'ノード',
    '`',
    ' ',
  ),
)

/** A diagnosis whose every free text is hostile. */
function poisoned(sample: Diagnosis, name: string): Diagnosis {
  return {
    ...sample,
    path: sample.path.map((stage) => ({ ...stage, address: stage.address === null ? null : name })),
    obstacles: sample.obstacles.map((each) => ({
      ...each,
      text: message('obstacle.listening-on-loopback', { process: name, address: name, endpoints: name }),
      settledBy: message('settled-by.router-page', { address: name, external: name }),
    })),
    warnings: [{ id: 'few-peers', evidence: ['e1'], text: message('warning.few-peers', { peers: name }) }],
    notes: [message('note.vantage-silent', { name, address: name }), message(name, { name })],
  }
}

const anyDiagnosis = fc
  .tuple(fc.constantFrom(...Object.values(SAMPLES)), hostile)
  .map(([sample, name]) => poisoned(sample, name))
const anyOptions = fc.record({
  color: fc.boolean(),
  width: fc.integer({ min: 40, max: 200 }),
  language: fc.constantFrom(...LANGUAGES),
})

describe('text', () => {
  test('no line is wider than asked for, and nothing in it steers a terminal', () => {
    fc.assert(
      fc.property(anyDiagnosis, anyOptions, (diagnosis, options) => {
        const lines = renderText(diagnosis, options).replace(STYLES, '').split('\n')
        for (const line of lines) {
          expect(cellsOf(line)).toBeLessThanOrEqual(options.width)
          expect(line).not.toMatch(/\p{C}|[\p{Zl}\p{Zp}]/u)
        }
      }),
    )
  })

  test.each(LANGUAGES)('the first line is the verdict, and nothing is undefined, in %s', (language) => {
    for (const sample of Object.values(SAMPLES)) {
      const text = renderText(sample, { color: false, width: 80, language })
      expect(text).toMatch(
        language === 'en'
          ? /^(Reachable|Partly reachable|Unreachable|Unknown): /
          : /^(Joignable|Joignable en partie|Injoignable|Indéterminé)\u00a0: /,
      )
      expect(text).not.toMatch(/undefined|\[object|NaN|\bnull\b/)
      expect(text).not.toMatch(/ $/m)
    }
  })

  test.each([
    [
      'partly known',
      'unknown',
      ['yes', 'unknown'],
      'Unknown: for TCP 4002 (IPv4) nothing proves that strangers get in',
    ],
    [
      'not known beside no',
      'unreachable',
      ['no', 'unknown'],
      'to TCP 4001 (IPv4); for TCP 4002 (IPv4) nothing is proven',
    ],
    ['yes and no', 'partly-reachable', ['yes', 'no'], 'get in to TCP 4001 (IPv4), but not to TCP 4002 (IPv4).'],
  ] as const)('the first line says no more than is known: %s', (_, verdict, answers, expected) => {
    const [first] = SAMPLES['home-nat']!.endpoints
    const endpoints = answers.map((reachable, index) => ({
      ...first!,
      transport: 'tcp' as const,
      port: 4001 + index,
      reachable,
    }))
    const text = renderText(
      { ...SAMPLES['home-nat']!, verdict, endpoints },
      { color: false, width: 400, language: 'en' },
    )
    expect(text.split('\n')[0]).toContain(expected)
  })

  test('the first line doubts what only an address spoken to before has shown', () => {
    const sample = SAMPLES.reachable!
    const caveats = ['address-dependent-filter-not-excluded'] as const
    const endpoints = sample.endpoints.map((each) => ({ ...each, caveats }))
    const text = renderText({ ...sample, endpoints }, { color: false, width: 400, language: 'en' })
    expect(text.split('\n')[0]).toMatch(/^Reachable: .*that complete strangers do is not proven\./)
  })

  test('colour adds nothing but colour', () => {
    const [plain, coloured] = [false, true].map((color) =>
      renderText(SAMPLES['home-nat']!, { color, width: 80, language: 'en' }),
    )
    expect(plain).not.toContain('\u001b')
    expect(coloured).toContain('\u001b[1;31m')
    expect(coloured!.replace(STYLES, '')).toBe(plain)
  })

  test('a diagnosis of nothing is still a text', () => {
    const empty = {
      ...SAMPLES['no-vantage']!,
      endpoints: [],
      path: [],
      notes: [message('note.no-endpoints')],
      evidence: [],
    }
    expect(renderText(empty, { color: false, width: 80, language: 'en' })).toMatchInlineSnapshot(`
      "Unknown: there was no port to ask about.

      The node
        ipfs with 12 peers; 40 to 50 are usual.

      Good to know
        - No port was named. Say which port strangers shall reach, for example
          \`peerway check --port 4001\`.
      "
    `)
  })
})

test.each([
  ['plain text stays', 'ipfs é ノード', 'ipfs é ノード'],
  ['a terminal escape', '\u001b[2Jx', '\\x1b[2Jx'],
  ['a line break', 'a\nb', 'a\\x0ab'],
  ['an eight-bit control', '\u009b31m', '\\x9b31m'],
  ['a bidirectional override', 'a\u202eb', 'a\\u{202e}b'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['half a surrogate pair', '\ud800', '\\u{d800}'],
  ['a decomposed letter is composed', 'e\u0301', 'é'],
])('visible: %s', (_, text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('visible: at most 1000 characters, and a mark', () => {
  expect(visible('x'.repeat(5000))).toBe(`${'x'.repeat(1000)}…`)
})

describe('templates', () => {
  const rules = { singular: (count: number) => count === 1, show: (_: string, value: MessageValue) => String(value) }
  test.each([
    ['{n} {n#hop|hops}', { n: 1 }, '1 hop'],
    ['{n} {n#hop|hops}', { n: 2 }, '2 hops'],
    ['[router {a}|a router]', { a: 'x' }, 'router x'],
    ['[router {a}|a router]', {}, 'a router'],
    ['a[ at {a}]', { a: '' }, 'a'],
    ['a[ of many{?many}]', { many: 1 }, 'a of many'],
    ['[{n} {n#hop|hops}|none]', { n: 3 }, '3 hops'],
    ['{a}', { a: '{b}[c|d]', b: 'no' }, '{b}[c|d]'],
    ['{a}', {}, '?'],
    ['{toString}[{constructor}]', {}, '?'],
  ])('%s with %j', (template, params, filled) => {
    expect(fillTemplate(template, params as Record<string, string | number>, rules)).toBe(filled)
  })
})

test.each([
  ['keeps a command whole', 'run `a b c` now', 8, ['run', '`a b c`', 'now']],
  ['cuts what fits nowhere', 'abcdefgh', 3, ['abc', 'def', 'gh']],
  ['counts wide characters twice', 'ノード ノード', 7, ['ノード', 'ノード']],
])('wrap %s', (_, text, width, lines) => {
  expect(wrap(text, { width })).toEqual(lines)
})

test.each([
  ['endpoint-independent', 'endpoint-independent', 'full cone'],
  ['endpoint-independent', 'address-dependent', 'restricted cone'],
  ['endpoint-independent', 'address-and-port-dependent', 'port-restricted cone'],
  ['address-dependent', 'address-dependent', 'symmetric'],
  ['address-and-port-dependent', 'unknown', 'symmetric'],
  ['endpoint-independent', 'unknown', undefined],
  ['none', 'endpoint-independent', undefined],
  ['unknown', 'endpoint-independent', undefined],
] as const)('mapping %s with filtering %s is also called %s', (mapping, filtering, alias) => {
  expect(natAlias(mapping, filtering)).toBe(alias)
})

test('isoTime agrees with the calendar', () => {
  const years1970to9999 = fc.integer({ min: 0, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(years1970to9999, (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString())
    }),
  )
})
