import { defineConfig } from 'rolldown'

/**
 * The command and the programming interface, each in a few files instead of hundreds, which makes starting several times faster.
 * What is loaded when it is asked for stays in files of its own, in a folder as deep as those that it came from, so that
 * paths beside a module's own (`import.meta.url`) still lead there. In place of what the compiler wrote: the rest of dist/ is
 * for the lab's own programs, and for benchmarks.
 */
export default defineConfig({
  input: { 'cli/main': 'dist/cli/main.js', index: 'dist/index.js' },
  platform: 'node',
  external: [/^node:/, 'saxes', 'yaml'],
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
})
