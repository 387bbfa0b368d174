import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { message } from '../../src/model/message.ts'
import { el, renderMarkup } from '../../src/report/html/markup.ts'
import { drawPathPicture } from '../../src/report/html/path-picture.ts'
import { renderHtml } from '../../src/report/html/render-html.ts'
import { LANGUAGES, type Language, renderMessage } from '../../src/report/render-message.ts'
import { buildReport } from '../../src/report/report.ts'
import { verdictSentence } from '../../src/report/verdict-sentence.ts'
import { SAMPLES } from './samples.ts'

const CONTEXT = { version: '0.1.0', at: '2026-11-21T10:00:00.000Z', durationMs: 1830 }
const say = (id: string, params = {}) => renderMessage(message(id, params), 'en')

function page(diagnosis: Diagnosis, language: Language): string {
  return renderHtml(diagnosis, buildReport(diagnosis, { ...CONTEXT, language }), language)
}

describe.each(Object.entries(SAMPLES))('%s', (_, diagnosis) => {
  test.each(LANGUAGES)('is one file that asks for nothing and runs nothing, in %s', (language) => {
    const html = page(diagnosis, language)
    expect(html).not.toMatch(/<(script|link|img|iframe|object|form|base)\b|\b(src|href|style|on[a-z]+)=|url\(|@import/i)
    const style = /<style>([^<]*)<\/style>/.exec(html)![1]!
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
  })

  test.each(LANGUAGES)('says what the text says, in %s', (language) => {
    const html = page(diagnosis, language)
    const report = buildReport(diagnosis, { ...CONTEXT, language })
    const sentences = [verdictSentence(diagnosis, language), ...report.obstacles.map(({ text }) => text)]
    const steps = report.remedies.flatMap((remedy) => [remedy.text, ...remedy.steps])
    const texts = [...sentences, ...steps, ...report.warnings.map(({ text }) => text)]
    for (const text of texts) expect(plain(html)).toContain(plain(text))
    expect(html).toContain(`<html lang="${language}">`)
  })
})

describe('the picture', () => {
  const path = SAMPLES['double-nat']!.path
  const picture = renderMarkup(drawPathPicture(path, 'ipv4', 'across', say))

  test('says in words what it shows', () => {
    expect(picture).toContain(
      'aria-label="The way in over IPv4: provider: open, router 2 192.168.0.1: stopped here, router 1 192.168.1.1: stopped here, firewall: not known, node: open."',
    )
  })

  test('leaves out what is not there', () => {
    expect(picture).not.toContain(say('stage.carrier'))
    expect(picture).not.toContain(say('stage.container'))
  })

  test('breaks the line beyond the first stop, and nowhere else', () => {
    const joints = picture.split('<g ')[0]!.match(/<path [^>]*>/g)!
    expect(joints.map((joint) => joint.includes('stroke-dasharray'))).toEqual([false, false, true, true, true])
  })

  test('writes a long address in lines', () => {
    const address = '2001:db8:1234:5678:9abc:def0:1234:5678'
    const stages = path.map((stage) => (stage.stage === 'router' ? { ...stage, address } : stage))
    const lines = renderMarkup(drawPathPicture(stages, 'ipv6', 'across', say)).match(/class="mono">[^<]*/g)!
    expect(
      lines
        .slice(0, 3)
        .map((line) => line.slice(13))
        .join(''),
    ).toBe(address)
  })

  test('shows what a network says harmlessly', () => {
    const stages = path.map((stage) => ({ ...stage, address: '<script>"\u202e' }))
    expect(renderMarkup(drawPathPicture(stages, 'ipv4', 'down', say))).not.toMatch(/<script|\u202e/)
  })
})

test.each([
  ['reachable', 'Strangers get in'],
  ['partly-reachable', 'Strangers get in to some ports only'],
  ['home-nat', 'Strangers do not get in'],
  ['no-vantage', 'Not known whether strangers get in'],
])('the headline of %s is: %s', (name, words) => {
  expect(page(SAMPLES[name]!, 'en')).toContain(`<h1>${words}</h1>`)
})

test('a headline claims no more than is proven', () => {
  const { reachable, 'home-nat': shut } = SAMPLES
  const doubted = reachable!.endpoints.map((each) => ({
    ...each,
    caveats: ['address-dependent-filter-not-excluded'] as const,
  }))
  expect(page({ ...reachable!, endpoints: doubted }, 'en')).toContain('<h1>Reachable, though not proven for complete')
  const [first, second] = shut!.endpoints
  const half = [first!, { ...second!, reachable: 'unknown' as const }]
  expect(page({ ...shut!, endpoints: half }, 'en')).toContain('<h1>Strangers do not get in to some ports</h1>')
})

test('markup escapes attributes and text', () => {
  expect(renderMarkup(el('p', { title: '"><b>', hidden: true, id: null }, '<&>'))).toBe(
    '<p title="&quot;&gt;&lt;b&gt;" hidden>&lt;&amp;&gt;</p>',
  )
})

/** Without tags and backticks, entities undone. */
function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('`', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
