import type { Answer } from '../model/answer.ts'
import type {
  Caveat,
  Diagnosis,
  EndpointVerdict,
  Gateway,
  NatSummary,
  NodeSummary,
  PathStage,
  Verdict,
} from '../model/diagnosis.ts'
import { type EndpointName, type Family, formatEndpoint, type Transport } from '../model/endpoint.ts'
import type { Evidence, ProbeName } from '../model/evidence.ts'
import type { Certainty, Obstacle, ObstacleId, Stage, Warning, WarningId } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import { evidenceText } from './evidence-text.ts'
import { isoTime } from './iso-time.ts'
import { type Language, renderMessage } from './render-message.ts'

/** The schema's name and version; docs/report.schema.json describes it. */
export const REPORT_SCHEMA = 'peerway.report/1'

/** What `peerway check --json` prints: a diagnosis with its sentences in one language. Every key is always there. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA
  /** The version of peerway. */
  readonly peerway: string
  /** When the check began, ISO 8601 in UTC. */
  readonly at: string
  readonly durationMs: number
  readonly verdict: Verdict
  readonly endpoints: readonly ReportEndpoint[]
  readonly path: readonly PathStage[]
  readonly nat: NatSummary
  readonly gateways: readonly Gateway[]
  readonly obstacles: readonly ReportObstacle[]
  readonly warnings: readonly ReportWarning[]
  readonly remedies: readonly ReportRemedy[]
  readonly node: ReportNode | null
  readonly evidence: readonly ReportEvidence[]
}

/** One for each transport, family and port asked for; `port` is this host's, `external` is where strangers dial. */
export interface ReportEndpoint {
  readonly transport: Transport
  readonly family: Family
  readonly port: number
  readonly reachable: Answer
  /** `203.0.113.7:4001` or `[2001:db8::1]:4001`. */
  readonly external: string | null
  readonly caveats: readonly Caveat[]
  readonly evidence: readonly string[]
}

export interface ReportObstacle {
  readonly id: ObstacleId
  readonly stage: Stage
  readonly layer: number | null
  readonly certainty: Certainty
  readonly endpoints: readonly EndpointName[]
  readonly evidence: readonly string[]
  readonly text: string
  readonly settledBy: string | null
}

export interface ReportWarning {
  readonly id: WarningId
  readonly evidence: readonly string[]
  readonly text: string
}

export interface ReportRemedy {
  readonly id: string
  readonly rank: number
  readonly automatic: boolean
  readonly clears: readonly ObstacleId[]
  readonly text: string
  readonly steps: readonly string[]
}

/** The node itself; numbers are null where it could not be asked. */
export interface ReportNode {
  /** One of those that `--node` takes, or the name of one of the user's own. */
  readonly kind: string
  readonly peers: number | null
  readonly peersWanted: { readonly min: number; readonly max: number } | null
}

export interface ReportEvidence {
  readonly id: string
  readonly probe: ProbeName
  readonly at: string
  readonly value: Evidence['value']
  readonly text: string
}

export interface ReportContext {
  readonly version: string
  readonly at: string
  readonly durationMs: number
  readonly language: Language
}

/**
 * The report of a diagnosis, ready for JSON; keys stand in the order of the published format. `notes` are not part of
 * the format: the text shows them.
 */
export function buildReport(diagnosis: Diagnosis, context: ReportContext): Report {
  const { language } = context
  return {
    schema: REPORT_SCHEMA,
    peerway: context.version,
    at: context.at,
    durationMs: Math.round(context.durationMs),
    verdict: diagnosis.verdict,
    endpoints: diagnosis.endpoints.map(reportEndpoint),
    path: diagnosis.path.map(reportStage),
    nat: reportNat(diagnosis.nat),
    gateways: diagnosis.gateways.map(reportGateway),
    obstacles: diagnosis.obstacles.map((obstacle) => reportObstacle(obstacle, language)),
    warnings: diagnosis.warnings.map((warning) => reportWarning(warning, language)),
    remedies: diagnosis.remedies.map((remedy) => reportRemedy(remedy, language)),
    node: diagnosis.node && reportNode(diagnosis.node),
    evidence: diagnosis.evidence.map((evidence) => reportEvidence(evidence, language)),
  }
}

// Each value is written out key by key, so that a key more in the model does not slip into the published format.

function reportEndpoint(endpoint: EndpointVerdict): ReportEndpoint {
  const { transport, family, port, reachable, external, caveats, evidence } = endpoint
  return {
    transport,
    family,
    port,
    reachable,
    external: external === null ? null : formatEndpoint(external),
    caveats,
    evidence,
  }
}

function reportStage({ family, stage, layer, address, state }: PathStage): PathStage {
  return { family, stage, layer, address, state }
}

function reportNat(nat: NatSummary): NatSummary {
  const { layers, mapping, filtering, hairpinning, portPreservation, externalAddresses, udpLifetimeSeconds } = nat
  return { layers, mapping, filtering, hairpinning, portPreservation, externalAddresses, udpLifetimeSeconds }
}

function reportGateway({ address, protocols, externalAddress, model }: Gateway): Gateway {
  return { address, protocols, externalAddress, model }
}

function reportNode({ kind, peers, peersWanted }: NodeSummary): ReportNode {
  return { kind, peers, peersWanted }
}

function reportObstacle(obstacle: Obstacle, language: Language): ReportObstacle {
  const { id, stage, layer, certainty, endpoints, evidence, settledBy } = obstacle
  const text = renderMessage(obstacle.text, language)
  const settled = settledBy === null ? null : renderMessage(settledBy, language)
  return { id, stage, layer, certainty, endpoints, evidence, text, settledBy: settled }
}

function reportWarning({ id, evidence, text }: Warning, language: Language): ReportWarning {
  return { id, evidence, text: renderMessage(text, language) }
}

function reportRemedy(remedy: Remedy, language: Language): ReportRemedy {
  const { id, rank, automatic, clears } = remedy
  const steps = remedy.steps.map((step) => renderMessage(step, language))
  return { id, rank, automatic, clears, text: renderMessage(remedy.text, language), steps }
}

function reportEvidence(evidence: Evidence, language: Language): ReportEvidence {
  const { id, probe, atMs, value } = evidence
  return { id, probe, at: isoTime(atMs), value, text: renderMessage(evidenceText(evidence), language) }
}
