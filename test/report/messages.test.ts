import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CAVEATS } from '../../src/model/diagnosis.ts'
import { errorText, PeerwayError } from '../../src/model/error.ts'
import { errorTexts } from '../../src/model/error-texts.ts'
import { message } from '../../src/model/message.ts'
import { OBSTACLE_STAGES, STAGES, WARNING_IDS } from '../../src/model/obstacle.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { en } from '../../src/report/messages/en.ts'
import { fr } from '../../src/report/messages/fr.ts'
import { pageEn } from '../../src/report/messages/page-en.ts'
import { LANGUAGES, type MessageId, renderMessage } from '../../src/report/render-message.ts'

const IDS = Object.keys(en) as MessageId[]
const SOURCES = new URL('../../src/', import.meta.url)

/** Ids as the code writes them: whole ones, and those with a part filled in (`obstacle.${id}`) as a pattern. */
function idsInCode(): { readonly file: string; readonly pattern: RegExp; readonly text: string }[] {
  const files = ['src', 'web/src'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => `${folder}/${file}`),
  )
  return files.flatMap((file) => {
    const code = readFileSync(file, 'utf8')
    const literals = file.startsWith('src/report/messages/')
      ? []
      : [...code.matchAll(/(['`])((?:[a-z0-9-]|\$\{[^}`]*\})+(?:\.(?:[a-z0-9-]|\$\{[^}`]*\})+)+)\1/g)]
    return literals.flatMap((match) => {
      const text = match[2]!
      if (!ROOMS.has(text.split('.')[0]!)) return []
      const source = text
        .split(/\$\{[^}]*\}/)
        .map(escapeRegExp)
        .join('[a-z0-9.-]+')
      return [{ file, text, pattern: new RegExp(`^${source}$`) }]
    })
  })
}

const ROOMS = new Set(IDS.map((id) => id.split('.')[0]!))

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

describe('ids', () => {
  const used = idsInCode()

  test('every id that the code says is in the catalogue', () => {
    const missing = used.filter(({ pattern }) => !IDS.some((id) => pattern.test(id)))
    expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
  })

  test('every sentence of the page is said', () => {
    const unsaid = IDS.filter((id) => id.startsWith('page.') && !used.some(({ pattern }) => pattern.test(id)))
    expect(unsaid).toEqual([])
  })

  test('a browser has every sentence that the page and its drawings say', () => {
    const drawn = used.filter(({ file }) => /^(web|src\/report\/html)\//.test(file))
    const missing = drawn.filter(({ pattern }) => !Object.keys(pageEn).some((id) => pattern.test(id)))
    expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
  })

  test.each([
    ['obstacle', Object.keys(OBSTACLE_STAGES)],
    ['warning', WARNING_IDS],
    ['remedy', REMEDY_IDS],
    ['caveat', CAVEATS],
    ['stage', STAGES],
    ['stopped-at', STAGES],
  ])('every %s has its sentence, and none is left over', (room, names) => {
    const known = IDS.filter((id) => id.startsWith(`${room}.`)).map((id) => id.slice(room.length + 1))
    expect(known.filter((name) => name !== 'stranger').toSorted()).toEqual([...names].toSorted())
  })
})

describe('errors', () => {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('model/error'))
    .map((file) => [file, readFileSync(new URL(file, SOURCES), 'utf8')] as const)

  test('are told by an id, so that they have a language', () => {
    const plain = sources.filter(([, code]) => /new PeerwayError\(\s*[^,()]+,\s*['"`]/.test(code))
    expect(plain.map(([file]) => file)).toEqual([])
  })

  test('every one of them is said somewhere', () => {
    const said = sources.map(([, code]) => code).join('\n')
    const patterns = idsInCode().map(({ pattern }) => pattern)
    const unsaid = Object.keys(errorTexts).filter(
      (id) => !said.includes(`'${id}'`) && !patterns.some((one) => one.test(id)),
    )
    expect(unsaid.filter((id) => !id.startsWith('error.of.task-'))).toEqual([])
  })

  test('one inside another is in the same language', () => {
    const error = new PeerwayError(
      'bad-input',
      errorText('error.server', { text: 'x', problem: errorText('error.of.server-port') }),
    )
    expect(error.message).toBe('"x" is not a server: its port is not 1 to 65535')
    expect(renderMessage(error.told, 'fr').replaceAll('\u00a0', ' ')).toBe(
      "« x » n'est pas un serveur : le port n'est pas compris entre 1 et 65535",
    )
    expect(error.facts).toEqual({ text: 'x' })
  })
})

test('every step of a check or a repair has a name', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  const stepping = files.filter((file) => file === 'fix.ts' || /^probe\/.*\.ts$/.test(file))
  const steps = stepping.flatMap((file) => {
    const code = readFileSync(new URL(file, SOURCES), 'utf8')
    return [...code.matchAll(/(?:(?:notebook\.|#)step\(|\bstep: )'([a-z-]+)'/g)].map((match) => match[1])
  })
  expect(steps.length).toBeGreaterThan(10)
  const named = IDS.filter((id) => id.startsWith('progress.')).map((id) => id.slice('progress.'.length))
  expect([...new Set(steps)].toSorted()).toEqual(named.toSorted())
})

describe.each(IDS)('%s', (id) => {
  test('French takes the parameters of English', () => {
    const names = (template: string) => [...new Set([...template.matchAll(/\{\??([^}#]*)/g)].map((match) => match[1]))]
    expect(names(fr[id]).toSorted()).toEqual(names(en[id]).toSorted())
  })

  test.each(LANGUAGES)('reads well in %s with and without its parameters', (language) => {
    const names = [...en[id].matchAll(/\{\??([^}#]*)/g)].map((match) => match[1]!)
    const bare = renderMessage(message(id), language)
    const full = renderMessage(message(id, Object.fromEntries(names.map((name) => [name, 7]))), language)
    for (const text of [bare, full]) {
      expect(text).not.toMatch(/undefined|null|\[object|[{}]| {2}| [,.]/)
    }
    expect(full).toContain(names.some((name) => en[id].includes(`{${name}}`)) ? '7' : '')
  })
})

test.each(IDS.filter((id) => /^(obstacle|settled-by|note|warning|stopped-at)\./.test(id)))(
  '%s needs no parameter',
  (id) => {
    for (const language of LANGUAGES) {
      expect(renderMessage(message(id), language).replaceAll(/\? |\?$/g, '')).not.toContain('?')
    }
  },
)

test('high punctuation does not break away in French', () => {
  const text = renderMessage(message('settled-by.router-table', { endpoints: 'udp/ipv4/4001' }), 'fr')
  expect(text).toMatch(/\u00a0\?$/)
})

test.each([
  ['udp/ipv4/4001', 'UDP 4001 (IPv4)'],
  ['udp/ipv4/4001, tcp/ipv4/4001', 'UDP and TCP 4001 (IPv4)'],
  ['udp/ipv4/4001, udp/ipv6/4001', 'UDP 4001'],
  ['tcp/ipv4/4001, tcp/ipv6/4001, udp/ipv6/4001', 'TCP 4001 (IPv4) and UDP and TCP 4001 (IPv6)'],
  ['tcp/ipv4/30333, tcp/ipv4/30334', 'TCP 30333, 30334 (IPv4)'],
  ['TCP 4001', 'TCP 4001'],
])('the endpoints %s are shown as %s', (endpoints, shown) => {
  expect(renderMessage(message('verdict.reachable', { endpoints }), 'en')).toBe(
    `Reachable: strangers get in to ${shown}.`,
  )
})

test('an id that nobody knows is shown, and harmlessly', () => {
  expect(renderMessage(message('no.such\u001bid'), 'en')).toBe('no.such\\x1bid')
})
