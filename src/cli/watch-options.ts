import { planOf } from '../plan-of.ts'
import { alertChannels } from './alert-channels.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import type { Io } from './io.ts'
import { parseListen } from './listen-at.ts'
import { readSettings } from './settings.ts'

const { json: _oneReport, ...ASKED } = CHECK_FLAGS
export const WATCH_FLAGS = {
  ...ASKED,
  listen: { type: 'string' },
  'alert-webhook': { type: 'string' },
  'alert-command': { type: 'string' },
  'alert-email': { type: 'string' },
} as const

/** Their values, as `readArguments` gives them. */
export type WatchFlagValues = Parameters<typeof readCheckOptions>[0] & {
  readonly [name in 'listen' | 'alert-webhook' | 'alert-command' | 'alert-email']?: string | undefined
}

const DEFAULT_LISTEN = '127.0.0.1:9788'

/** What flags, variables and settings file ask of a watch. `PeerwayError` `bad-input` for what cannot be. */
export async function readWatchOptions(values: WatchFlagValues, io: Io) {
  const asked = await readCheckOptions(values, io)
  planOf(asked)
  const flags = {
    listen: values.listen,
    alertWebhook: values['alert-webhook'],
    alertCommand: values['alert-command'],
    alertEmail: values['alert-email'],
  }
  const { listen, alerts } = await readSettings(flags, io)
  return { asked, listen: parseListen(listen ?? DEFAULT_LISTEN), channels: alertChannels(alerts) }
}
