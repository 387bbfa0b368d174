import type { PathStage } from '../../model/diagnosis.ts'
import type { Family } from '../../model/endpoint.ts'
import { visible } from '../visible.ts'
import { STAGE_ICONS, STATE_ICONS } from './icons.ts'
import { type Child, el, type Markup } from './markup.ts'
import type { Say } from './say.ts'

/** Side by side for wide screens, one below the other for narrow ones; the style sheet shows one of them. */
export type Direction = 'across' | 'down'

interface Step {
  readonly icon: string
  readonly state: 'pass' | 'block' | 'unknown' | null
  /** Does what strangers send come this far? */
  readonly isReached: boolean
  readonly name: string
  readonly told: string
  /** Long ones in several lines. */
  readonly address: readonly string[]
}

interface Point {
  readonly x: number
  readonly y: number
}

const RADIUS = 28
const GAP = 7
const COLUMN = 132
const ROW = 86
/** Room beside the circle, in `down`. */
const DOWN_WIDTH = 330
const LINE = 18
/** More stages than these want a wide place. */
const SHORT = 5

const COLORS = { pass: 'var(--good)', block: 'var(--bad)', unknown: 'var(--doubt)' } as const

/**
 * The way from the Internet to the node over one family: a circle for each stage that is there, in the colour of its state, with a
 * sign that says the same. Up to where strangers are stopped the line is whole, and beyond it is broken.
 */
export function drawPathPicture(stages: readonly PathStage[], family: Family, direction: Direction, say: Say): Markup {
  const steps = stepsOf(stages, LONGEST_LINE[direction], say)
  const places = steps.map((_, index) => placeOf(index, direction))
  const lines = Math.max(...steps.map(({ address }) => address.length))
  const [width, height] =
    direction === 'across'
      ? [steps.length * COLUMN, 2 * RADIUS + 70 + lines * LINE]
      : [DOWN_WIDTH, steps.length * ROW - ROW + 2 * RADIUS + 30]
  return el(
    'svg',
    {
      class: `picture ${direction}${steps.length > SHORT ? ' long' : ''}`,
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': inWords(steps, family, say),
    },
    ...steps.slice(1).map((step, index) => joint(places[index]!, places[index + 1]!, step)),
    ...steps.flatMap((step, index) => [sign(step, places[index]!), ...label(step, places[index]!, direction)]),
  )
}

function stepsOf(stages: readonly PathStage[], longest: number, say: Say): readonly Step[] {
  const present = stages.filter(({ state }) => state !== 'absent')
  const hasManyRouters = present.filter(({ stage }) => stage === 'router').length > 1
  const stranger = { icon: STAGE_ICONS.stranger, state: null, isReached: true, address: [] }
  const steps: Step[] = [{ ...stranger, name: say('stage.stranger'), told: '' }]
  let isStopped = false
  for (const { stage, layer, state, address } of present) {
    if (state === 'absent') continue
    steps.push({
      icon: STAGE_ICONS[stage],
      state,
      isReached: !isStopped,
      name: say(`stage.${stage}`, hasManyRouters && layer !== null ? { layer } : {}),
      told: say(`state.${state}`),
      address: address === null ? [] : linesOf(visible(address), longest),
    })
    isStopped ||= state === 'block'
  }
  return steps
}

function placeOf(index: number, direction: Direction): Point {
  if (direction === 'across') return { x: COLUMN / 2 + index * COLUMN, y: RADIUS + 12 }
  return { x: RADIUS + 12, y: RADIUS + 12 + index * ROW }
}

/** What stands in for the picture where it is not seen. */
function inWords(steps: readonly Step[], family: Family, say: Say): string {
  const told = steps.flatMap(({ state, name, told, address }) =>
    state === null ? [] : [say('page.picture-stage', { name, state: told, address: address.join('') })],
  )
  return say('page.picture', { family, stages: told.join(', ') })
}

/** Where nothing comes any more there is no arrow either. */
function joint(from: Point, to: Point, { state, isReached }: Step): Markup {
  const isAcross = from.y === to.y
  const end = (isAcross ? to.x : to.y) - RADIUS - GAP
  const start = (isAcross ? from.x : from.y) + RADIUS + GAP
  const line = isAcross ? `M${start} ${to.y}H${end}` : `M${to.x} ${start}V${end}`
  if (!isReached) return stroke(line, 'var(--flow)', 2, '0.1 7')
  const head = isAcross
    ? `M${end - 7} ${to.y - 6}L${end} ${to.y}L${end - 7} ${to.y + 6}`
    : `M${to.x - 6} ${end - 7}L${to.x} ${end}L${to.x + 6} ${end - 7}`
  return stroke(line + head, state === 'block' ? COLORS.block : 'var(--flow)', 2.5)
}

function sign({ icon, state, isReached }: Step, { x, y }: Point): Markup {
  const isBlocking = state === 'block'
  const color = state === null ? 'var(--ink)' : COLORS[state]
  return el(
    'g',
    { transform: `translate(${x} ${y})` },
    isBlocking ? el('circle', { r: RADIUS + 7, fill: 'var(--bad-soft)' }) : null,
    el('circle', {
      r: RADIUS,
      fill: isBlocking ? color : 'var(--card)',
      stroke: color,
      'stroke-width': isReached ? 2.5 : 1.5,
      'stroke-dasharray': state === 'unknown' ? '5 5' : null,
    }),
    el(
      'g',
      { transform: 'translate(-14.4 -14.4) scale(1.2)' },
      stroke(icon, isBlocking ? 'var(--on-bad)' : 'var(--ink)', 1.6),
    ),
    state === null ? null : badge(state, color),
  )
}

/** The state again, for whoever does not tell the colours apart. */
function badge(state: 'pass' | 'block' | 'unknown', color: string): Markup {
  return el(
    'g',
    { transform: 'translate(21 -21)' },
    el('circle', { r: 11, fill: 'var(--card)' }),
    el('circle', { r: 9, fill: color }),
    el('g', { transform: 'translate(-9 -9) scale(0.75)' }, stroke(STATE_ICONS[state], 'var(--on-bad)', 3)),
  )
}

function label({ name, told, address, state }: Step, { x, y }: Point, direction: Direction): readonly Child[] {
  const isAcross = direction === 'across'
  const anchor = isAcross ? 'middle' : 'start'
  const left = isAcross ? x : x + RADIUS + 22
  const lines = (told === '' ? 1 : 2) + address.length
  const top = isAcross ? y + RADIUS + 30 : y + 6 - ((lines - 1) * LINE) / 2
  const line = (text: string, index: number, fill: string, size: number, weight: number, mono = false) =>
    el(
      'text',
      {
        x: left,
        y: top + index * LINE,
        'text-anchor': anchor,
        fill,
        'font-size': size,
        'font-weight': weight,
        class: mono ? 'mono' : null,
      },
      text,
    )
  const color = state === 'block' || state === 'unknown' ? COLORS[state] : 'var(--soft)'
  return [
    line(name, 0, 'var(--ink)', 16, 600),
    ...(told === '' ? [] : [line(told, 1, color, 14, state === 'block' ? 700 : 400)]),
    ...address.map((part, index) => line(part, 2 + index, 'var(--soft)', 12.5, 400, true)),
  ]
}

function stroke(d: string, color: string, width: number, dashes: string | null = null): Markup {
  const round = { 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }
  return el('path', { d, fill: 'none', stroke: color, 'stroke-width': width, 'stroke-dasharray': dashes, ...round })
}

/** Characters of an address in one line. */
const LONGEST_LINE = { across: 16, down: 30 } as const

/** An IPv6 address is broken after a colon. */
function linesOf(address: string, longest: number): readonly string[] {
  const lines = ['']
  for (const part of address.split(/(?<=:)/)) {
    if (lines.at(-1)!.length + part.length > longest && lines.at(-1) !== '') lines.push('')
    lines[lines.length - 1] += part
  }
  return lines
}
