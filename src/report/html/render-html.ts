import { createHash } from 'node:crypto'
import type { Diagnosis } from '../../model/diagnosis.ts'
import { message } from '../../model/message.ts'
import { aboutReport } from '../about-report.ts'
import { type Language, renderMessage } from '../render-message.ts'
import type { Report } from '../report.ts'
import {
  endpointsBlock,
  evidenceBlock,
  headline,
  listBlock,
  obstaclesBlock,
  pathBlocks,
  remediesBlock,
  VERDICT_TONES,
  verdictBlock,
  warningsBlock,
} from './blocks.ts'
import { el, renderMarkup } from './markup.ts'
import type { Say } from './say.ts'
import { REPORT_STYLE } from './style.ts'

/**
 * A check as one file of HTML for somebody who helps: it asks for nothing elsewhere, runs no script, and its own policy forbids
 * both. `report` is that of `diagnosis`, in `language`.
 */
export function renderHtml(diagnosis: Diagnosis, report: Report, language: Language): string {
  const say: Say = (id, params = {}) => renderMessage(message(id, params), language)
  const { verdict, node, network, notes } = aboutReport(diagnosis, language)
  const { peerway: version, at, durationMs } = report
  const seconds = Math.round(durationMs / 100) / 10
  const head = el(
    'head',
    {},
    el('meta', { charset: 'utf-8' }),
    el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy() }),
    el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    el('meta', { name: 'color-scheme', content: 'light dark' }),
    el('title', {}, `peerway: ${headline(report, say)}`),
  )
  const body = el(
    'main',
    { class: 'sheet' },
    el('div', { class: `card verdict ${VERDICT_TONES[report.verdict]}` }, verdictBlock(report, verdict, say)),
    card(...pathBlocks(report, say)),
    card(endpointsBlock(report.endpoints, say), listBlock(say('heading.node'), node, 'bare')),
    card(obstaclesBlock(report, say), remediesBlock(report, say('heading.remedies'), say)),
    card(
      warningsBlock(report, say),
      listBlock(say('heading.notes'), notes, 'plain'),
      listBlock(say('page.about-network'), network, 'plain'),
      evidenceBlock(report, say),
    ),
    el('footer', { class: 'soft' }, say('page.file-about', { version, time: at, seconds })),
  )
  // A style sheet is no text in which characters are escaped; ours has none that would be.
  const styled = renderMarkup(head).replace('</head>', () => `<style>${REPORT_STYLE}</style></head>`)
  return `<!doctype html>\n<html lang="${language}">${styled}<body>${renderMarkup(body)}</body></html>\n`
}

type Block = ReturnType<typeof evidenceBlock>

function card(...blocks: readonly Block[]): Block {
  const there = blocks.filter((block) => block !== null)
  return there.length === 0 ? null : el('div', { class: 'card' }, ...there)
}

function policy(): string {
  const hash = createHash('sha256').update(REPORT_STYLE).digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
}
