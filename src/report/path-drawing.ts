import type { PathStage } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import type { Paint, Style } from './paint.ts'
import { type Language, renderMessage } from './render-message.ts'
import { visible } from './visible.ts'
import { cellsOf, padCells, wrap } from './wrap.ts'

export interface DrawingOptions {
  readonly width: number
  readonly language: Language
  readonly paint: Paint
}

interface Column {
  readonly style: Style | null
  /** What joins this stage to the one before it: four cells. */
  readonly joint: string
  /** Name, state and address, one under the other. */
  readonly cells: readonly string[]
  readonly width: number
}

const STYLES = { pass: 'green', block: 'red', unknown: 'yellow', absent: null } as const
const INDENT = '  '

/**
 * One family's way from the stranger to the node as a line of stages, each with its state and address beneath:
 *
 *     stranger ──▶ provider ──▶ router ──✗ firewall ··▶ node
 *
 * Stages that are not there are left out. A line too long for `width` goes on in the next one.
 */
export function drawPath(stages: readonly PathStage[], options: DrawingOptions): string[] {
  const bands: Column[][] = [[]]
  let used = cellsOf(INDENT)
  for (const column of columnsOf(stages, options)) {
    const needed = column.width + cellsOf(column.joint)
    if (used + needed > options.width && bands.at(-1)!.length > 0) {
      bands.push([])
      used = cellsOf(INDENT)
    }
    bands.at(-1)!.push(column)
    used += needed
  }
  return bands.flatMap((band) => drawBand(band, options))
}

function columnsOf(stages: readonly PathStage[], options: DrawingOptions): Column[] {
  const say = (id: string, params = {}) => renderMessage(message(id, params), options.language)
  const present = stages.filter((stage) => stage.state !== 'absent')
  const manyRouters = present.filter((stage) => stage.stage === 'router').length > 1
  const columns = [column('', null, [say('stage.stranger')], options)]
  let stopped = false
  for (const { stage, layer, state, address } of present) {
    const joint = state === 'block' ? ' ─✗ ' : stopped ? ' ·▷ ' : ' ─▶ '
    const name = say(`stage.${stage}`, manyRouters && layer !== null ? { layer } : {})
    const cells = [name, say(`state.${state}`), ...(address === null ? [] : [visible(address)])]
    columns.push(column(joint, STYLES[state], cells, options))
    stopped ||= state === 'block'
  }
  return columns
}

function column(joint: string, style: Style | null, cells: readonly string[], { width }: DrawingOptions): Column {
  const room = width - cellsOf(INDENT) - cellsOf(joint)
  const lines = cells.flatMap((cell) => wrap(cell, { width: room }))
  return { joint, style, cells: lines, width: Math.max(...lines.map(cellsOf)) }
}

function drawBand(band: readonly Column[], { paint }: DrawingOptions): string[] {
  const height = Math.max(...band.map((each) => each.cells.length))
  return Array.from({ length: height }, (_, row) => {
    const line = band.map(({ joint, style, cells, width }, index) => {
      const last = index === band.length - 1
      const cell = last ? (cells[row] ?? '') : padCells(cells[row] ?? '', width)
      const before = row === 0 ? joint : ' '.repeat(cellsOf(joint))
      return before + (style === null || row > 1 ? cell : paint(style, cell))
    })
    return (INDENT + line.join('')).trimEnd()
  })
}
