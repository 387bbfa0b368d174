import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What npm would put into the package, of the build that is here. */
function packed(): readonly string[] {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' })
  return JSON.parse(told)[0].files.map((file: { readonly path: string }) => file.path)
}

test('every program in the package finds in it what it imports and starts', { timeout: 60_000 }, () => {
  const files = new Set(packed())
  const programs = [...files].filter((path) => path.endsWith('.js') && !path.startsWith('dist/web/'))
  const wanted = programs.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+\.js)["']/g)]
    return imports.map(([, to]) => normalize(join(dirname(path), to!)))
  })
  expect(wanted.length).toBeGreaterThan(50)
  // Started or read by path: the lab's programs, the process that checks for a watch, the page, the built-in network.
  wanted.push('dist/cli/main.js', 'dist/index.js', 'dist/index.d.ts', 'dist/lab/guest.js', 'dist/lab/delay-line.js')
  wanted.push('dist/watch/work-process.js', 'dist/web/index.html', 'topologies/home-nat.yaml', 'docs/explain/fr.md')
  expect([...new Set(wanted)].filter((path) => !files.has(path))).toEqual([])
  // Their sources are not in the package.
  expect([...files].filter((path) => path.endsWith('.map'))).toEqual([])
})
