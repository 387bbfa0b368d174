import type { Diagnosis, EndpointVerdict, PathStage } from '../model/diagnosis.ts'
import { endpointName } from '../model/endpoint.ts'
import { type MessageParams, message } from '../model/message.ts'
import { isReachableToKnown } from './reachable-to-known.ts'
import { type Language, renderMessage } from './render-message.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const

/** The first thing that is said: who gets in where, and where the others are stopped. */
export function verdictSentence(diagnosis: Diagnosis, language: Language): string {
  const { endpoints, path } = diagnosis
  const say = (id: string, params: MessageParams) => renderMessage(message(id, params), language)
  const named = (answer: string) => namesOf(endpoints.filter((endpoint) => endpoint.reachable === answer))
  const id = endpoints.length === 0 ? 'verdict.nothing-asked' : idOf(diagnosis)
  const sentence = say(id, {
    endpoints: namesOf(endpoints),
    open: named('yes'),
    shut: named('no'),
    rest: named('unknown'),
  })
  return [sentence, ...stoppedAt(path).map(({ id, params }) => say(id, params))].join(' ')
}

function idOf(diagnosis: Diagnosis): string {
  return isReachableToKnown(diagnosis) ? 'verdict.reachable-to-known' : `verdict.${diagnosis.verdict}`
}

/** Where strangers are stopped: once, or for each family where the families differ. */
function stoppedAt(path: readonly PathStage[]): { readonly id: string; readonly params: MessageParams }[] {
  const first = FAMILIES.map((family) => path.find((stage) => stage.family === family && stage.state === 'block'))
  const stops = first.filter((stage) => stage !== undefined)
  const open = FAMILIES.some((family, index) => first[index] === undefined && path.some((s) => s.family === family))
  const same = stops.every((stage) => stage.stage === stops[0]!.stage)
  const told = same ? stops.slice(0, 1) : stops
  return told.map(({ stage, address, family }) => ({
    id: `stopped-at.${stage}`,
    params: { ...(address === null ? {} : { address }), ...(same && !open ? {} : { family }) },
  }))
}

function namesOf(endpoints: readonly EndpointVerdict[]): string {
  return endpoints.map(endpointName).join(', ')
}
