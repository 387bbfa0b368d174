import type { Address, Family } from '../../model/endpoint.ts'
import { type Message, type MessageParams, message } from '../../model/message.ts'
import { addressIn, faces, internalOf, pageHost, type Site } from '../site.ts'
import { INNER_ROUTER } from './recipe.ts'

/** What a router is asked for, and who it is. */
export function askedOf(site: Site, family: Family): MessageParams {
  const [internal, address] = [site.source[family], site.gateway[family]]
  return { ports: site.names, ...(internal && { internal }), ...(address && { address }) }
}

export function openRouter(site: Site): Message {
  const address = translator(site)
  const model = address === null ? undefined : site.models?.get(address)
  return message('step.open-router-page', { address: pageHost(address), model })
}

/** This host's gateway, or, where that one only passes on, the router behind it that translates. */
function translator(site: Site): Address | null {
  const isFarther = site.obstacles.some(({ id, layer }) => id === 'router-source-nat' && layer !== null && layer > 1)
  return isFarther ? addressIn(site, 'router-source-nat') : site.gateway.ipv4
}

export function outerRouter(site: Site): string | null {
  return pageHost(addressIn(site, 'double-nat'))
}

export function pinholeSteps(site: Site): readonly Message[] {
  return [openRouter(site), placed('step.add-pinhole', site)]
}

export function innerForward(site: Site): Message {
  return message('step.inner-forward', {
    ports: site.names,
    internal: internalOf(site),
    gateway: pageHost(site.gateway.ipv4),
  })
}

/** The inner router still has to forward, once what stands before it is gone. */
export function thenInner(site: Site): readonly Message[] {
  return INNER_ROUTER.some((id) => faces(site, id)) ? [innerForward(site)] : []
}

export function placed(
  id: 'step.add-forwarding' | 'step.correct-forwarding' | 'step.set-dmz' | 'step.add-pinhole',
  site: Site,
) {
  return message(id, { ports: site.names, internal: internalOf(site) })
}

export function fixedAddress(site: Site): Message {
  return message('step.fixed-address', { internal: internalOf(site) })
}
