import { openMapper } from '../../gateway/discover.ts'
import { hasMappingEnded } from '../../gateway/mapping-end.ts'
import type { MapResult, PortMapper, PortMapping, UnmapResult } from '../../gateway/port-mapper.ts'
import type { Host } from '../../host/host.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
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
    const mapping = whole(host, change)
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

  async undo(host, change): Promise<UndoResult> {
    const mapping = whole(host, change)
    if (hasMappingEnded(mapping, host.clock.nowMs())) return { outcome: 'was-gone' }
    const own = await host.network.addresses()
    if (!own.some(({ address }) => address === mapping.internal.address))
      return left(mapping, errorText('error.of.other-address'))
    const mapper = await mapperFor(host, change)
    if (mapper === null) return left(mapping, errorText('error.of.router-silent-by', { name: mapping.protocol }))
    const result = await mapper.unmap(mapping)
    if (result === 'deleted') return { outcome: 'undone' }
    if (result === 'not-there' || result === 'not-ours') return { outcome: 'was-gone' }
    return left(mapping, errorText(UNMAP_FAILURES[result]))
  },
}

const UNMAP_FAILURES = {
  refused: 'error.of.router-refuses',
  silent: 'error.of.router-silent',
  garbage: 'error.of.router-garbage',
} as const satisfies Readonly<Record<Exclude<UnmapResult, 'deleted' | 'not-there' | 'not-ours'>, ErrorTextId>>

/** Of the gateway that was, or will be, asked; null where it is not there, or speaks the protocol no more. */
function mapperFor(host: Host, { request, mapping }: Change): Promise<PortMapper | null> {
  const { gateway, internal, protocol } = request
  return openMapper(host, { gateway, local: internal.address }, mapping?.protocol ?? protocol)
}

/** What was granted; or, where the journal was not written after that, what must have been. */
function whole(host: Host, change: Change): PortMapping {
  if (change.mapping !== null) return change.mapping
  const { nonce, suggestedPort, ...request } = change.request
  return {
    ...request,
    externalPort: suggestedPort,
    externalAddress: null,
    grantedAtMs: host.clock.nowMs(),
    token: request.protocol === 'pcp' ? nonce : null,
    description: tagOf(change),
  }
}

/** What is left, and until when. */
function left({ externalPort, internal, lifetimeSeconds }: PortMapping, why: Message): UndoResult {
  const facts = { externalPort, internal: formatEndpoint(internal), seconds: lifetimeSeconds }
  return { outcome: 'left', why: errorText('error.left.mapping', { ...facts, why }) }
}

function refused(gateway: string, why: Message): PeerwayError {
  return new PeerwayError('not-available', errorText('error.maps-no-port', { gateway, why }))
}

function whyNot(result: Exclude<MapResult, { outcome: 'mapped' }>): Message {
  if (result.outcome === 'refused') return errorText('error.of.refused', { detail: result.detail })
  return errorText(result.outcome === 'silent' ? 'error.of.silent' : 'error.of.garbage')
}
