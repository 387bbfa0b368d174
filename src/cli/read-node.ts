import { readFileSync, statSync } from 'node:fs'
import { errorText, PeerwayError } from '../model/error.ts'
import type { OwnKind } from '../nodes/own-kind.ts'
import { type CheckOptions, parseNodeKind } from '../plan-of.ts'

const MOST_BYTES = 262_144

/** The value of `--node`: a kind, or the path of a file that describes one of the user's own. */
export async function readNode(text: string | undefined): Promise<CheckOptions['node']> {
  return text !== undefined && /\.ya?ml$/.test(text) ? readOwnKind(text) : parseNodeKind(text)
}

/** Few have one, so its reader is loaded here. */
async function readOwnKind(path: string): Promise<OwnKind> {
  const { parseOwnKind } = await import('../nodes/parse-own-kind.ts')
  const parsed = parseOwnKind(readText(path), path)
  if (parsed.ok) return parsed.value
  const { problemsMessage } = await import('../topology/problem.ts')
  throw new PeerwayError('bad-input', problemsMessage(parsed.problems))
}

function readText(path: string): string {
  try {
    // A pipe or a device would be read for ever.
    const file = statSync(path)
    if (!file.isFile()) throw new PeerwayError('bad-input', errorText('error.no-file', { path }))
    if (file.size > MOST_BYTES) {
      throw new PeerwayError('bad-input', errorText('error.too-long', { path, maxBytes: MOST_BYTES }))
    }
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof PeerwayError) throw cause
    const errno = (cause as NodeJS.ErrnoException).code
    throw new PeerwayError('bad-input', errorText('error.node-unreadable', { path, errno }), { cause })
  }
}
