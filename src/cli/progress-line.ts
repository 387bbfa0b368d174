import { message } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import type { Io } from './io.ts'

/** One live line about what is being asked just now. */
export interface ProgressLine {
  update(progress: Progress): void
  /** Takes the line away for good: whoever is still asking is not shown any more. */
  clear(): void
}

const CLEAR_LINE = '\r\x1b[2K'

/** On standard error, and only to a terminal that knows how to clear a line; elsewhere nothing is written. */
export function progressLine({ stderr, env }: Io, language: Language): ProgressLine {
  if (!stderr.isTerminal || env.TERM === 'dumb') return { update: () => {}, clear: () => {} }
  /** How many questions of each name are open; a probe may be asked per family at the same time. */
  const open = new Map<string, number>()
  const left = new Map<string, number>()
  let cleared = false
  return {
    update: (progress) => {
      if (cleared) return
      const { step, state } = progress
      if (state === 'running') left.set(step, progress.leftSeconds)
      else {
        const count = (open.get(step) ?? 0) + (state === 'started' ? 1 : -1)
        if (count > 0) open.set(step, count)
        else for (const shown of [open, left]) shown.delete(step)
      }
      const steps = [...open.keys()].map((name) => nameOf(name, left.get(name), language))
      const line = `peerway: ${steps.join(', ')}`
      stderr.write(`${CLEAR_LINE}${line.slice(0, stderr.columns - 1)}`)
    },
    clear: () => {
      cleared = true
      stderr.write(CLEAR_LINE)
    },
  }
}

function nameOf(step: string, seconds: number | undefined, language: Language): string {
  const name = message(`progress.${step}`)
  return renderMessage(seconds === undefined ? name : message('progress-left', { what: name, seconds }), language)
}
