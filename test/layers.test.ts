import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { layerViolations } from './layers.ts'

describe('the rooms of src/', () => {
  const paths = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))

  test('import only downward and leave the machine to Host', () => {
    expect(paths.length).toBeGreaterThan(10)
    expect(paths.flatMap((path) => layerViolations(path, readFileSync(`src/${path}`, 'utf8')))).toEqual([])
  })
})

test('the page takes from src/ what a browser can run, and types', () => {
  const files = readdirSync('web/src').filter((file) => /\.tsx?$/.test(file))
  const taken = files.flatMap((file) => {
    const source = readFileSync(`web/src/${file}`, 'utf8')
    return [...source.matchAll(/^import (?!type )[^']*'\.\.\/\.\.\/src\/([^']+)'/gm)].map(([, path]) => path!)
  })
  expect(taken.length).toBeGreaterThan(5)
  expect(taken.filter((path) => !/^(report|model)\//.test(path))).toEqual([])
})

describe('a layer violation is found and told', () => {
  const cases: readonly [what: string, path: string, source: string, told: string | undefined][] = [
    ['an arrow upward', 'wire/x.ts', `import { a } from '../probe/a.ts'`, 'wire lies below probe'],
    ['a type that comes from above', 'model/x.ts', `import type { A } from '../host/host.ts'`, 'model lies below host'],
    ['a dynamic import upward', 'probe/x.ts', `await import('../cli/run.ts')`, 'probe lies below cli'],
    ['an export from above', 'host/x.ts', `export { a } from '../sim/a.ts'`, 'host lies below sim'],
    ['an arrow down', 'probe/x.ts', `import { a } from '../wire/a.ts'`, undefined],
    ['a neighbour', 'wire/stun/x.ts', `import { a } from '../bytes.ts'`, undefined],
    ['the lab, by the api', 'check.ts', `import { a } from './lab/a.ts'`, 'lab is imported by cli alone'],
    ['the system host, by a probe', 'probe/x.ts', `import { o } from '../host/os/o.ts'`, 'only entry points'],
    ['the system host, by the api', 'check.ts', `import { o } from './host/os/os-host.ts'`, undefined],
    ['node:fs in a probe', 'probe/x.ts', `import { readFileSync } from 'node:fs'`, 'imports node:fs'],
    ['a whole node:crypto', 'wire/x.ts', `import * as crypto from 'node:crypto'`, 'imports node:crypto'],
    ['a hash', 'wire/x.ts', `import { createHmac } from 'node:crypto'`, undefined],
    ['randomness', 'wire/x.ts', `import { randomBytes } from 'node:crypto'`, 'only hashes of node:crypto'],
    ['randomness without an import', 'wire/x.ts', `crypto.randomUUID()`, 'use host.random'],
    ['a date', 'report/x.ts', `const d = new Date(at)`, 'use host.clock.nowMs()'],
    ['a timer', 'vantage/x.ts', `setTimeout(f, 1)`, 'use host.clock.sleep()'],
    ['a deadline', 'vantage/x.ts', `AbortSignal.timeout(5)`, 'host.clock.sleep() with a signal'],
    ['a die', 'diagnose/x.ts', `Math.random()`, 'use host.random'],
    ['a fetch', 'nodes/x.ts', `await fetch(url)`, 'wire/http1'],
    ['the environment', 'report/x.ts', `process.env.HOME`, 'a capability of Host'],
    ['a date in a template', 'report/x.ts', `const t = \`\${Date.now()}\``, 'use host.clock.nowMs()'],
    [
      'words in comments and strings',
      'wire/x.ts',
      `// Date, 'setTimeout\n/* fetch( */ const a = 'Date' // it's`,
      undefined,
    ],
    ['all of it in host/os', 'host/os/x.ts', `import 'node:dgram'\nsetTimeout(f, Date.now())`, undefined],
  ]
  test.each(cases)('%s', (_, path, source, told) => {
    const found = layerViolations(path, source)
    if (told === undefined) expect(found).toEqual([])
    else expect(found.join('\n')).toContain(told)
  })
})
