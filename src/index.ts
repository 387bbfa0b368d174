/**
 * peerway as a library: `check` finds out whether strangers can reach this machine's ports and, if not, where they are
 * stopped. Everything else here is the shape of what it takes and returns.
 */
export { type CheckResult, check } from './check.ts'
export type { Host } from './host/host.ts'
export type { Answer } from './model/answer.ts'
export type * from './model/diagnosis.ts'
export type { Address, Endpoint, EndpointKey, EndpointName, Family, PortSpec, Transport } from './model/endpoint.ts'
export { PeerwayError, type PeerwayErrorCode } from './model/error.ts'
export type * from './model/evidence.ts'
export type { Message, MessageParams } from './model/message.ts'
export type { Behavior, FilteringBehavior, MappingBehavior } from './model/nat.ts'
export type { Certainty, Obstacle, ObstacleId, Stage, Warning, WarningId } from './model/obstacle.ts'
export type { Progress } from './model/plan.ts'
export type { Remedy } from './model/remedy.ts'
export type { NodeKind } from './nodes/kinds.ts'
export type { CheckOptions } from './plan-of.ts'
export type { Language } from './report/render-message.ts'
export type {
  Report,
  ReportEndpoint,
  ReportEvidence,
  ReportNode,
  ReportObstacle,
  ReportRemedy,
  ReportWarning,
} from './report/report.ts'
export { renderText, type TextOptions } from './report/text.ts'
