import { defineConfig } from 'rolldown'

/**
 * The command, the programming interface, the process in which `watch` checks and the lab's own programs, each in a few
 * files instead of hundreds, which halves what starting takes.
 * What is loaded when it is asked for stays in files of its own, in a folder as deep as those that it came from, so that
 * paths beside a module's own (`import.meta.url`) still lead there. In place of what the compiler wrote: the rest of dist/ is
 * for benchmarks, and is not part of the package.
 */
export default defineConfig({
  input: {
    'cli/main': 'dist/cli/main.js',
    index: 'dist/index.js',
    'watch/work-process': 'dist/watch/work-process.js',
    'lab/guest': 'dist/lab/guest.js',
    'lab/delay-line': 'dist/lab/delay-line.js',
  },
  platform: 'node',
  external: [/^node:/, 'saxes', 'yaml', 'libsql'],
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
})
