import type { NodeSummary } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import { type Language, renderMessage } from './render-message.ts'

/** Which node runs here, and how many peers it has. */
export function nodeSentence({ kind, peers, peersWanted }: NodeSummary, language: Language): string {
  const numbers = { ...(peers !== null && { peers }), ...(peersWanted !== null && peersWanted) }
  return renderMessage(message('text.node', { kind, ...numbers }), language)
}
