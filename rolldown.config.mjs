import { defineConfig } from 'rolldown'

/** What is used of packages that are CommonJS. */
const COMMONJS = {
  saxes: ['SaxesParser'],
  yaml: ['isAlias', 'isMap', 'isScalar', 'isSeq', 'LineCounter', 'parseDocument', 'visit'],
  libsql: ['default'],
}

/** They are required: where one is imported Node looks for its names by a lexer in WebAssembly, which takes 8 MB and some ms. */
const required = {
  name: 'required',
  resolveId: (id) => (Object.hasOwn(COMMONJS, id) ? `\0${id}` : null),
  load(id) {
    const name = id.slice(1)
    if (!id.startsWith('\0') || !Object.hasOwn(COMMONJS, name)) return null
    const names = COMMONJS[name].map((each) => (each === 'default' ? 'default: its' : each))
    const exported = COMMONJS[name].map((each) => (each === 'default' ? 'its as default' : each))
    return `import { createRequire } from 'node:module'
const whole = createRequire(import.meta.url)('${name}')
const { ${names} } = { default: whole, ...whole }
export { ${exported} }`
  },
}

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
  plugins: [required],
  external: [/^node:/],
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
})
