import { message } from '../../model/message.ts'
import { type Language, renderMessage } from '../../report/render-message.ts'
import { renderText } from '../../report/text.ts'
import type { DaemonView } from '../daemon.ts'

const COLUMNS = 100

/** The last report as one page of plain text, where the real page was not built. */
export function plainPage({ measured }: DaemonView, language: Language): string {
  const text =
    measured === null
      ? renderMessage(message('watch.not-measured'), language)
      : renderText(measured.diagnosis, { language, width: COLUMNS, color: false })
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>peerway</title><pre>${escapeHtml(text)}</pre></html>\n`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
