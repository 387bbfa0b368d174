import { type Family, familyOf, type PortSpec } from '../../model/endpoint.ts'
import type { ProtocolRateFact } from '../../model/evidence.ts'
import { isSlower } from '../../model/slower.ts'
import { masked, OPENINGS, PROTOCOL_NAMES, type ProtocolName } from '../../wire/first-packet/protocols.ts'
import type { DeepContext } from '../observe-deep.ts'
import { measureRate } from './measure-rate.ts'
import { portOf } from './observe-protocols.ts'
import { drawMasks, shuffled, TRY_KINDS, type TryKind } from './tries.ts'

/** Two rounds show that all are alike; where one kind is slower each time, so many in all leave no room for chance. */
const FIRST_ROUNDS = 2
const ROUNDS = 8
/** No protocol is begun later: others wait for minutes meanwhile. Those of the node come first. */
const BUDGET_MS = 150_000
/** A line as slow as this is filled by each flow, at the cost of all others: one protocol is enough there. */
const SLOW_LINE_KBPS = 800

type Rates = Record<TryKind, number[]>

/**
 * Does anybody on the way slow flows down that begin with a protocol? The same bytes behind such a beginning and behind
 * one that means nothing, one flow after the other, mixed. Only what is not stopped anyway.
 */
export async function observeRates(context: DeepContext): Promise<void> {
  const { host, notebook, dialler, protocols, family } = context
  if (!dialler.control.canMeasureRates) return
  const startMs = host.clock.monotonicMs()
  const stopped = stoppedOnes(context, family)
  const names = PROTOCOL_NAMES.filter((name) => !stopped.has(name))
  const isOfNode = (name: ProtocolName) => protocols.includes(name)
  // Those over UDP take the longer.
  const order = (name: ProtocolName) => (isOfNode(name) ? 0 : OPENINGS[name].transport === 'tcp' ? 1 : 2)
  const ordered = names.toSorted((a, b) => order(a) - order(b))
  for (const [rank, protocol] of ordered.entries()) {
    if (host.clock.monotonicMs() - startMs > BUDGET_MS) return
    const fact = await measureProtocol(context, protocol, isOfNode(protocol))
    if (fact === undefined) continue
    notebook.add('protocol-rate', fact, rank)
    if (Math.min(...fact.neutral) < SLOW_LINE_KBPS) return
  }
}

function stoppedOnes({ notebook }: DeepContext, family: Family): ReadonlySet<string> {
  const facts = notebook.facts('protocol-exchange').filter((fact) => fact.family === family && fact.opener === 'host')
  return new Set(facts.filter(({ spoken }) => spoken.returned < spoken.tries).map(({ protocol }) => protocol))
}

/** Undefined where a flow did not come about, or did not live: that is another story. */
async function measureProtocol(
  { host, dialler, ports }: DeepContext,
  protocol: ProtocolName,
  ofNode: boolean,
): Promise<ProtocolRateFact | undefined> {
  const { name, control, rttMs } = dialler
  const { transport, randomLength, encode } = OPENINGS[protocol]
  const port: PortSpec = { transport, port: portOf(ports, transport) }
  const bytes = encode(host.random.bytes(randomLength))
  const masks = drawMasks(host.random)
  const rates: Rates = { spoken: [], answered: [], neutral: [] }
  let family: Family | undefined
  for (let round = 1; round <= ROUNDS; round++) {
    // A vantage keeps a port open for 15 s, which is as long as some rounds take.
    const opened = await control.openInverting([port])
    if (opened === null || !opened[transport].includes(port.port)) return undefined
    family = familyOf(opened.address)
    for (const kind of shuffled(host.random, TRY_KINDS)) {
      const question = { transport, to: { address: opened.address, port: port.port }, rttMs }
      const rate = await measureRate(host, { ...question, opening: masked(bytes, masks[kind]) })
      if (rate === null) return undefined
      rates[kind].push(rate)
    }
    const anySlower = isSlower(rates.spoken, rates.neutral) || isSlower(rates.answered, rates.neutral)
    if (round >= FIRST_ROUNDS && !anySlower) break
  }
  return family && { ...port, family, protocol, vantage: name, ofNode, ...rates }
}
