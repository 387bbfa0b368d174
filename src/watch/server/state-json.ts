import { mappingEndMs } from '../../gateway/mapping-end.ts'
import type { Answer } from '../../model/answer.ts'
import { type EndpointName, endpointName, formatEndpoint, type Transport } from '../../model/endpoint.ts'
import { type MessageParams, message } from '../../model/message.ts'
import { VERSION } from '../../model/version.ts'
import type { JournalEntry } from '../../remedy/journal.ts'
import { type AboutReport, aboutReport } from '../../report/about-report.ts'
import { type ReportChange, reportPlanned } from '../../report/change-report.ts'
import { changeText } from '../../report/change-text.ts'
import { isoTime } from '../../report/iso-time.ts'
import { type Language, renderMessage } from '../../report/render-message.ts'
import { buildReport, type Report } from '../../report/report.ts'
import type { DaemonView } from '../daemon.ts'
import { type HeldMapping, isHeld, outsideOf } from '../keeper.ts'
import type { StoredEvent } from '../store/store.ts'
import { type Measured, planId } from '../work.ts'
import type { Doing } from '../work-queue.ts'

export const STATE_SCHEMA = 'peerway.watch/1'

/** What `GET /api/state` says. Every key is always there; times are ISO 8601 in UTC. */
export interface WatchState {
  readonly schema: typeof STATE_SCHEMA
  readonly peerway: string
  readonly at: string
  readonly startedAt: string
  readonly lang: Language
  readonly doing: Doing | null
  readonly checkedAt: string | null
  readonly nextCheckAt: string | null
  /** May this reader change something? */
  readonly mayApply: boolean
  readonly endpoints: readonly WatchEndpoint[]
  /** The last check, as `peerway check --json` prints it; null before the first. */
  readonly report: Report | null
  /** What is said of it beside the published format. */
  readonly about: AboutReport | null
  readonly mappings: readonly WatchMapping[]
  /** What was changed and is not taken back, mappings among it; `undo` takes their ids. */
  readonly changes: readonly WatchChange[]
  /** What a repair would do now; null where nothing can be done, or need be. */
  readonly plan: { readonly id: string; readonly changes: readonly ReportChange[] } | null
  /** Why the history cannot be written at the moment; null while it can. */
  readonly historyError: string | null
}

export interface WatchEndpoint {
  readonly name: EndpointName
  /** As it is told to people: a change counts once two checks in a row have shown it. */
  readonly reachable: Answer
  readonly since: string | null
  /** What the last check found. */
  readonly measured: Answer
  /** Where strangers dial. */
  readonly external: string | null
}

export interface WatchMapping {
  readonly id: string
  readonly protocol: string
  readonly gateway: string
  readonly transport: Transport
  readonly internal: string
  /** `203.0.113.7:4001`, or `:4001` where the router does not tell the address. */
  readonly external: string
  readonly grantedAt: string
  /** Null: it stays until somebody deletes it. */
  readonly expiresAt: string | null
  readonly renewAt: string | null
  /** Made by this watch, and taken back when it ends. */
  readonly leased: boolean
}

export interface WatchChange {
  readonly id: string
  readonly kind: string
  readonly remedy: string
  readonly endpoints: readonly EndpointName[]
  readonly text: string
  readonly madeAt: string
  readonly leased: boolean
}

export interface WatchEvent {
  readonly id: number
  readonly at: string
  readonly kind: string
  readonly text: string
  readonly params: MessageParams
}

export function stateJson(view: DaemonView, nowMs: number, lang: Language, mayApply: boolean): WatchState {
  const { measured } = view
  return {
    schema: STATE_SCHEMA,
    peerway: VERSION,
    at: isoTime(nowMs),
    startedAt: isoTime(view.startedAtMs),
    lang,
    doing: view.doing,
    checkedAt: timeOrNull(view.measuredAtMs),
    nextCheckAt: timeOrNull(view.nextCheckAtMs),
    mayApply,
    endpoints: endpointsOf(view),
    report: measured === null ? null : reportIn(measured, lang),
    about: measured === null ? null : aboutReport(measured.diagnosis, lang),
    mappings: view.entries.filter(isHeld).map((entry) => mappingOf(entry, view)),
    changes: view.entries.map((entry) => changeOf(entry, lang)),
    plan: planOf(measured, lang),
    historyError: view.storeError,
  }
}

export function eventJson({ id, atMs, kind, params }: StoredEvent, lang: Language): WatchEvent {
  return { id, at: isoTime(atMs), kind, text: renderMessage(message(`watch.${kind}`, params), lang), params }
}

/** The report in another language than that of the check. */
export function reportIn({ report, diagnosis }: Measured, language: Language): Report {
  const { peerway: version, at, durationMs } = report
  return buildReport(diagnosis, { version, at, durationMs, language })
}

function endpointsOf({ measured, stated }: DaemonView): readonly WatchEndpoint[] {
  return (measured?.diagnosis.endpoints ?? []).map((endpoint) => {
    const name = endpointName(endpoint)
    const told = stated.get(name)
    return {
      name,
      reachable: told?.answer ?? 'unknown',
      since: timeOrNull(told?.sinceMs ?? null),
      measured: endpoint.reachable,
      external: endpoint.external === null ? null : formatEndpoint(endpoint.external),
    }
  })
}

function mappingOf({ change, leased }: HeldMapping, { renewAtMs }: DaemonView): WatchMapping {
  const { id, mapping } = change
  const { protocol, gateway, transport, internal, grantedAtMs } = mapping
  return {
    id,
    protocol,
    gateway,
    transport,
    internal: formatEndpoint(internal),
    external: outsideOf(mapping),
    grantedAt: isoTime(grantedAtMs),
    expiresAt: timeOrNull(mappingEndMs(mapping)),
    renewAt: timeOrNull(renewAtMs.get(id) ?? null),
    leased: leased === true,
  }
}

function changeOf({ change, remedy, endpoints, atMs, leased }: JournalEntry, lang: Language): WatchChange {
  const text = renderMessage(changeText(change), lang)
  const { id, kind } = change
  return { id, kind, remedy, endpoints, text, madeAt: isoTime(atMs), leased: leased === true }
}

function planOf(measured: Measured | null, lang: Language): WatchState['plan'] {
  if (measured === null || measured.plan.length === 0) return null
  return { id: planId(measured.plan), changes: measured.plan.map((each) => reportPlanned(each, lang)) }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
