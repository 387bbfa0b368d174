/**
 * A sentence for people, before it has a language: an id and its parameters. `report/` alone turns it into English or
 * French; the ids that exist are the keys of `report/messages/en.ts`, and a test compares them with those used.
 *
 * A parameter is a value, never a piece of a sentence: the catalogue decides word order and plural. Where a sentence quotes
 * another one (what a repair says of an error), the parameter is that message.
 */
export interface Message {
  readonly id: string
  readonly params: MessageParams
}

export type MessageValue = string | number | Message
export type MessageParams = Readonly<Record<string, MessageValue>>

/** Parameters that are null or undefined are left out; the catalogue then leaves their words out too. */
export function message(id: string, params: Readonly<Record<string, MessageValue | null | undefined>> = {}): Message {
  const known = Object.entries(params).filter((entry): entry is [string, MessageValue] => entry[1] != null)
  return { id, params: Object.fromEntries(known) }
}
