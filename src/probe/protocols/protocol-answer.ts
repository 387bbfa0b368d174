import type { Host } from '../../host/host.ts'
import { type Address, familyOf, type PortSpec } from '../../model/endpoint.ts'
import type { ProtocolAnswerFact } from '../../model/evidence.ts'
import type { VantageControl } from '../../vantage/vantage.ts'
import { OPENINGS, type ProtocolName } from '../../wire/first-packet/protocols.ts'
import { sayBytes } from './say-bytes.ts'

export interface AnswerQuestion {
  readonly vantage: string
  readonly control: VantageControl
  /** The vantage's address that dials. */
  readonly source: Address
  /** The node's address on this host. */
  readonly address: Address
  /** The node's own. */
  readonly port: PortSpec
  /** Where strangers dial it. */
  readonly dialPort: number
  readonly protocol: ProtocolName
}

const FIRST_TRIES = 2
const MORE_TRIES = 4
const GAP_MS = 80

/**
 * What the node says to a stranger who begins to speak a protocol, and what it says to this very host. Undefined where it
 * says nothing even here: then its silence tells nothing.
 */
export async function probeProtocolAnswer(
  host: Host,
  question: AnswerQuestion,
): Promise<ProtocolAnswerFact | undefined> {
  const { vantage, control, source, address, port, dialPort, protocol } = question
  const { transport, randomLength, encode } = OPENINGS[protocol]
  const node = { address, port: port.port }
  const local = await sayBytes(host, transport, node, encode(host.random.bytes(randomLength)), 0)
  const localBytes = local.heard.length
  if (localBytes === 0) return undefined

  const ask = async (index: number) => {
    await host.clock.sleep(index * GAP_MS)
    const payload = { kind: 'protocol', protocol, mask: 0 } as const
    const report = await control.dial({ transport, port: dialPort, from: { source }, payload })
    control.release(report)
    const isEstablished = transport === 'tcp' ? report.outcome === 'connected' : report.outcome !== 'not-dialled'
    return { isEstablished, bytes: report.answerBytes ?? 0, isReset: report.ended === 'reset' }
  }
  const askAll = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => ask(index)))
  const first = await askAll(FIRST_TRIES)
  const isAnswered = ({ bytes }: { bytes: number }) => bytes >= localBytes
  const answers = first.every(isAnswered) ? first : [...first, ...(await askAll(MORE_TRIES))]
  return {
    ...port,
    family: familyOf(address),
    protocol,
    vantage,
    localBytes,
    tries: answers.length,
    established: answers.filter((each) => each.isEstablished).length,
    answered: answers.filter(isAnswered).length,
    resets: answers.filter(({ isReset }) => isReset).length,
  }
}
