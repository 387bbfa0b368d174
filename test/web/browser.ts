import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'

/** Nothing of a browser that speaks to anybody by itself. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why no page can be shown on this machine; undefined where one can. With CI=true nothing may be missing. */
export function missingForBrowser(): string | undefined {
  const missing = [
    ...(existsSync(CHROMIUM) ? [] : ['chromium']),
    ...(existsSync(new URL('../../dist/web/index.html', import.meta.url)) ? [] : ['a build (npm run build)']),
  ]
  if (missing.length === 0) return undefined
  const reason = `needs ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(`this test ${reason}, and CI must not skip it`)
  return reason
}

/** A browser with a profile of its own. `flags`: more of them. `before`: a command that runs it, as in a namespace. */
export async function openBrowser(
  flags: readonly string[] = [],
  before: readonly string[] = [],
): Promise<AsyncDisposable & { readonly browser: Browser }> {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-browser-'))
  const executablePath = before.length === 0 ? CHROMIUM : join(folder, 'chromium')
  if (before.length > 0) {
    writeFileSync(executablePath, `#!/bin/sh\nexec ${before.join(' ')} ${CHROMIUM} "$@"\n`, { mode: 0o755 })
  }
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
  return {
    browser,
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A page that remembers what its security policy refused, and what went wrong in it. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return { page, problems, requests }
}

/** No rule of WCAG 2.2 A and AA that axe can judge is broken. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await page.evaluate(
    (values) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: 'tag', values } }),
    tags,
  )
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}
