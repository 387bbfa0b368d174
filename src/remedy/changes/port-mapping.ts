import { openMapper } from '../../gateway/discover.ts'
import { hasMappingEnded, mappingEndMs } from '../../gateway/mapping-end.ts'
import type { MapResult, PortMapper, PortMapping, UnmapResult } from '../../gateway/port-mapper.ts'
import type { Host } from '../../host/host.ts'
import { familyOf, formatEndpoint, sameEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ErrorTextId } from '../../model/error-texts.ts'
import type { Message } from '../../model/message.ts'
import type { ChangeKind, ChangeState, ChangeTag, PortMappingChange, UndoResult } from '../change.ts'
import { tagOf } from './tag.ts'

type Change = PortMappingChange & ChangeTag

/** A port mapping, or over IPv6 a pinhole, that the gateway made for this host. */
export const portMapping: ChangeKind<PortMappingChange> = {
  async apply(host, change) {
    const { protocol, gateway } = change.request
    const mapper = await mapperFor(host, change)
    if (mapper === null) throw refused(gateway, errorText('error.of.silent-by', { name: protocol }))
    const result = await mapper.map({ ...change.request, description: tagOf(change) })
    if (result.outcome !== 'mapped') throw refused(gateway, whyNot(result))
    return { ...change, mapping: result.mapping }
  },

  async state(host, change): Promise<ChangeState> {
    const mapping = whole(change, host.clock.nowMs())
    if (hasMappingEnded(mapping, host.clock.nowMs())) return 'absent'
    const mapper = await mapperFor(host, change)
    const listed = (await mapper?.list()) ?? null
    if (listed === null) return 'unknown'
    const there = listed.find(
      ({ transport, externalPort }) => transport === mapping.transport && externalPort === mapping.externalPort,
    )
    if (there === undefined) return 'absent'
    const isOurs = there.internal.address === mapping.internal.address && there.description === mapping.description
    return isOurs ? 'present' : 'altered'
  },

  async undo(host, change, plannedAtMs): Promise<UndoResult> {
    const mapping = whole(change, plannedAtMs)
    // By our clock, which may have jumped: what can be asked for is asked for all the same.
    const hasEnded = hasMappingEnded(mapping, host.clock.nowMs())
    const result = await takeAway(host, change, mapping, hasEnded)
    return hasEnded && result.outcome === 'left' ? { outcome: 'was-gone' } : result
  },
}

async function takeAway(host: Host, change: Change, mapping: PortMapping, hasEnded: boolean): Promise<UndoResult> {
  const own = await host.network.addresses()
  if (!own.some(({ address }) => address === mapping.internal.address)) {
    return left(host, mapping, errorText('error.of.other-address'))
  }
  const mapper = await mapperFor(host, change)
  if (mapper === null) return left(host, mapping, errorText('error.of.router-silent-by', { name: mapping.protocol }))
  let isUndone = false
  for (const each of await asGranted(mapper, change, mapping)) {
    const result = await mapper.unmap(each)
    if (result === 'deleted') isUndone = true
    // What is there after ours has ended is another program's.
    else if (result === 'refused' && mapper.protocol === 'pcp' && !hasEnded) return shutOtherwise(host, mapper, each)
    else if (result !== 'not-there' && result !== 'not-ours') return left(host, each, errorText(UNMAP_FAILURES[result]))
  }
  return { outcome: isUndone ? 'undone' : 'was-gone' }
}

const UNMAP_FAILURES = {
  refused: 'error.of.router-refuses',
  silent: 'error.of.router-silent',
  garbage: 'error.of.router-garbage',
  undecided: 'error.of.router-undecided',
} as const satisfies Readonly<Record<Exclude<UnmapResult, 'deleted' | 'not-there' | 'not-ours'>, ErrorTextId>>

/**
 * What a router has for a change of which the journal does not tell what was granted: it may have given another port. Where
 * it shows its table, whatever bears our tag.
 */
async function asGranted(mapper: PortMapper, change: Change, mapping: PortMapping): Promise<readonly PortMapping[]> {
  const listed = change.mapping === null && familyOf(mapping.internal.address) === 'ipv4' ? await mapper.list() : null
  if (listed === null) return [mapping]
  const ours = listed.filter(({ transport, internal, description }) => {
    return transport === mapping.transport && sameEndpoint(internal, mapping.internal) && description === tagOf(change)
  })
  return ours.map(({ externalPort }) => ({ ...mapping, externalPort }))
}

/**
 * miniupnpd 2.3.1 deletes by PCP no pinhole that was renewed, though it renews it for its owner: so it is kept as short
 * as the router will have it, and then shut by UPnP, where it is the same pinhole.
 */
async function shutOtherwise(host: Host, mapper: PortMapper, mapping: PortMapping): Promise<UndoResult> {
  const shortest = await mapper.renew(mapping, 1)
  if (shortest.outcome !== 'mapped') return left(host, mapping, errorText(UNMAP_FAILURES.refused))
  const { gateway, internal } = mapping
  const upnp =
    familyOf(internal.address) === 'ipv6' ? await openMapper(host, { gateway, local: internal.address }, 'igd2') : null
  if (upnp !== null) await upnp.unmap({ ...mapping, token: null })
  const again = await mapper.unmap(mapping)
  if (again === 'deleted' || again === 'not-there') return { outcome: 'undone' }
  return left(host, shortest.mapping, errorText(UNMAP_FAILURES.refused))
}

/** Of the gateway that was, or will be, asked; null where it is not there, or speaks the protocol no more. */
function mapperFor(host: Host, { request, mapping }: Change): Promise<PortMapper | null> {
  const { gateway, internal, protocol } = request
  return openMapper(host, { gateway, local: internal.address }, mapping?.protocol ?? protocol)
}

/**
 * What was granted; or, where the journal was not written after that, what may have been: by UPnP, which may keep an IPv4
 * mapping for ever whatever is asked, to the worst.
 */
function whole(change: Change, plannedAtMs: number): PortMapping {
  if (change.mapping !== null) return change.mapping
  const { nonce, suggestedPort, ...request } = change.request
  const isLasting = request.protocol.startsWith('igd') && familyOf(request.internal.address) === 'ipv4'
  return {
    ...request,
    externalPort: suggestedPort,
    lifetimeSeconds: isLasting ? null : request.lifetimeSeconds,
    externalAddress: null,
    grantedAtMs: plannedAtMs,
    epochSeconds: null,
    token: request.protocol === 'pcp' ? nonce : null,
    description: tagOf(change),
  }
}

/** What is left, and until when. */
function left(host: Host, mapping: PortMapping, why: Message): UndoResult {
  const { externalPort, internal } = mapping
  const endMs = mappingEndMs(mapping)
  const seconds = endMs === null ? null : Math.max(0, Math.ceil((endMs - host.clock.nowMs()) / 1000))
  const facts = { externalPort, internal: formatEndpoint(internal), seconds }
  return { outcome: 'left', why: errorText('error.left.mapping', { ...facts, why }) }
}

function refused(gateway: string, why: Message): PeerwayError {
  return new PeerwayError('not-available', errorText('error.maps-no-port', { gateway, why }))
}

function whyNot(result: Exclude<MapResult, { outcome: 'mapped' }>): Message {
  if (result.outcome === 'refused') return errorText('error.of.refused', { detail: result.detail })
  return errorText(result.outcome === 'silent' ? 'error.of.silent' : 'error.of.garbage')
}
