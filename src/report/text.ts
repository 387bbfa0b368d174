import type {
  Diagnosis,
  EndpointVerdict,
  Gateway,
  HolePunching,
  NatSummary,
  NodeSummary,
  PunchingRow,
} from '../model/diagnosis.ts'
import { type Family, familyOf, formatEndpoint } from '../model/endpoint.ts'
import { type MessageParams, message } from '../model/message.ts'
import type { Obstacle, Warning } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import { gatewaySentence, natSentence } from './nat-sentence.ts'
import { nodeSentence } from './node-sentence.ts'
import { type Paint, painter } from './paint.ts'
import { drawPath } from './path-drawing.ts'
import { type Language, renderMessage } from './render-message.ts'
import { verdictSentence } from './verdict-sentence.ts'
import { cellsOf, padCells, wrap } from './wrap.ts'

export interface TextOptions {
  /** False for pipes and under NO_COLOR: then no escape code is written. */
  readonly color: boolean
  /** Cells of a line; fewer than 40 count as 40. */
  readonly width: number
  readonly language: Language
}

interface Page {
  readonly width: number
  readonly language: Language
  readonly paint: Paint
  readonly say: (id: string, params?: MessageParams) => string
}

const NARROWEST = 40
const FAMILIES = ['ipv4', 'ipv6'] as const
const MARKS = { yes: '✓', no: '✗', unknown: '?' } as const
const ANSWER_STYLES = { yes: 'green', no: 'red', unknown: 'yellow' } as const
const VERDICT_STYLES = {
  reachable: 'green',
  'partly-reachable': 'yellow',
  unreachable: 'red',
  unknown: 'yellow',
} as const

/**
 * A diagnosis for people, ending in a newline: the verdict first, then the way in, the ports, what it means, what to do
 * next, and what is good to know. No line is wider than `width`; nothing that came from the network can steer a terminal.
 */
export function renderText(diagnosis: Diagnosis, options: TextOptions): string {
  const { language } = options
  const width = Math.max(NARROWEST, options.width)
  const say = (id: string, params: MessageParams = {}) => renderMessage(message(id, params), language)
  const page: Page = { width, language, paint: painter(options.color), say }
  const sections = [
    verdictLines(diagnosis, page),
    ...FAMILIES.map((family) => pathLines(diagnosis, family, page)),
    portLines(diagnosis.endpoints, page),
    nodeLines(diagnosis.node, page),
    obstacleLines(diagnosis.obstacles, page),
    warningLines(diagnosis.warnings, page),
    remedyLines(diagnosis, page),
    noteLines(diagnosis, page),
    hintLines(diagnosis, page),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

// ---------------------------------------------------------------------------------------------- verdict

function verdictLines(diagnosis: Diagnosis, { language, width, paint }: Page): string[] {
  const text = verdictSentence(diagnosis, language)
  return wrap(text, { width }).map((line) => paint(VERDICT_STYLES[diagnosis.verdict], line))
}

// ---------------------------------------------------------------------------------------------- the way in

function pathLines({ path, nat, gateways, holePunching }: Diagnosis, family: Family, page: Page): string[] {
  const stages = path.filter((stage) => stage.family === family)
  if (stages.length === 0) return []
  const heading = page.paint('bold', page.say('heading.path', { family }))
  const own = gateways.filter(({ address }) => familyOf(address) === family)
  return [
    heading,
    ...drawPath(stages, page),
    ...(family === 'ipv4' ? natLines(nat, page) : []),
    ...(family === 'ipv4' && holePunching !== null ? punchingLines(holePunching, page) : []),
    ...own.flatMap((gateway) => gatewayLines(gateway, page)),
  ]
}

/** What remains where strangers cannot dial, by what stands before the peer. */
function punchingLines({ onePort, portPerPeer, udpBlocked, withMost }: HolePunching, page: Page): string[] {
  const { say, width } = page
  const cells = (rows: readonly PunchingRow[]) =>
    rows.map(({ filtering, answer }) => `${say(`nat.${filtering}`)} ${MARKS[answer]}`).join(', ')
  const rows = udpBlocked
    ? []
    : [
        say('text.punching-one-port', { table: cells(onePort) }),
        say('text.punching-per-peer', { table: cells(portPerPeer) }),
      ]
  return [
    ...wrap(say('text.punching', { answer: say(`punching.${withMost}`) }), { width, prefix: '  ' }),
    ...rows.flatMap((row) => wrap(row, { width, prefix: '    ' })),
    ...wrap(say('text.remains', { udp: MARKS[withMost] }), { width, prefix: '  ' }),
  ]
}

function gatewayLines(gateway: Gateway, { language, width }: Page): string[] {
  const sentence = gatewaySentence(gateway, language)
  return sentence === undefined ? [] : wrap(sentence, { width, prefix: '  ' })
}

function natLines(nat: NatSummary, { say, language, width }: Page): string[] {
  const sentence = natSentence(nat, language)
  const seconds = nat.udpLifetimeSeconds
  const lifetime = seconds === null ? undefined : say('text.udp-lifetime', { seconds })
  return [sentence, lifetime].flatMap((each) => (each === undefined ? [] : wrap(each, { width, prefix: '  ' })))
}

// ---------------------------------------------------------------------------------------------- ports

function portLines(endpoints: readonly EndpointVerdict[], page: Page): string[] {
  if (endpoints.length === 0) return []
  const { say, paint } = page
  const rows = endpoints.map(({ transport, port, family, reachable }) => [
    `${transport.toUpperCase()} ${port}`,
    say(`family.${family}`),
    `${MARKS[reachable]} ${say(`answer.${reachable}`)}`,
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => cellsOf(row[column]!))))
  const lines = endpoints.flatMap((endpoint, index) => {
    const cells = rows[index]!.map((cell, column) => padCells(cell, widths[column]!))
    return portRow(endpoint, cells.join('  '), page)
  })
  return [paint('bold', say('heading.ports')), ...lines]
}

function portRow({ external, caveats, reachable, evidence }: EndpointVerdict, row: string, page: Page): string[] {
  const { say, width, paint } = page
  const where = external === null ? '' : `${say('text.external', { external: formatEndpoint(external) })} `
  const detail = `${where}${evidenceIds(evidence)}`.trim()
  const [first = '', ...rest] =
    cellsOf(row) + cellsOf(detail) + 4 <= width
      ? [`  ${row}  ${detail}`]
      : [`  ${row}`, ...wrap(detail, { width, prefix: '      ' })]
  const warned = caveats.flatMap((caveat) => wrap(say(`caveat.${caveat}`), { width, prefix: '      ' }))
  const mark = `${MARKS[reachable]} ${say(`answer.${reachable}`)}`
  return [first.replace(mark, () => paint(ANSWER_STYLES[reachable], mark)).trimEnd(), ...rest, ...warned]
}

function nodeLines(node: NodeSummary | null, { say, language, width, paint }: Page): string[] {
  if (node === null) return []
  return [paint('bold', say('heading.node')), ...wrap(nodeSentence(node, language), { width, prefix: '  ' })]
}

// ---------------------------------------------------------------------------------------------- what it means

function obstacleLines(obstacles: readonly Obstacle[], page: Page): string[] {
  if (obstacles.length === 0) return []
  const { say, language, paint } = page
  const lines = obstacles.flatMap((obstacle, index) => {
    const certainty = say(`certainty.${obstacle.certainty}`)
    const text = `${certainty}. ${renderMessage(obstacle.text, language)} ${evidenceIds(obstacle.evidence)}`
    const settled = obstacle.settledBy === null ? [] : [renderMessage(obstacle.settledBy, language)]
    return [
      ...numbered(index + 1, text.trim(), page),
      ...settled.flatMap((sentence) => indented(`${say('text.settled-by')} ${sentence}`, page)),
    ]
  })
  return [paint('bold', say('heading.obstacles')), ...lines]
}

function warningLines(warnings: readonly Warning[], page: Page): string[] {
  if (warnings.length === 0) return []
  const { say, language, width, paint } = page
  const lines = warnings.flatMap(({ text, evidence }) =>
    wrap(`${renderMessage(text, language)} ${evidenceIds(evidence)}`.trim(), { width, prefix: '  ! ' }),
  )
  return [paint('bold', say('heading.warnings')), ...lines]
}

// ---------------------------------------------------------------------------------------------- what to do next

function remedyLines({ remedies, obstacles }: Diagnosis, page: Page): string[] {
  if (remedies.length === 0) return []
  const { say, paint, width, language } = page
  const ranked = remedies.toSorted((a, b) => a.rank - b.rank)
  // The same last step of every remedy (check again) is said once, at the end.
  const last = ranked.map(({ steps }) => JSON.stringify(steps.at(-1)))
  const common = last.every((step) => step === last[0]) ? ranked[0]!.steps.at(-1) : undefined
  const blocks = ranked.map((each) => (common === undefined ? each : { ...each, steps: each.steps.slice(0, -1) }))
  const lines = blocks.flatMap((remedy, index) => remedyBlock(remedy, index, obstacles, page))
  const several = remedies.length > 1 ? [say(obstacles.length > 1 ? 'text.one-each' : 'text.one-enough')] : []
  const closing = [...several, ...(common === undefined ? [] : [renderMessage(common, language)])]
  return [
    paint('bold', say('heading.remedies')),
    ...lines,
    ...closing.flatMap((sentence) => wrap(sentence, { width, prefix: '  ' })),
  ]
}

function remedyBlock(remedy: Remedy, index: number, obstacles: readonly Obstacle[], page: Page): string[] {
  const { say, language, width, paint } = page
  const numbers = obstacles.flatMap(({ id }, at) => (remedy.clears.includes(id) ? [at + 1] : []))
  const clears =
    obstacles.length > 1 && numbers.length > 0
      ? ` (${say('text.clears', { numbers: [...new Set(numbers)].join(', ') })})`
      : ''
  const letter = String.fromCharCode(0x41 + (index % 26))
  const title = wrap(`${renderMessage(remedy.text, language)}${clears}`, { width, prefix: `  ${letter}. ` })
  const steps = remedy.steps.flatMap((step, at) =>
    wrap(renderMessage(step, language), { width, prefix: `     ${at + 1}. ` }),
  )
  return [...title.map((line) => paint('bold', line)), ...steps]
}

// ---------------------------------------------------------------------------------------------- the rest

function noteLines({ notes }: Diagnosis, { say, language, width, paint }: Page): string[] {
  if (notes.length === 0) return []
  const lines = notes.flatMap((note) => wrap(renderMessage(note, language), { width, prefix: '  - ' }))
  return [paint('bold', say('heading.notes')), ...lines]
}

function hintLines({ evidence }: Diagnosis, { say, width, paint }: Page): string[] {
  if (evidence.length === 0) return []
  return wrap(say('text.json-hint'), { width }).map((line) => paint('dim', line))
}

function evidenceIds(ids: readonly string[]): string {
  return ids.length === 0 ? '' : `(${ids.join(', ')})`
}

function numbered(number: number, text: string, { width }: Page): string[] {
  return wrap(text, { width, prefix: `  ${number}. ` })
}

function indented(text: string, { width }: Page): string[] {
  return wrap(text, { width, prefix: '     ' })
}
