import type { Host } from '../host/host.ts'
import type { DatagramsReadFact, DialBackFact } from '../model/evidence.ts'
import type { VantageControl } from '../vantage/vantage.ts'
import { attempt } from './attempt.ts'

/** Was this UDP dial answered, while nothing on this host could see whether it came here? */
export function isAnsweredUnseen({ transport, purpose, holder, outcome, arrival }: DialBackFact): boolean {
  return (
    transport === 'udp' &&
    purpose === 'endpoint' &&
    holder === 'node' &&
    outcome === 'answered' &&
    arrival.wire === 'unknown'
  )
}

/**
 * Has a UDP port dialled once more, while peerway itself is silent, and counts what programs of this host read
 * meanwhile. To be asked last, one port after the other. Undefined where the system does not count.
 */
export async function probeDatagramsRead(
  host: Host,
  control: VantageControl,
  { port, family }: DialBackFact,
): Promise<DatagramsReadFact | undefined> {
  const count = () => attempt<number | undefined, undefined>(() => host.listeners.datagramsRead(), undefined)
  const source = control.dialSources.at(-1)
  const before = await count()
  if (before === undefined || source === undefined) return undefined
  const report = await control.dial({ transport: 'udp', port, from: { source }, payload: { kind: 'stranger' } })
  const after = await count()
  if (after === undefined || report.outcome === 'not-dialled') return undefined
  return { transport: 'udp', port, family, answered: report.outcome === 'answered', read: after - before }
}
