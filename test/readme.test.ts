import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { example, readme } from './readme.ts'

test('begins with what it does and the two command lines for a fresh machine', () => {
  const [main, tests] = [1, 2].map((line) => execFileSync('.ci/readme-command', [String(line)], { encoding: 'utf8' }))
  expect(main).toMatch(/^npm ci && npm run build && node dist\/cli\/main\.js sim$/m)
  expect(tests).toBe('npm ci && npm test\n')
  expect(readme.indexOf(main!)).toBeLessThan(1500)
})

test('links only to files that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path!)
  expect(links.length).toBeGreaterThan(2)
  expect(links.filter((path) => !existsSync(path))).toEqual([])
})

test('its example compiles against the programming interface', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-readme-'))
  try {
    writeFileSync(join(folder, 'example.ts'), example)
    const compilerOptions = {
      paths: { peerway: [resolve('src/index.ts')] },
      typeRoots: [resolve('node_modules/@types')],
    }
    const config = { extends: resolve('tsconfig.json'), compilerOptions, include: [], files: ['example.ts'] }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    execFileSync(resolve('node_modules/.bin/tsc'), ['-p', folder], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
