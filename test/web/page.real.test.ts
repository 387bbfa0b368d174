import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../src/report/html/render-html.ts'
import { buildReport } from '../../src/report/report.ts'
import { SAMPLES } from '../report/samples.ts'
import { HOUR, withFirewall } from '../watch/home.ts'
import { expectAccessible, missingForBrowser, openBrowser, openPage } from './browser.ts'
import { servedHome, TOKEN } from './served-home.ts'

const missing = missingForBrowser()
/** The vantage has one address, and the watch has spoken to it before. */
const TO_KNOWN = [
  'Reachable, though not proven for complete strangers',
  'Joignable, sans preuve pour de parfaits inconnus',
] as const
const NOT_IN = ['Strangers do not get in', "Les inconnus n'entrent pas"] as const

const LOOKS = {
  light: {},
  dark: { colorScheme: 'dark' },
  'on a phone': { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true },
  'in French': { locale: 'fr-FR' },
  'dark, in French': { locale: 'fr-FR', colorScheme: 'dark' },
} as const

describe.skipIf(missing)(`the page in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let opened: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    // A name of somebody else's that was made to lead here.
    opened = await openBrowser(['--host-resolver-rules=MAP evil.example 127.0.0.1'])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  describe.each([
    ['reachable', 'pcp', undefined, ['light', 'dark', 'on a phone', 'in French']],
    ['blocked', '', undefined, ['light', 'dark']],
    ['blocked, with a plan', 'pcp', withFirewall, ['on a phone', 'dark, in French']],
  ] as const)('%s', (state, protocols, change, looks) => {
    const [english, french] = state === 'reachable' ? TO_KNOWN : NOT_IN
    let home: Awaited<ReturnType<typeof servedHome>>
    beforeAll(async () => {
      home = await servedHome(protocols, change)
    })
    afterAll(() => home?.[Symbol.asyncDispose]())

    test.each(looks)('is understood at once, and by everybody: %s', async (look) => {
      const isFrench = look.includes('French')
      const { page, problems, requests } = await openPage(opened.browser, home.url, LOOKS[look])
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.locator('.plot canvas').first().waitFor()
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(isFrench ? french : english)
      expect(await page.locator('html').getAttribute('lang')).toBe(isFrench ? 'fr' : 'en')
      // The verdict and the beginning of the picture are seen without scrolling, and nothing has to be scrolled sideways.
      const picture = page.locator('.picture:visible').first()
      expect((await picture.boundingBox())!.y).toBeLessThan(page.viewportSize()!.height * 0.6)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      await expectAccessible(page)
      expect(problems).toEqual([])
      expect(requests.filter((url) => !url.startsWith(home.url))).toEqual([])
      await page.context().close()
    })
  })

  test('the plan is made by a button, with its steps, and taken back by another', async () => {
    await using home = await servedHome('pcp', withFirewall)
    const { page, problems } = await openPage(opened.browser, home.url)
    const rules = () => JSON.stringify(home.machines.get('node')!.rulesets)
    const before = rules()
    await page.locator('#plan').getByRole('button', { name: 'Open the way' }).click()
    const dialog = page.getByRole('dialog', { name: 'The token, please' })
    await dialog.getByLabel('Token').fill('not the token')
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await dialog.getByText('That is not the token.').waitFor()
    await dialog.getByLabel('Token').fill(TOKEN)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    const steps = page.getByRole('list', { name: 'Steps' })
    await steps.getByText('Make the changes').waitFor()
    await steps.getByText('Prove it from outside').waitFor()
    await page.getByRole('heading', { level: 1, name: /^Strangers get in$|^Reachable/ }).waitFor()
    await page.getByText('Made, and strangers get in with it.').first().waitFor()
    await expectAccessible(page)
    expect(rules()).not.toBe(before)
    expect(home.openings()).not.toEqual([])

    await page.getByRole('button', { name: 'Take everything back' }).click()
    const question = page.getByRole('dialog', { name: 'Take this back?' })
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Take back' }).click()
    await page.getByRole('status').getByText('Taken back.').first().waitFor()
    await page.getByText('None. Nothing on this host or in its router was changed.').waitFor()
    expect(rules()).toBe(before)
    expect(home.openings()).toEqual([])
    expect(problems.filter((text) => !text.includes('401'))).toEqual([])
    await page.context().close()
  })

  test('all of it is done by keyboard, and what has the focus is seen', async () => {
    await using home = await servedHome('pcp', withFirewall)
    const { page } = await openPage(opened.browser, home.url)
    await page.locator('.plot canvas').first().waitFor()
    const walked = await walk(page)
    for (const name of ['Language', 'Light or dark', 'Open the way', 'Check now', 'Week', 'Zoom in', 'Earlier']) {
      expect(walked, name).toContain(name)
    }
    await page.locator('#plan button').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.getByLabel('Token').evaluate((field) => field === document.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await page.locator('#plan button').evaluate((button) => button === document.activeElement)).toBe(true)
    await page.context().close()
  })

  test('what was measured is seen nearer by a drag over a plot, and by buttons', async () => {
    await using home = await servedHome('pcp')
    const { page } = await openPage(opened.browser, home.url)
    const plot = page.locator('.plot').first()
    await plot.locator('canvas').waitFor()
    const day = page.getByRole('button', { name: 'Day' })
    expect(await day.getAttribute('aria-pressed')).toBe('true')
    const asked = page.waitForRequest((request) => widthOf(request.url()) < 23 * HOUR)
    await plot.scrollIntoViewIfNeeded()
    const over = (await plot.locator('.u-over').boundingBox())!
    await page.mouse.move(over.x + over.width * 0.5, over.y + 5)
    await page.mouse.down()
    await page.mouse.move(over.x + over.width * 0.75, over.y + 5, { steps: 4 })
    await page.mouse.up()
    const widthMs = widthOf((await asked).url())
    expect(widthMs / HOUR).toBeCloseTo(6, 0)
    expect(await day.getAttribute('aria-pressed')).toBe('false')
    const nearer = page.waitForRequest((request) => widthOf(request.url()) < 4 * HOUR)
    await page.getByRole('button', { name: 'Zoom in' }).click()
    expect(widthOf((await nearer).url())).toBeCloseTo(widthMs / 2, -2)
    await page.context().close()
  })

  test('a plot is moved by one finger and spread by two, and up and down they scroll the page', async () => {
    await using home = await servedHome('pcp')
    const { page, problems } = await openPage(opened.browser, home.url, LOOKS['on a phone'])
    const plot = page.locator('.plot').first()
    await plot.locator('canvas').waitFor()
    const touch = await fingersOn(page, plot.locator('.u-over'))
    const [moved] = await Promise.all([stretchAsked(page), touch([[0.3, 0.3]], [[0.8, 0.3]])])
    expect((moved.until - moved.since) / HOUR).toBeCloseTo(24, 0)
    // Nothing was measured then.
    await plot.waitFor({ state: 'detached' })
    const day = page.getByRole('button', { name: 'Day' })
    const [today] = await Promise.all([stretchAsked(page), day.click()])
    expect((today.until - moved.until) / HOUR).toBeCloseTo(12, 0)

    await plot.locator('canvas').waitFor()
    const [apart, further] = [
      [0.4, 0.6],
      [0.2, 0.8],
    ].map((two) => two.map((right): Place => [right, 0.5]))
    const [spread] = await Promise.all([stretchAsked(page), touch(apart!, further!)])
    expect((spread.until - spread.since) / HOUR).toBeCloseTo(8, 0)
    expect((today.until - spread.until) / HOUR).toBeCloseTo(8, 0)

    await Promise.all([stretchAsked(page), day.click()])
    await plot.locator('canvas').waitFor()
    const before = await page.evaluate(() => scrollY)
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('series=')) asked++
    })
    await touch([[0.5, 0.9]], [[0.5, -3]])
    await page.waitForFunction((from) => scrollY > from, before)
    expect(asked).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('a language and colours that were chosen stay', async () => {
    await using home = await servedHome('pcp')
    const { page } = await openPage(opened.browser, home.url)
    await page.getByLabel('Language').selectOption('Français')
    await page.getByRole('heading', { level: 1, name: 'Joignable' }).waitFor()
    await page.getByLabel('Clair ou sombre').selectOption('Sombre')
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    // The page is drawn anew a moment after the choice.
    await expect.poll(ground).toBe('rgb(16, 21, 19)')
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Joignable' }).waitFor()
    expect(await ground()).toBe('rgb(16, 21, 19)')
    await page.context().close()
  })

  test('a name that was made to lead here, and other sites, see nothing and change nothing', async () => {
    await using home = await servedHome('pcp')
    const { page } = await openPage(opened.browser, 'about:blank')
    const rebound = await page.goto(`http://evil.example:${home.port}/api/state`)
    expect([rebound!.status(), await rebound!.text()]).toMatchObject([421, expect.not.stringContaining('192.168')])

    const foreign = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<p>other'))
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
    try {
      await page.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`)
      const seen = await page.evaluate(async (url) => {
        const attempt = (what: Promise<unknown>) => what.then(String, () => 'refused')
        const read = attempt(fetch(`${url}api/state`).then((answer) => answer.text()))
        const simple = { method: 'POST', mode: 'no-cors', body: '{"changes":"all"}' } as const
        const change = attempt(fetch(`${url}api/undo`, simple).then(({ type }) => type))
        const script = new Promise((resolve, reject) => {
          const element = document.createElement('script')
          element.onload = resolve
          element.onerror = reject
          element.src = `${url}api/state`
          document.body.append(element)
        })
        const events = new Promise((resolve, reject) => {
          const source = new EventSource(`${url}api/events`)
          source.onmessage = source.onopen = resolve
          source.onerror = reject
        })
        return Promise.all([read, change, attempt(script), attempt(events)])
      }, home.url)
      expect(seen).toEqual(['refused', 'refused', 'refused', 'refused'])
      await page.evaluate((url) => {
        const frame = document.createElement('iframe')
        frame.src = url
        document.body.append(frame)
      }, home.url)
      await page.waitForTimeout(300)
      const framed = page.frames().find((frame) => frame !== page.mainFrame())!
      expect(await framed.content().catch(() => '')).not.toContain('peerway')
      expect(home.openings()).toHaveLength(2)
    } finally {
      foreign.close()
    }
    await page.context().close()
  })

  test('a watch that has ended is told, and what it said last stays', async () => {
    const home = await servedHome('pcp')
    const { page } = await openPage(opened.browser, home.url)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await home[Symbol.asyncDispose]()
    await page.getByText('peerway does not answer at the moment.').waitFor()
    expect(await page.getByRole('button', { name: 'Check now' }).isDisabled()).toBe(true)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(TO_KNOWN[0])
    await page.context().close()
  })

  test.each(['home-nat', 'no-vantage'])('a file for helpers shows %s alone', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'peerway-html-'))
    try {
      const diagnosis = SAMPLES[name]!
      const at = '2026-11-21T10:00:00Z'
      const report = buildReport(diagnosis, { version: '0.1.0', at, durationMs: 1830, language: 'en' })
      const file = join(folder, 'report.html')
      writeFileSync(file, renderHtml(diagnosis, report, 'en'))
      for (const options of [{}, { colorScheme: 'dark', viewport: { width: 375, height: 800 } }] as const) {
        const { page, problems, requests } = await openPage(opened.browser, `file://${file}`, options)
        await expectAccessible(page)
        expect(await page.locator('.picture:visible').count()).toBe(1)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
        expect([problems, requests]).toEqual([[], [`file://${file}`]])
        await page.context().close()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Of the stretch of time that a page asks for, in milliseconds; infinite for what is no such question. */
function widthOf(url: string): number {
  const query = new URL(url).searchParams
  return query.has('series') ? Number(query.get('until')) - Number(query.get('since')) : Number.POSITIVE_INFINITY
}

/** The next stretch of time that the page asks for. */
async function stretchAsked(page: Page): Promise<{ readonly since: number; readonly until: number }> {
  const request = await page.waitForRequest((one) => one.url().includes('series='))
  const query = new URL(request.url()).searchParams
  return { since: Number(query.get('since')), until: Number(query.get('until')) }
}

type Place = readonly [right: number, down: number]

/** Fingers that are put on `over`, moved and taken away; places are parts of its width and height. */
async function fingersOn(page: Page, over: Locator) {
  const session = await page.context().newCDPSession(page)
  return async (from: readonly Place[], to: readonly Place[]) => {
    await over.evaluate((element) => element.scrollIntoView({ block: 'center' }))
    const { x, y, width, height } = (await over.boundingBox())!
    const at = (part: number) => {
      return from.map(([right, down], index) => {
        const [toRight, toDown] = to[index]!
        return {
          x: x + width * (right + part * (toRight - right)),
          y: y + height * (down + part * (toDown - down)),
          id: index,
        }
      })
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) })
    for (const part of [0.1, 0.25, 0.5, 0.75, 1]) {
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(part) })
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
}

const MOST_STOPS = 80

/** The names of what Tab comes by, once around; each must show that it has the focus. */
async function walk(page: Page): Promise<readonly string[]> {
  const names: string[] = []
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement!
      if (element === document.body) return null
      const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
      return { name: name.trim(), isSeen: getComputedStyle(element).outlineStyle !== 'none' }
    })
    if (at === null) break
    expect(at.isSeen, at.name).toBe(true)
    names.push(at.name)
  }
  return names
}
