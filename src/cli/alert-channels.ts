import { errorText, PeerwayError } from '../model/error.ts'
import type { AlertChannel } from '../watch/alerts/alerter.ts'
import { commandChannel } from '../watch/alerts/command-channel.ts'
import { mailChannel } from '../watch/alerts/mail-channel.ts'
import { webhookChannel } from '../watch/alerts/webhook-channel.ts'
import type { Settings } from './settings.ts'

/** One address, in the form that needs no quoting: it becomes an argument and a line of a mail's head. */
const EMAIL = /^[A-Za-z0-9._+][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/

/** Whom the settings name. `PeerwayError` `bad-input` for what is no address, without repeating one that may be a secret. */
export function alertChannels({ webhook, command, email }: Settings['alerts']): readonly AlertChannel[] {
  return [
    ...(webhook === undefined ? [] : [webhookChannel(parseWebhook(webhook))]),
    ...(command === undefined ? [] : [commandChannel(checkCommand(command))]),
    ...(email === undefined ? [] : [mailChannel(checkEmail(email))]),
  ]
}

function parseWebhook(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new PeerwayError('bad-input', errorText('error.alert-webhook'))
}

function checkCommand(command: readonly string[]): readonly string[] {
  const [program = ''] = command
  if (program !== '' && !command.some((word) => word.includes('\0'))) return command
  throw new PeerwayError('bad-input', errorText('error.alert-command'))
}

function checkEmail(text: string): string {
  if (EMAIL.test(text)) return text
  throw new PeerwayError('bad-input', errorText('error.alert-email', { text, known: 'name@example.org' }))
}
