import type { Diagnosis } from '../../model/diagnosis.ts'
import type { EndpointName } from '../../model/endpoint.ts'
import { type Message, message } from '../../model/message.ts'
import { isoTime } from '../../report/iso-time.ts'
import { type Language, renderMessage } from '../../report/render-message.ts'
import { buildReport } from '../../report/report.ts'
import type { AlertNews } from './alert-gate.ts'

/** What a webhook, a command and an e-mail get; every key is always there. */
export interface Alert {
  readonly schema: 'peerway.alert/1'
  readonly at: string
  /** The name of this machine. */
  readonly host: string
  readonly kind: 'lost' | 'back' | 'changed'
  readonly lost: readonly EndpointName[]
  readonly back: readonly EndpointName[]
  readonly obstacles: readonly { readonly id: string; readonly stage: string; readonly text: string }[]
  readonly subject: string
  /** A few paragraphs for people, the subject among them. Chat programs show a webhook's `text`. */
  readonly text: string
}

export interface AlertContext {
  readonly host: string
  readonly language: Language
  readonly nowMs: number
  /** The last check; null before the first. */
  readonly diagnosis: Diagnosis | null
}

export function alertOf({ lost, back }: AlertNews, { host, language, nowMs, diagnosis }: AlertContext): Alert {
  const say = (told: Message) => renderMessage(told, language)
  const sentences = [
    ...(lost.length > 0 ? [say(message('alert.lost', { endpoints: lost.join(', '), host }))] : []),
    ...(back.length > 0 ? [say(message('alert.back', { endpoints: back.join(', '), host }))] : []),
  ]
  const subject = sentences.join(' ')
  const obstacles = lost.length === 0 || diagnosis === null ? [] : obstaclesOf(diagnosis, language)
  const advice = lost.length > 0 ? [say(message('alert.look'))] : []
  return {
    schema: 'peerway.alert/1',
    at: isoTime(nowMs),
    host,
    kind: lost.length === 0 ? 'back' : back.length === 0 ? 'lost' : 'changed',
    lost,
    back,
    obstacles,
    subject,
    text: [subject, ...obstacles.map(({ text }) => text), ...advice].join('\n\n'),
  }
}

function obstaclesOf(diagnosis: Diagnosis, language: Language): Alert['obstacles'] {
  const { obstacles } = buildReport(diagnosis, { version: '', at: '', durationMs: 0, language })
  return obstacles.map(({ id, stage, text }) => ({ id, stage, text }))
}
