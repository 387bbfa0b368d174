import type { Answer } from '../../model/answer.ts'
import type { Caveat, Verdict } from '../../model/diagnosis.ts'
import { isReachableToKnown } from '../reachable-to-known.ts'
import type { Report, ReportEndpoint, ReportObstacle, ReportRemedy } from '../report.ts'
import { visible } from '../visible.ts'
import { STATE_ICONS } from './icons.ts'
import { type Child, el, type Markup } from './markup.ts'
import { drawPathPicture } from './path-picture.ts'
import type { Say } from './say.ts'

/** What pages and files show of a report, a block each; what there is nothing to say of is null. */

export const VERDICT_TONES = {
  reachable: 'good',
  'partly-reachable': 'doubt',
  unreachable: 'bad',
  unknown: 'doubt',
} as const satisfies Record<Verdict, string>

const ANSWER_TONES = { yes: 'good', no: 'bad', unknown: 'doubt' } as const
const ANSWER_ICONS = { yes: STATE_ICONS.pass, no: STATE_ICONS.block, unknown: STATE_ICONS.unknown } as const
const FAMILIES = ['ipv4', 'ipv6'] as const

/** In three seconds: do strangers get in, and where are they stopped? `report` null: nothing was measured yet. */
export function verdictBlock(report: Report | null, sentence: string, say: Say): Markup {
  const words = el('div', {}, el('h1', {}, headline(report, say)), el('p', {}, sentence))
  return el('div', { class: 'verdict-head' }, verdictSign(report?.verdict ?? 'unknown', 'large'), words)
}

/** The verdict in a few words that claim no more than is proven. */
export function headline(report: Report | null, say: Say): string {
  if (report === null) return say('page.verdict-none')
  if (isReachableToKnown(report)) return say('page.verdict-reachable-to-known')
  const isInPart = report.endpoints.some(({ reachable }) => reachable === 'unknown')
  if (report.verdict === 'unreachable' && isInPart) return say('page.verdict-unreachable-in-part')
  return say(`page.verdict-${report.verdict}`)
}

export function verdictSign(verdict: Verdict, size: 'large' | 'small'): Markup {
  return signOf(verdict === 'reachable' ? 'yes' : verdict === 'unreachable' ? 'no' : 'unknown', size)
}

/** The picture of each family, in both shapes. */
export function pathBlocks({ path }: Report, say: Say): readonly Markup[] {
  return FAMILIES.flatMap((family) => {
    const stages = path.filter((stage) => stage.family === family)
    if (stages.length === 0) return []
    const pictures = (['across', 'down'] as const).map((direction) => drawPathPicture(stages, family, direction, say))
    return [
      el('section', { class: 'path' }, el('h2', {}, say('heading.path', { family: familyName(family) })), ...pictures),
    ]
  })
}

export function endpointsBlock(endpoints: readonly ReportEndpoint[], say: Say): Markup | null {
  if (endpoints.length === 0) return null
  const list = el('ul', { class: 'ports' }, ...endpoints.map((each) => endpointRow(each, say)))
  const notes = caveatsOf(endpoints).map((caveat) => el('p', { class: 'note' }, say(`caveat.${caveat}`)))
  return section(say('heading.ports'), list, ...notes)
}

/** Each once: as a rule all endpoints have the same. */
export function caveatsOf(endpoints: readonly ReportEndpoint[]): readonly Caveat[] {
  return [...new Set(endpoints.flatMap(({ caveats }) => caveats))]
}

function endpointRow({ transport, family, port, reachable, external }: ReportEndpoint, say: Say): Markup {
  return el(
    'li',
    {},
    answerSign(reachable),
    el('b', {}, `${transport.toUpperCase()} ${port}`),
    el('span', { class: 'soft' }, say(`family.${family}`)),
    el('span', { class: ANSWER_TONES[reachable] }, say(`answer.${reachable}`)),
    external === null ? null : el('span', { class: 'soft' }, say('text.external', { external })),
  )
}

export function answerSign(answer: Answer): Markup {
  return signOf(answer, 'small')
}

function signOf(answer: Answer, size: string): Markup {
  const line = {
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': 3,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  }
  const icon = el('path', { d: ANSWER_ICONS[answer], ...line })
  return el('svg', { class: `sign ${size} ${ANSWER_TONES[answer]}`, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, icon)
}

export function obstaclesBlock({ obstacles }: Report, say: Say): Markup | null {
  if (obstacles.length === 0) return null
  const list = el('ol', { class: 'obstacles' }, ...obstacles.map((one) => obstacleRow(one, say)))
  return section(say('heading.obstacles'), list)
}

function obstacleRow({ certainty, text, settledBy }: ReportObstacle, say: Say): Markup {
  const settled =
    settledBy === null ? null : el('p', { class: 'soft' }, `${say('text.settled-by')} `, ...withCode(settledBy))
  const tag = el('b', { class: certainty === 'proven' ? 'bad' : 'doubt' }, `${say(`certainty.${certainty}`)}.`)
  return el('li', {}, el('p', {}, tag, ` ${text}`), settled)
}

/** The best way with its steps, the others to be unfolded. */
export function remediesBlock({ remedies, obstacles }: Report, heading: string, say: Say): Markup | null {
  const [best, ...others] = remedies.toSorted((a, b) => a.rank - b.rank)
  if (best === undefined) return null
  const enough = say(obstacles.length > 1 ? 'text.one-each' : 'text.one-enough')
  const rest =
    others.length === 0
      ? []
      : [el('h3', {}, say('page.other-ways')), ...others.map(remedyFold), el('p', { class: 'soft' }, enough)]
  return section(heading, el('h3', {}, best.text), stepsList(best), ...rest)
}

function remedyFold(remedy: ReportRemedy): Markup {
  return el('details', {}, el('summary', {}, remedy.text), stepsList(remedy))
}

function stepsList({ steps }: ReportRemedy): Markup {
  return el('ol', { class: 'steps' }, ...steps.map((step) => el('li', {}, ...withCode(step))))
}

export function warningsBlock({ warnings }: Report, say: Say): Markup | null {
  return listBlock(
    say('heading.warnings'),
    warnings.map(({ text }) => text),
    'warnings',
  )
}

/** A heading over sentences. */
export function listBlock(heading: string, sentences: readonly string[], kind: string): Markup | null {
  if (sentences.length === 0) return null
  return section(
    heading,
    el('ul', { class: kind }, ...sentences.map((sentence) => el('li', {}, ...withCode(sentence)))),
  )
}

export function evidenceBlock({ evidence }: Report, say: Say): Markup | null {
  if (evidence.length === 0) return null
  const rows = evidence.map(({ id, text }) => el('li', {}, el('span', { class: 'soft mono' }, visible(id)), ` ${text}`))
  const summary = el('summary', {}, say('page.evidence', { count: evidence.length }))
  return el('details', { class: 'evidence' }, summary, el('ul', {}, ...rows))
}

/** What stands between backticks is to be typed. */
function withCode(sentence: string): readonly Child[] {
  return sentence.split('`').map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part))
}

function section(heading: string, ...content: readonly Markup[]): Markup {
  return el('section', {}, el('h2', {}, heading), ...content)
}

function familyName(family: string): string {
  return family.replace('ipv', 'IPv')
}
