import type { Host } from '../host/host.ts'
import { type Endpoint, familyOf } from '../model/endpoint.ts'
import type { ExternalAddressFact } from '../model/evidence.ts'
import type { Vantage } from '../vantage/vantage.ts'
import { askStun, type Binding } from './ask-stun.ts'
import { attempt } from './attempt.ts'
import type { Notebook } from './notebook.ts'

/** Our address as this vantage's STUN server sees it, from a socket of our own; undefined when it does not tell. */
export async function probeExternalAddress(
  host: Host,
  { name, stun, rttMs }: Pick<Vantage, 'name' | 'stun' | 'rttMs'>,
): Promise<ExternalAddressFact | undefined> {
  const server = stun?.primary
  if (server === undefined) return undefined
  const socket = await attempt(() => host.udp.open({ toward: server }), undefined)
  if (socket === undefined) return undefined
  await using open = socket
  return externalAddress(name, server, open.local, await askStun(host, open, server, { rttMs }))
}

/** Writes down what `probeExternalAddress` found, if anything. */
export async function noteExternalAddress(
  { host, notebook }: { readonly host: Host; readonly notebook: Notebook },
  server: Pick<Vantage, 'name' | 'stun' | 'rttMs'>,
  rank: number,
): Promise<void> {
  const fact = await probeExternalAddress(host, server)
  if (fact !== undefined) notebook.add('external-address', fact, rank)
}

/** The fact that a Binding is; undefined when there was no answer. */
export function externalAddress(
  vantage: string,
  server: Endpoint,
  local: Endpoint,
  binding: Binding,
): ExternalAddressFact | undefined {
  if (binding.outcome !== 'answered') return undefined
  const { mapped, rttMs } = binding
  return { family: familyOf(server.address), server, vantage, local, mapped, rttMs }
}
