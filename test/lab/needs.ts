import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Why a test with real networks cannot run on this machine; undefined when it can. With CI=true nothing may be
 * missing, so that a machine of the project never skips silently.
 */
export function missingFor(...tools: readonly string[]): string | undefined {
  const missing = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(existsSync(new URL('../../dist/cli/main.js', import.meta.url)) ? [] : ['a build (npm run build)']),
    ...['ip', 'nft', 'nsenter', ...tools].filter((tool) => !isInstalled(tool)),
  ]
  if (missing.length === 0) return undefined
  const reason = `needs ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(`this test ${reason}, and CI must not skip it`)
  return reason
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
