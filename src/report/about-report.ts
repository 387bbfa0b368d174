import type { Diagnosis } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import { gatewaySentence, natSentence } from './nat-sentence.ts'
import { nodeSentence } from './node-sentence.ts'
import { type Language, renderMessage } from './render-message.ts'
import { verdictSentence } from './verdict-sentence.ts'

/** What is said of a diagnosis beside the published format: pages show it with the report. */
export interface AboutReport {
  readonly verdict: string
  /** None where no node was found or named. */
  readonly node: readonly string[]
  /** Its translation, how long it remembers a flow, and what its routers can be asked. */
  readonly network: readonly string[]
  readonly notes: readonly string[]
}

export function aboutReport(diagnosis: Diagnosis, language: Language): AboutReport {
  const { node, nat, gateways, holePunching, notes } = diagnosis
  const say = (id: string, params = {}) => renderMessage(message(id, params), language)
  const seconds = nat.udpLifetimeSeconds
  const network = [
    natSentence(nat, language),
    seconds === null ? undefined : say('text.udp-lifetime', { seconds }),
    ...gateways.map((gateway) => gatewaySentence(gateway, language)),
    holePunching === null ? undefined : say('text.punching', { answer: say(`punching.${holePunching.withMost}`) }),
  ]
  return {
    verdict: verdictSentence(diagnosis, language),
    node: node === null ? [] : [nodeSentence(node, language)],
    network: network.filter((sentence) => sentence !== undefined),
    notes: notes.map((note) => renderMessage(note, language)),
  }
}
