import { mappingEndMs } from '../../gateway/mapping-end.ts'
import { endpointName, formatEndpoint } from '../../model/endpoint.ts'
import { VERSION } from '../../model/version.ts'
import type { CounterName } from '../counters.ts'
import type { DaemonView } from '../daemon.ts'
import { isHeld } from '../keeper.ts'

export interface ProcessFigures {
  readonly cpuSeconds: number
  readonly residentBytes: number
}

type Labels = Readonly<Record<string, string | number>>

interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly samples: readonly (readonly [Labels, number])[]
}

const COUNTERS: Readonly<Record<CounterName, readonly [name: string, help: string]>> = {
  checks: ['peerway_checks_total', 'Checks from outside, those of repairs included.'],
  renewals: ['peerway_renewals_total', 'Mappings that a router has granted again.'],
  renewalFailures: ['peerway_renewal_failures_total', 'Renewals that a router refused or did not answer.'],
  gatewayQuestions: ['peerway_gateway_requests_total', 'Questions to routers, renewals included.'],
  outsideQuestions: ['peerway_stun_requests_total', 'Questions to STUN servers for the address outside.'],
  events: ['peerway_events_total', 'Events written to the history.'],
  troubles: ['peerway_errors_total', 'Things that this host could not do.'],
  alerts: ['peerway_alerts_total', 'Alerts that a webhook, a command or a mail system has taken.'],
  alertFailures: ['peerway_alert_failures_total', 'Alerts that nobody took, each try counted.'],
  storeErrors: ['peerway_history_errors_total', 'Writes of the history that failed.'],
}

/** All metrics in the text format of Prometheus (version 0.0.4). */
export function metricsText(view: DaemonView, nowMs: number, figures: ProcessFigures): string {
  return [...stateMetrics(view, nowMs), ...counterMetrics(view), ...processMetrics(view, figures)].map(format).join('')
}

function stateMetrics(view: DaemonView, nowMs: number): readonly Metric[] {
  return [
    gauge('peerway_build_info', 'Which peerway this is; always 1.', [[{ version: VERSION }, 1]]),
    ...reachabilityMetrics(view),
    ...vantageMetrics(view),
    ...checkMetrics(view),
    ...peerMetrics(view),
    gauge(
      'peerway_mapping_remaining_seconds',
      'Time until a port mapping ends by itself.',
      mappingSamples(view, nowMs),
    ),
    gauge('peerway_changes', 'Changes of this host and its routers that are not taken back.', [
      [{}, view.entries.length],
    ]),
  ]
}

function reachabilityMetrics({ measured, stated }: DaemonView): readonly Metric[] {
  const endpoints = measured?.diagnosis.endpoints ?? []
  const labels = endpoints.map(({ transport, family, port }) => ({ transport, family, port }))
  const answers = endpoints.map((endpoint) => stated.get(endpointName(endpoint))?.answer ?? 'unknown')
  const known = labels.flatMap((each, index): [Labels, number][] =>
    answers[index] === 'unknown' ? [] : [[each, answers[index] === 'yes' ? 1 : 0]],
  )
  const isKnown = labels.map((each, index) => {
    return [each, endpoints[index]!.reachable === 'unknown' ? 0 : 1] as const
  })
  return [
    gauge('peerway_endpoint_reachable', 'Do strangers get in: 1 yes, 0 no; absent before it is known.', known),
    gauge('peerway_endpoint_known', 'Could the last check tell whether strangers get in.', isKnown),
  ]
}

function vantageMetrics({ measured }: DaemonView): readonly Metric[] {
  const facts = (measured?.diagnosis.evidence ?? []).flatMap(({ probe, value }) => (probe === 'vantage' ? [value] : []))
  const labelled = facts.map((fact) => [{ vantage: fact.name, family: fact.family }, fact] as const)
  return [
    gauge(
      'peerway_vantage_up',
      'Did the vantage answer in the last check.',
      labelled.map(([labels, { control, stun }]) => [labels, control === 'answered' || stun === 'answered' ? 1 : 0]),
    ),
    gauge(
      'peerway_vantage_round_trip_seconds',
      'Round trip to the vantage in the last check.',
      labelled.flatMap(([labels, { rttMs }]): [Labels, number][] => (rttMs === null ? [] : [[labels, rttMs / 1000]])),
    ),
  ]
}

function checkMetrics({ measured, measuredAtMs }: DaemonView): readonly Metric[] {
  const counted = new Map<string, [Labels, number]>()
  for (const { id, stage, certainty } of measured?.diagnosis.obstacles ?? []) {
    const key = `${id} ${stage} ${certainty}`
    counted.set(key, [{ obstacle: id, stage, certainty }, (counted.get(key)?.[1] ?? 0) + 1])
  }
  const last = measured === null || measuredAtMs === null ? [] : [[{}, measuredAtMs / 1000] as const]
  const lasted = measured === null ? [] : [[{}, measured.report.durationMs / 1000] as const]
  return [
    gauge('peerway_obstacles', 'What stops strangers, by the last check.', [...counted.values()]),
    gauge('peerway_last_check_timestamp_seconds', 'When the last check ended, in seconds since 1970.', last),
    gauge('peerway_last_check_duration_seconds', 'How long the last check took.', lasted),
  ]
}

/** By halves, where one program is several nodes. */
function peerMetrics({ measured }: DaemonView): readonly Metric[] {
  const facts = (measured?.diagnosis.evidence ?? []).flatMap((each) =>
    each.probe === 'node-peers' ? [each.value] : [],
  )
  const node = measured?.diagnosis.node?.kind ?? ''
  const labelled = facts.map((fact) => [{ node, ...(fact.part === null ? {} : { part: fact.part }) }, fact] as const)
  return [
    gauge(
      'peerway_peers',
      'Peers of the node, where it can be asked.',
      labelled.map(([labels, { peers }]) => [labels, peers]),
    ),
    gauge(
      'peerway_inbound_peers',
      'Peers that dialled the node, where it tells.',
      labelled.flatMap(([labels, { inbound }]): [Labels, number][] => (inbound === null ? [] : [[labels, inbound]])),
    ),
  ]
}

function mappingSamples({ entries }: DaemonView, nowMs: number): readonly (readonly [Labels, number])[] {
  return entries.filter(isHeld).flatMap(({ change: { mapping } }): [Labels, number][] => {
    const endMs = mappingEndMs(mapping)
    const { transport, internal, gateway, protocol, externalPort } = mapping
    const labels = { transport, internal: formatEndpoint(internal), external_port: externalPort, gateway, protocol }
    return endMs === null ? [] : [[labels, Math.max(0, (endMs - nowMs) / 1000)]]
  })
}

function counterMetrics({ counters }: DaemonView): readonly Metric[] {
  return (Object.keys(COUNTERS) as CounterName[]).map((counter) => {
    const [name, help] = COUNTERS[counter]
    return { name, type: 'counter', help, samples: [[{}, counters.get(counter)]] }
  })
}

function processMetrics({ startedAtMs }: DaemonView, { cpuSeconds, residentBytes }: ProcessFigures): readonly Metric[] {
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of the watch, its checks excluded.',
      samples: [[{}, cpuSeconds]],
    },
    gauge('process_resident_memory_bytes', 'Resident memory of the watch.', [[{}, residentBytes]]),
    gauge('process_start_time_seconds', 'When the watch began, in seconds since 1970.', [[{}, startedAtMs / 1000]]),
  ]
}

function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, type: 'gauge', help, samples }
}

/** Nothing of a metric without samples, so that nobody takes it for zero. */
function format({ name, type, help, samples }: Metric): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([labels, value]) => `${name}${formatLabels(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
