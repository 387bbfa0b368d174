import { enHelp, type HelpTopic } from '../report/help/en.ts'
import { frHelp } from '../report/help/fr.ts'
import type { Language } from '../report/render-message.ts'
import type { Io } from './io.ts'
import { languageOf } from './settings.ts'

const HELP: Readonly<Record<Language, Readonly<Record<HelpTopic, string>>>> = { en: enHelp, fr: frHelp }

/**
 * Writes the help of a command in the language of `--lang`, else of the locale: whoever asks for help has not got as far as a
 * settings file. Returns the exit status.
 */
export function showHelp(topic: HelpTopic, { stdout, env }: Pick<Io, 'stdout' | 'env'>, lang?: string): number {
  stdout.write(helpText(topic, { env }, lang))
  return 0
}

export function helpText(topic: HelpTopic, { env }: Pick<Io, 'env'>, lang?: string): string {
  return HELP[languageOf(lang, env)][topic]
}
