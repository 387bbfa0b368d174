import { type ErrorTextId, errorTexts, type ParameterOf } from './error-texts.ts'
import { type Message, type MessageValue, message } from './message.ts'
import { fillTemplate } from './template.ts'

export type PeerwayErrorCode =
  | 'not-permitted' // the system refuses: root, a capability or a group is missing
  | 'not-available' // this system, or this machine's installed tools, cannot do it
  | 'bad-input' // a file, flag or variable of the user is wrong
  | 'busy' // an address, a port or a lock is held by somebody else
  | 'internal'

/**
 * What the host cannot do, or what the user asked wrongly. What the *network* does (silence, refusal, garbage) is never
 * thrown: it is a return value.
 *
 * `code` is stable and is what tests assert. `told` is one sentence for people, which `report/` turns into their language:
 * what was tried, what happened, what to do next; `message` is the same in English, for logs and for whoever catches it.
 * `facts` are the plain values in it.
 */
export class PeerwayError extends Error {
  readonly code: PeerwayErrorCode
  readonly told: Message
  readonly facts: Readonly<Record<string, string | number>>

  /** A text in place of a message is shown as it is, in every language: peerway itself gives none. */
  constructor(code: PeerwayErrorCode, words: Message | string, options: ErrorOptions = {}) {
    const told = typeof words === 'string' ? errorText('error.plain', { text: words }) : words
    super(inEnglish(told), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PeerwayError'
    this.code = code
    this.told = told
    this.facts = { ...Object.fromEntries(Object.entries(told.params).filter(isPlain)), ...options.facts }
  }
}

/** `facts`: plain values that the words do not tell. */
interface ErrorOptions {
  readonly cause?: unknown
  readonly facts?: PeerwayError['facts']
}

/** Values for every parameter of a sentence, and more where they are worth keeping as facts. */
type Values<Id extends ErrorTextId> = Readonly<Record<ParameterOf<Id>, MessageValue | null | undefined>> &
  Readonly<Record<string, MessageValue | null | undefined>>

/** A sentence of `error-texts.ts`, or a piece of one. */
export function errorText<Id extends ErrorTextId>(
  id: Id,
  ...[values]: [ParameterOf<Id>] extends [never] ? [Readonly<Record<string, MessageValue>>?] : [Values<Id>]
): Message {
  return message(id, values)
}

function inEnglish({ id, params }: Message): string {
  const template = Object.hasOwn(errorTexts, id) ? errorTexts[id as ErrorTextId] : id
  return fillTemplate(template, params, {
    singular: (count) => count === 1,
    show: (_, value) => (typeof value === 'object' ? inEnglish(value) : String(value)),
  })
}

function isPlain(entry: [string, MessageValue]): entry is [string, string | number] {
  return typeof entry[1] !== 'object'
}
