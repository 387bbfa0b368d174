import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void

/** Node.js 20, 22 and 24 know them all. */
const SMALL = ['--semi-space-growth-factor=1', '--no-sparkplug', '--no-maglev', '--no-opt'] as const

let collect: Collect | undefined

/**
 * To be called before most of the program is loaded. What is new gets 2 MB, and not up to 32 for the sake of speed; and nothing is
 * compiled, for a program that waits all day gains nothing from it, and the compilers themselves take 5 MB.
 */
export function keepSmall(): void {
  for (const flag of SMALL) setFlagsFromString(flag)
}

/**
 * Has V8 collect all that is not needed any more, and give the memory back. By itself it does so when it runs short of it, which a
 * watch that does next to nothing never does: it would keep for days what its start and a check have taken.
 */
export function giveMemoryBack(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
