import { defineConfig } from 'vite'
import { REPORT_STYLE } from '../src/report/html/style.ts'

const STYLE = 'virtual:report.css'

/** The page of `peerway watch`. Its style begins with that of the files that `peerway check --html` writes. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    {
      name: 'report-style',
      resolveId: (id) => (id === STYLE ? `\0${STYLE}` : undefined),
      load: (id) => (id === `\0${STYLE}` ? REPORT_STYLE : undefined),
    },
  ],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows neither scripts in the page nor files in its style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
