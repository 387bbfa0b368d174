import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Has V8 collect all that is not needed any more, and give the memory back. By itself it does so when it runs short of it, which a
 * watch that does next to nothing never does: it would keep for days what its start and a check have taken.
 */
export function giveMemoryBack(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
