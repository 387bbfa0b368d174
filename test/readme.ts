import { readFileSync } from 'node:fs'

export const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The README's example of the programming interface. */
export const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!

/** What the README says that its first command line prints. */
export const shownOutput = /```text\n([\s\S]*?)```/.exec(readme)![1]!
