import type { Host } from '../../host/host.ts'
import { type Address, familyOf, type PortSpec } from '../../model/endpoint.ts'
import type { DialOutcome, DialPurpose, ExchangeTally, ProtocolExchangeFact } from '../../model/evidence.ts'
import { OpenPorts } from '../../vantage/open-ports.ts'
import type { VantageControl } from '../../vantage/vantage.ts'
import { OPENINGS, type ProtocolName } from '../../wire/first-packet/protocols.ts'
import { arrivedOf, nothingYet } from './exchange-out.ts'
import { drawMasks, runTries, TRY_KINDS, type TryKind } from './tries.ts'

export interface InwardExchange {
  readonly vantage: string
  readonly control: VantageControl
  /** The vantage's address that dials. */
  readonly source: Address
  /** On this host, where strangers' packets come. */
  readonly address: Address
  /** Held by peerway for this. */
  readonly port: PortSpec
  readonly purpose: DialPurpose
  readonly protocol: ProtocolName
  readonly ofNode: boolean
}

function isEstablished({ transport }: PortSpec, outcome: DialOutcome): boolean {
  return transport === 'tcp' ? outcome === 'connected' : outcome !== 'not-dialled'
}

/**
 * The vantage speaks a protocol to a port that peerway holds on this host, and what only looks like it, and is answered
 * with its bytes inverted. Undefined where the port cannot be held.
 */
export async function probeExchangeIn(host: Host, exchange: InwardExchange): Promise<ProtocolExchangeFact | undefined> {
  const { vantage, control, source, address, port, purpose, protocol, ofNode } = exchange
  const holder = new OpenPorts(host)
  const done = new AbortController()
  const { opened, closed } = await holder.open(address, [port], { asker: source, inverts: true }, done.signal)
  if (opened.length === 0) return undefined
  const bytes = OPENINGS[protocol].encode(new Uint8Array(OPENINGS[protocol].randomLength))
  const masks = drawMasks(host.random)
  const seen = { spoken: nothingYet(), answered: nothingYet(), neutral: nothingYet() }
  const tries = await runTries(host, async (kind) => {
    const payload = { kind: 'protocol', protocol, mask: masks[kind] } as const
    const report = await control.dial({ ...port, from: { source }, payload })
    control.release(report)
    const isReturned = report.answerBytes === bytes.length
    seen[kind].established += Number(isEstablished(port, report.outcome))
    seen[kind].returned += Number(isReturned)
    const answerBytes = report.answerBytes ?? 0
    seen[kind].cutBack += Number(answerBytes > 0 && answerBytes < bytes.length)
    seen[kind].resets += Number(report.ended === 'reset')
    return isReturned
  })
  const { flows } = await holder.arrivals(address, [port], source)
  done.abort()
  await closed
  const tally = (kind: TryKind): ExchangeTally => ({
    tries: tries[kind],
    ...seen[kind],
    // The vantage draws what is random in it; the first byte never is.
    ...arrivedOf(flows, tries[kind], bytes.length, ({ head }) => head[0] === (bytes[0]! ^ masks[kind])),
  })
  return {
    ...port,
    family: familyOf(address),
    protocol,
    vantage,
    opener: 'vantage',
    purpose,
    ofNode,
    memory: null,
    ...(Object.fromEntries(TRY_KINDS.map((kind) => [kind, tally(kind)])) as Record<TryKind, ExchangeTally>),
  }
}
