import { mappingEndMs } from '../gateway/mapping-end.ts'
import type { EndpointName } from '../model/endpoint.ts'
import type { Change, ChangeContent } from '../remedy/change.ts'
import type { PlannedChange } from '../remedy/journal.ts'
import type { FixedChange } from '../remedy/repair-result.ts'
import { changeText } from './change-text.ts'
import { isoTime } from './iso-time.ts'
import { type Language, renderMessage } from './render-message.ts'

/**
 * `planned`: not made, as nobody agreed or it was a dry run. `kept`: made, and seen to help. `taken-back`: made, and of no
 * help, so it is no more. `left`: to be taken back, and it could not be; `why` says so.
 */
export type ReportChangeState = 'planned' | 'kept' | 'taken-back' | 'left'

/** A change of this machine or of a router, as `peerway fix --json` lists it beside the report, in `changes`. */
export interface ReportChange {
  /** What `peerway undo` takes; null for one that is not made. */
  readonly id: string | null
  readonly kind: ChangeContent['kind']
  readonly remedy: string
  readonly endpoints: readonly EndpointName[]
  readonly state: ReportChangeState
  /** A dial from outside showed that strangers get in with it. */
  readonly isProven: boolean
  readonly text: string
  readonly why: string | null
  /** When it ends by itself: a mapping's lifetime, ISO 8601 in UTC. Null: it stays. */
  readonly expiresAt: string | null
  /** Nothing that this host loads at boot makes it again. */
  readonly untilReboot: boolean
}

export function reportPlanned(
  { change, remedy, endpoints, untilReboot }: PlannedChange,
  language: Language,
): ReportChange {
  const text = renderMessage(changeText(change), language)
  const nothing = { id: null, isProven: false, why: null, expiresAt: null }
  return { ...nothing, kind: change.kind, remedy, endpoints, state: 'planned', text, untilReboot }
}

/** `fate`: what became of it, as `fix` tells it. */
export function reportChange(fate: FixedChange, language: Language): ReportChange {
  const { change, remedy, endpoints, untilReboot } = fate.entry
  const { state } = fate
  return {
    id: change.id,
    kind: change.kind,
    remedy,
    endpoints,
    state,
    isProven: state === 'kept' && fate.isProven,
    text: renderMessage(changeText(change), language),
    why: state === 'left' ? renderMessage(fate.why, language) : null,
    expiresAt: state === 'taken-back' ? null : expiry(change),
    untilReboot,
  }
}

function expiry(change: Change): string | null {
  if (change.kind !== 'port-mapping' || change.mapping === null) return null
  const endMs = mappingEndMs(change.mapping)
  return endMs === null ? null : isoTime(endMs)
}
