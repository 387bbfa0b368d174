import type { Gateway, NatSummary } from '../model/diagnosis.ts'
import { type MessageParams, message } from '../model/message.ts'
import { natAlias } from './aliases.ts'
import { GATEWAY_PROTOCOL_NAMES } from './gateway-protocol-names.ts'
import { type Language, renderMessage } from './render-message.ts'

/** How the way out translates; undefined where nothing does, or nothing is known of it. */
export function natSentence(nat: NatSummary, language: Language): string | undefined {
  if (nat.mapping === 'none' || (nat.mapping === 'unknown' && nat.filtering === 'unknown')) return undefined
  const say = (id: string, params: MessageParams = {}) => renderMessage(message(id, params), language)
  const alias = natAlias(nat.mapping, nat.filtering)
  return say('text.nat', {
    ...layerParams(nat),
    mapping: say(`nat.${nat.mapping}`),
    filtering: say(`nat.${nat.filtering}`),
    ...(alias === undefined ? {} : { alias }),
  })
}

function layerParams({ layers, layerBounds }: NatSummary): MessageParams {
  if (layers !== null) return { layers }
  if (layerBounds === undefined) return {}
  const { least, most } = layerBounds
  return most === null ? { least } : { least, most }
}

/** By what a router opens ports; undefined for one that opens none, as of that there is nothing to say. */
export function gatewaySentence(gateway: Gateway, language: Language): string | undefined {
  const { address, protocols, externalAddress, model } = gateway
  if (protocols.length === 0) return undefined
  const names = protocols.map((protocol) => GATEWAY_PROTOCOL_NAMES[protocol]).join(', ')
  return renderMessage(
    message('text.gateway', { address, protocols: names, model, external: externalAddress }),
    language,
  )
}
