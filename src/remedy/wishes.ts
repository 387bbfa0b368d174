import { type Message, message } from '../model/message.ts'
import type { Wish } from '../nodes/reconfiguring.ts'
import { settingsOf } from './propose-node.ts'
import type { RemedyId } from './remedy-ids.ts'
import type { PrescribeContext, Site } from './site.ts'

/** What a remedy wants of the node itself, at these endpoints; undefined where it wants nothing. */
export function wishOf(
  remedy: RemedyId,
  { seenOpen = [] }: PrescribeContext,
  endpoints: Site['endpoints'],
): Wish | undefined {
  switch (remedy) {
    case 'use-another-port': {
      const transports = [...new Set(endpoints.map(({ transport }) => transport))]
      // Of the transports that are blocked, and for all of them, where one port is.
      const open = seenOpen.filter(({ transport }) => transports.includes(transport)).map(({ port }) => port)
      const forAll = open.find((port) => transports.every((transport) => isOpen(seenOpen, transport, port)))
      return { want: 'port', port: forAll ?? open[0] ?? null, transports }
    }
    case 'use-tcp':
      return { want: 'tcp' }
    case 'hole-punching':
      return { want: 'hole-punching' }
    case 'relay':
      return { want: 'relay' }
    default:
      return undefined
  }
}

function isOpen(seenOpen: Site['endpoints'], transport: string, port: number): boolean {
  return seenOpen.some((one) => one.transport === transport && one.port === port)
}

/** Can the node that runs here be told so? Where nothing is known of that, it may be. */
export function canBeTold({ kind }: Site, want: Wish['want']): boolean {
  return kind?.reconfiguring?.cannot.includes(want) !== true
}

/** Can peerway tell it, once its operator names the remedy? */
export function isOnRequest(remedy: RemedyId, context: PrescribeContext, endpoints: Site['endpoints']): boolean {
  const wish = wishOf(remedy, context, endpoints)
  if (wish === undefined || (wish.want === 'port' && wish.port === null)) return false
  return settingsOf(context.found) !== undefined
}

/** How the node that runs here is told so; undefined where that is not known. */
export function stepsByNode(site: Site, remedy: RemedyId): readonly Message[] | undefined {
  const wish = wishOf(remedy, site, site.endpoints)
  const steps = wish === undefined ? undefined : site.kind?.reconfiguring?.steps(wish)
  if (steps === undefined || steps.length === 0) return undefined
  const command = `${site.command.replace('peerway check', 'peerway fix')} --only ${remedy}`
  const byItself = isOnRequest(remedy, site, site.endpoints) ? [message('step.fix-only', { command })] : []
  return [...steps, ...byItself, message('step.restart-node')]
}
