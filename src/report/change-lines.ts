import { message } from '../model/message.ts'
import type { ReportChange } from './change-report.ts'
import { painter } from './paint.ts'
import { renderMessage } from './render-message.ts'
import type { TextOptions } from './text.ts'
import { visible } from './visible.ts'
import { wrap } from './wrap.ts'

const NARROWEST = 40
const UPNP: readonly string[] = ['map-port-upnp', 'open-pinhole-upnp']

/** The changes of a repair for people, with how each is taken back; ends in a newline, and is empty without any. */
export function renderChanges(changes: readonly ReportChange[], options: TextOptions): string {
  if (changes.length === 0) return ''
  const width = Math.max(NARROWEST, options.width)
  const paint = painter(options.color)
  const say = (id: string, params = {}) => renderMessage(message(id, params), options.language)
  const isPlan = changes.every(({ state }) => state === 'planned')
  const lines = changes.flatMap(({ id, kind, state, isProven, text, why, expiresAt, untilReboot }, index) => [
    ...wrap(`${id === null ? '' : `${id}: `}${text}`, { width, prefix: `  ${index + 1}. ` }),
    ...(isPlan
      ? []
      : wrap(
          say(
            `change-state.${state === 'kept' && !isProven ? (kind === 'node-value' ? 'held' : 'cleared') : state}`,
            why === null ? {} : { why: visible(why) },
          ),
          { width, prefix: '     ' },
        )),
    ...(untilReboot && state !== 'taken-back' ? wrap(say('text.until-reboot'), { width, prefix: '     ' }) : []),
    ...(expiresAt === null ? [] : wrap(say('text.expires', { time: expiresAt }), { width, prefix: '     ' })),
  ])
  const byUpnp = changes.some(({ remedy, state }) => state !== 'taken-back' && UPNP.includes(remedy))
  const warning = byUpnp ? wrap(say('step.upnp-warning'), { width, prefix: '  ' }) : []
  const stays = changes.some(({ state }) => state === 'kept' || state === 'left')
  const closing = stays ? wrap(say('text.take-back', { command: 'peerway undo --all' }), { width, prefix: '  ' }) : []
  return `${[paint('bold', say(isPlan ? 'heading.plan' : 'heading.changes')), ...lines, ...warning, ...closing].join('\n')}\n`
}
