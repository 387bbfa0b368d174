import type { Answer } from '../model/answer.ts'
import type { Diagnosis, EndpointVerdict, Verdict } from '../model/diagnosis.ts'
import { type EndpointKey, endpointName, type PortSpec } from '../model/endpoint.ts'
import type { Evidence } from '../model/evidence.ts'
import { mergeClaims } from './claim.ts'
import { containerClaims } from './container-stage.ts'
import { filterHopNotes, placeFilters } from './filter-hop.ts'
import { Findings } from './findings.ts'
import { summarizeGateways } from './gateways.ts'
import { holePunching, punchingWarnings } from './hole-punching.ts'
import { hostClaims } from './host-stage.ts'
import { internetClaims } from './internet.ts'
import { type EndpointFinding, judgeEndpoint } from './judge-endpoint.ts'
import { summarizeNat } from './nat-summary.ts'
import { networkClaims } from './network-stage.ts'
import { announceClaims } from './node-announces.ts'
import { summarizeNode } from './node-summary.ts'
import { nodeWarnings } from './node-warnings.ts'
import { notesFor } from './notes.ts'
import { outboundClaims } from './outbound-stage.ts'
import { drawPath } from './path.ts'
import { clientRuleClaims, passingOnClaims, processClaims } from './process-stage.ts'
import { throttleClaims } from './protocol-rates.ts'
import { peersStopped, protocolClaims } from './protocol-stage.ts'
import { routerControlOpen } from './router-control-open.ts'
import { suspiciousMappings } from './suspicious-mappings.ts'
import { findTranslators } from './translators.ts'

/** A diagnosis before anybody has thought about what to do: `remedy/` adds the remedies. */
export type Unprescribed = Omit<Diagnosis, 'remedies'>

/**
 * From evidence to verdict, path and the obstacles that this evidence proves. Pure, and deterministic in the order of
 * `evidence`. What the evidence does not decide is `unknown` or `likely`; nothing is guessed.
 */
export function diagnose(evidence: readonly Evidence[], ports: readonly PortSpec[]): Unprescribed {
  const findings = new Findings(evidence)
  const translators = findTranslators(findings)
  const judged = endpointKeys(findings, ports).map((key) => judgeEndpoint(findings, key))
  const offline = internetClaims(findings, judged)
  const claims = [
    ...offline,
    ...outboundClaims(findings, judged),
    ...placeFilters(findings, protocolClaims(findings, judged)),
    ...throttleClaims(findings),
    ...networkClaims(findings, judged, translators),
    ...hostClaims(findings, judged),
    ...containerClaims(judged),
    ...processClaims(findings, judged),
    ...passingOnClaims(findings),
    ...clientRuleClaims(findings),
    ...announceClaims(findings, judged),
  ]
  const obstacles = mergeClaims(claims)
  const stopped = new Set(obstacles.filter(({ certainty }) => certainty === 'proven').flatMap((one) => one.endpoints))
  const endpoints = judged.map((one) => toVerdict(one, stopped.has(endpointName(one)), peersStopped(claims, one)))
  const nat = summarizeNat(findings, translators)
  const punching = holePunching(nat, obstacles)
  return {
    verdict: overall(endpoints),
    endpoints,
    path: drawPath(findings, judged, obstacles, translators),
    nat,
    holePunching: punching,
    gateways: summarizeGateways(findings),
    obstacles,
    warnings: [
      ...routerControlOpen(findings),
      ...nodeWarnings(findings),
      ...suspiciousMappings(findings),
      ...punchingWarnings(findings, punching, nat),
    ],
    node: summarizeNode(findings),
    notes: [...notesFor(findings, judged, translators), ...filterHopNotes(claims)],
    evidence,
  }
}

/** Every port asked for, in each family that was asked about: whoever listens on it was looked up in all of those. */
function endpointKeys(findings: Findings, ports: readonly PortSpec[]): readonly EndpointKey[] {
  const families = new Set(findings.of('listeners').map(({ value }) => value.family))
  return [...families].flatMap((family) => ports.map(({ transport, port }) => ({ transport, family, port })))
}

/**
 * A proven obstacle that stops an endpoint decides it, where no dial did. A filter on the node's own protocol decides even
 * where one did: what came in was no peer.
 */
function toVerdict(finding: EndpointFinding, stopped: boolean, peersStopped: Answer): EndpointVerdict {
  const { transport, family, port, external, caveats, evidence } = finding
  const reachable = afterObstacles(finding.reachable, stopped, peersStopped)
  return { transport, family, port, reachable, external, caveats: reachable === 'yes' ? caveats : [], evidence }
}

function afterObstacles(reachable: Answer, stopped: boolean, peersStopped: Answer): Answer {
  if (peersStopped === 'yes') return 'no'
  if (peersStopped === 'unknown' && reachable === 'yes') return 'unknown'
  return stopped && reachable === 'unknown' ? 'no' : reachable
}

function overall(endpoints: readonly EndpointVerdict[]): Verdict {
  const answers = endpoints.map(({ reachable }) => reachable)
  const [yes, no] = [answers.includes('yes'), answers.includes('no')]
  if (answers.length > 0 && answers.every((answer) => answer === 'yes')) return 'reachable'
  if (yes && no) return 'partly-reachable'
  return no && !yes ? 'unreachable' : 'unknown'
}
