import type { Host } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ChangeKind, FileChange } from '../change.ts'

/** Files that load rules or settings; longer ones are not touched. */
export const MOST_FILE_BYTES = 4 * 1024 * 1024

/** A file's text. */
export const file: ChangeKind<FileChange> = {
  async apply(host, change) {
    const text = await read(host, change)
    if (hasOurLines(text, change)) return change
    if (text !== change.from) throw new PeerwayError('busy', errorText('error.changed-since', { what: change.path }))
    await host.files.replace(change.path, change.to)
    return change
  },

  async state(host, change) {
    const text = await read(host, change)
    if (hasOurLines(text, change)) return 'present'
    return text === change.from || text === null ? 'absent' : 'altered'
  },

  async undo(host, change) {
    const { path, from, to } = change
    await host.files.tidy(path)
    const text = await read(host, change)
    if (text === from || text === null) return { outcome: 'was-gone' }
    if (text === to) {
      await (from === null ? host.files.remove(path) : host.files.replace(path, from))
      return { outcome: 'undone' }
    }
    const rest = withoutOurLines(text, change)
    if (rest === 'none') return { outcome: 'was-gone' }
    if (rest === 'changed') return { outcome: 'left', why: errorText('error.left.file-changed', { path }) }
    await host.files.replace(path, rest.text)
    return { outcome: 'undone' }
  },
}

async function read(host: Host, { path }: FileChange): Promise<string | null> {
  return (await host.files.read(path, { maxBytes: MOST_FILE_BYTES })) ?? null
}

/** As we left it, or with all that we added among what others did. */
function hasOurLines(text: string | null, change: FileChange): boolean {
  return (
    text === change.to || (text !== null && text !== change.from && typeof withoutOurLines(text, change) === 'object')
  )
}

type Rest = { readonly text: string } | 'none' | 'changed'

/** The text as somebody has changed it, without the lines that we added, where all of them stand there exactly once. */
function withoutOurLines(text: string, { from, to }: FileChange): Rest {
  const blocks = addedBlocks((from ?? '').split('\n'), to.split('\n'))
  if (blocks === undefined) return 'changed'
  let lines: readonly string[] = text.split('\n')
  if (blocks.flat().every((line) => line.trim() === '' || !lines.includes(line))) return 'none'
  for (const block of blocks) {
    const places = [...lines.keys()].filter((at) => block.every((line, index) => lines[at + index] === line))
    if (places.length !== 1) return 'changed'
    lines = lines.toSpliced(places[0]!, block.length)
  }
  return { text: lines.join('\n') }
}

/** Runs of lines that `to` has more than `from`; undefined where lines were taken away too. */
function addedBlocks(from: readonly string[], to: readonly string[]): readonly (readonly string[])[] | undefined {
  const blocks: string[][] = []
  let [next, isAdding] = [0, false]
  for (const line of to) {
    if (line === from[next]) {
      next++
      isAdding = false
      continue
    }
    if (isAdding) blocks.at(-1)!.push(line)
    else blocks.push([line])
    isAdding = true
  }
  return next === from.length ? blocks : undefined
}
