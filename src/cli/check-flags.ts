import type { CheckOptions } from '../plan-of.ts'
import type { Language } from '../report/render-message.ts'
import type { Io } from './io.ts'
import { readNode } from './read-node.ts'
import { readSettings } from './settings.ts'

/** The flags of every command that checks. */
export const CHECK_FLAGS = {
  port: { type: 'string', multiple: true },
  node: { type: 'string' },
  announce: { type: 'string', multiple: true },
  vantage: { type: 'string', multiple: true },
  deep: { type: 'boolean' },
  redact: { type: 'boolean' },
  json: { type: 'boolean' },
  lang: { type: 'string' },
} as const

/** Of the commands whose report can also be written as a page. */
export const HTML_FLAG = { html: { type: 'string' } } as const

/** Their values, as `readArguments` gives them. */
export interface CheckFlagValues {
  readonly port?: readonly string[] | undefined
  readonly node?: string | undefined
  readonly announce?: readonly string[] | undefined
  readonly vantage?: readonly string[] | undefined
  readonly deep?: boolean | undefined
  readonly lang?: string | undefined
}

/** What is asked for by flags, variables and settings file together; the folder for state is not opened yet. */
export async function readCheckOptions(
  values: CheckFlagValues,
  io: Io,
): Promise<CheckOptions & { language: Language }> {
  const { node, ports, vantages, stunServers, language } = await readSettings(values, io)
  return {
    node: await readNode(node),
    announced: values.announce,
    ports,
    vantages,
    stunServers,
    deep: values.deep,
    language,
  }
}
