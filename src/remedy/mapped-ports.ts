import { hasMappingEnded } from '../gateway/mapping-end.ts'
import type { Host } from '../host/host.ts'
import { familyOf } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { ExternalPort } from '../model/plan.ts'
import { Journal } from './journal.ts'

/**
 * The ports of this host that a router forwards from another one by a mapping of ours that has not ended. None without a
 * journal, or with one that cannot be read: then strangers are looked for at the port itself.
 */
export async function mappedPorts(host: Host, stateFolder: string | null): Promise<readonly ExternalPort[]> {
  if (stateFolder === null) return []
  try {
    const { entries } = await Journal.open(host, stateFolder)
    const nowMs = host.clock.nowMs()
    return entries.flatMap(({ change }) => {
      if (change.kind !== 'port-mapping' || change.mapping === null) return []
      const { transport, internal, externalPort } = change.mapping
      const isOther = familyOf(internal.address) === 'ipv4' && externalPort !== internal.port
      return isOther && !hasMappingEnded(change.mapping, nowMs)
        ? [{ transport, port: internal.port, externalPort }]
        : []
    })
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return []
  }
}
