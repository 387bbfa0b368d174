import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseXml } from '../../../src/wire/xml/parse-xml.ts'
import { childOf, escapeXml, textOf } from '../../../src/wire/xml/xml-element.ts'
import { PROPERTY_RUNS } from '../property.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('what is read', () => {
  test('elements by their local names, text with entities replaced, no attributes', () => {
    const parsed = parseXml(
      bytes('<?xml version="1.0"?><u:a xmlns:u="x" b="c"> <d>1 &lt;&#50; </d><![CDATA[ e ]]></u:a>'),
    )
    if (!parsed.ok) throw new Error(parsed.code)
    expect(parsed.value).toEqual({ name: 'a', text: 'e', children: [{ name: 'd', text: '1 <2', children: [] }] })
    expect([textOf(parsed.value, 'd'), textOf(parsed.value, 'f'), childOf(parsed.value, 'f')]).toEqual([
      '1 <2',
      '',
      undefined,
    ])
  })

  test.each([
    ['with white space before it', '\n <?xml version="1.0"?><a/>'],
    ['with zero bytes behind it', '<a/>\0\0'],
    ['with a comment', '<!-- <a> --><a><!-- & --></a>'],
    ['with a prefix that nobody declared', '<s:a/>'],
  ])('a document %s', (_, text) => expect(parseXml(bytes(text))).toMatchObject({ ok: true, value: { name: 'a' } }))
})

describe('what is refused', () => {
  test.each([
    ['nothing', '', 'not-xml'],
    ['text', 'hello', 'not-xml'],
    ['an end that is missing', '<a><b></b>', 'not-xml'],
    ['crossed elements', '<a><b></a></b>', 'not-xml'],
    ['two roots', '<a/><b/>', 'not-xml'],
    ['a bare ampersand', '<a>b & c</a>', 'not-xml'],
    ['an entity that nobody declared', '<a>&b;</a>', 'not-xml'],
    ['the same attribute twice', '<a b="c" b="d"/>', 'not-xml'],
    ['a control character', '<a>\u0001</a>', 'not-xml'],
    ['a reference to a control character', '<a>&#1;</a>', 'not-xml'],
    ['a document type', '<!DOCTYPE a><a/>', 'dtd'],
    ['a document type in small letters', '<!doctype a><a/>', 'dtd'],
    ['an entity', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'dtd'],
    ['an entity within text', '<a><![CDATA[<!ENTITY b "c">]]></a>', 'dtd'],
    ['33 deep', `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`, 'too-much'],
    ['5000 elements', `<a>${'<b/>'.repeat(5000)}</a>`, 'too-much'],
    ['65,537 bytes', `<a>${' '.repeat(65_530)}</a>`, 'too-much'],
  ])('%s', (_, text, code) => expect(parseXml(bytes(text))).toMatchObject({ ok: false, code }))
})

test('escaped text is read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(parseXml(bytes(`<a>${escapeXml(text)}</a>`))).toMatchObject({ ok: true, value: { text: text.trim() } })
    }),
    PROPERTY_RUNS,
  )
})

test('no bytes make it throw', () => {
  const text = '<?xml version="1.0" encoding="utf-8"?><a b="c">d&amp;<e/><![CDATA[f]]><!-- g --><?h i?></a>'
  const changed = fc.tuple(fc.nat(), fc.nat(255), fc.nat(text.length)).map(([at, byte, end]) => {
    const copy = bytes(text)
    copy[at % copy.length] = byte
    return copy.subarray(0, end)
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), (data) => void parseXml(data)),
    PROPERTY_RUNS,
  )
})
