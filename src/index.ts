/**
 * peerway as a library: `check` finds out whether strangers can reach this machine's ports and, if not, where they are
 * stopped; `fix` makes the smallest change that lets them in, and `undo` takes it back. Everything else here is the shape of
 * what they take and return.
 */
export { type CheckResult, check } from './check.ts'
export { type FixEvents, type FixOptions, type FixResult, fix, type Proposal } from './fix.ts'
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
export type { NodeKindName } from './nodes/kinds.ts'
export type { NodeKind } from './nodes/node-kind.ts'
export type { OwnKind } from './nodes/own-kind.ts'
export type { CheckOptions } from './plan-of.ts'
export type { Change } from './remedy/change.ts'
export type { JournalEntry, PlannedChange } from './remedy/journal.ts'
export type { FixedChange } from './remedy/repair-result.ts'
export { renderHtml } from './report/html/render-html.ts'
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
export { listChanges, type UndoneChange, undo } from './undo.ts'
