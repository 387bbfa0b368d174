import { errorText, PeerwayError } from '../model/error.ts'
import { type MessageParams, message } from '../model/message.ts'
import { changeText } from '../report/change-text.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { wrap } from '../report/wrap.ts'
import { listChanges, type UndoneChange, undo } from '../undo.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command, Io } from './io.ts'
import { readSettings, requireStateFolder } from './settings.ts'

const OPTIONS = { all: { type: 'boolean' }, lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** More than anybody will type. */
const MOST_IDS = 1024

export const runUndo: Command = async (args, io) => {
  const { values, positionals } = readArguments('undo', args, OPTIONS, MOST_IDS)
  if (values.help) return showHelp('undo', io, values.lang)
  if (values.all && positionals.length > 0) throw new PeerwayError('bad-input', errorText('error.undo-both'))
  const { language } = await readSettings(values, io)
  const folder = requireStateFolder(io)
  if (!values.all && positionals.length === 0) return list(folder, language, io)

  const undone = await undo(values.all ? 'all' : positionals, folder)
  const lines = undone.map((one) => line(one, language))
  print(lines.length === 0 ? [say('undo.nothing', {}, language)] : lines, io)
  return undone.some(({ outcome }) => outcome === 'left') ? 1 : 0
}

/** Lists, for whoever forgot; that nothing was done is wrong usage where there was something to do. */
async function list(folder: string, language: Language, io: Io): Promise<number> {
  const entries = await listChanges(folder)
  if (entries.length === 0) {
    print([say('undo.nothing', {}, language)], io)
    return 0
  }
  print(
    entries.map(({ change }) => `${change.id}: ${renderMessage(changeText(change), language)}`),
    io,
  )
  throw new PeerwayError('bad-input', errorText('error.undo-which'))
}

function line(one: UndoneChange, language: Language): string {
  const what = `${one.entry.change.id}: ${renderMessage(changeText(one.entry.change), language)}`
  return `${what} ${say(`undo.${one.outcome}`, one.outcome === 'left' ? { why: one.why } : {}, language)}`
}

function say(id: string, params: MessageParams, language: Language): string {
  return renderMessage(message(id, params), language)
}

function print(paragraphs: readonly string[], io: Io): void {
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, { width: io.stdout.columns }))
  io.stdout.write(`${lines.join('\n')}\n`)
}
