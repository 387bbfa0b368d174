import { openMapper } from '../../gateway/discover.ts'
import { hasMappingEnded } from '../../gateway/mapping-end.ts'
import type { MapResult, PortMapper, PortMapping, UnmapResult } from '../../gateway/port-mapper.ts'
import type { Host } from '../../host/host.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
import { PeerwayError } from '../../model/error.ts'
import type { ChangeKind, ChangeState, ChangeTag, PortMappingChange, UndoResult } from '../change.ts'
import { tagOf } from './tag.ts'

type Change = PortMappingChange & ChangeTag

/** A port mapping, or over IPv6 a pinhole, that the gateway made for this host. */
export const portMapping: ChangeKind<PortMappingChange> = {
  async apply(host, change) {
    const { protocol, gateway } = change.request
    const mapper = await mapperFor(host, change)
    if (mapper === null) throw refused(gateway, `it does not answer by ${protocol}`)
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
      return left(mapping, 'this host has another address by now')
    const mapper = await mapperFor(host, change)
    if (mapper === null) return left(mapping, `the router does not answer by ${mapping.protocol}`)
    const result = await mapper.unmap(mapping)
    if (result === 'deleted') return { outcome: 'undone' }
    if (result === 'not-there' || result === 'not-ours') return { outcome: 'was-gone' }
    return left(mapping, UNMAP_FAILURES[result])
  },
}

const UNMAP_FAILURES: Readonly<Record<Exclude<UnmapResult, 'deleted' | 'not-there' | 'not-ours'>, string>> = {
  refused: 'the router refuses to delete it',
  silent: 'the router does not answer',
  garbage: 'the router answers what nobody can read',
}

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
    epochSeconds: null,
    token: request.protocol === 'pcp' ? nonce : null,
    description: tagOf(change),
  }
}

/** What is left, and until when. */
function left({ externalPort, internal, lifetimeSeconds, grantedAtMs }: PortMapping, why: string): UndoResult {
  const end = lifetimeSeconds === null ? 'until somebody deletes it' : `for ${lifetimeSeconds} s from ${grantedAtMs} ms`
  return { outcome: 'left', why: `port ${externalPort} to ${formatEndpoint(internal)}, ${end}: ${why}` }
}

function refused(gateway: string, why: string): PeerwayError {
  return new PeerwayError('not-available', `the router ${gateway} maps no port: ${why}`, { facts: { gateway } })
}

function whyNot(result: Exclude<MapResult, { outcome: 'mapped' }>): string {
  if (result.outcome === 'refused') return result.detail
  return result.outcome === 'silent' ? 'it does not answer' : 'it answers what nobody can read'
}
