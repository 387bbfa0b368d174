import type { Files } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'

/** Files in memory, gone with the world. */
export function simFiles(): Files {
  const texts = new Map<string, string>()
  const locks = new Set<string>()
  return {
    async read(path, { maxBytes }) {
      const text = texts.get(path)
      if (text === undefined || new TextEncoder().encode(text).length <= maxBytes) return text
      throw new PeerwayError('bad-input', errorText('error.too-long', { path, maxBytes }))
    },
    async replace(path, text) {
      texts.set(path, text)
    },
    async remove(path) {
      texts.delete(path)
    },
    async tidy() {},
    async lock(path) {
      if (locks.has(path)) throw new PeerwayError('busy', errorText('error.held', { path }))
      locks.add(path)
      return { [Symbol.asyncDispose]: async () => void locks.delete(path) }
    },
  }
}
