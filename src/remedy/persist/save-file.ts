import { splitWords } from '../../ruleset/iptables-words.ts'
import type { IptablesRuleChange } from '../change.ts'
import { taggedRule } from '../changes/iptables-rule.ts'

/**
 * The text of a file for `iptables-restore` with a rule more: before the deciding rule's line, or last in its table,
 * where that line is not in the file first in its chain. Undefined where the file does not make the chain.
 */
export function withSavedLine(text: string, change: IptablesRuleChange & { readonly id: string }): string | undefined {
  const lines = text.split('\n')
  const { table, chain, before } = change
  const start = lines.findIndex((line) => line.trim() === `*${table}`)
  const commit = lines.findIndex((line, at) => at > start && line.trim() === 'COMMIT')
  if (start < 0 || commit < 0) return undefined
  const inside = [...lines.keys()].slice(start, commit)
  if (!inside.some((at) => lines[at]!.startsWith(`:${chain} `))) return undefined
  const wanted = `-A ${chain} ${before}`
  const at = before === null ? commit : inside.find((index) => sameRule(lines[index]!, wanted))
  const command = at === undefined ? '-I' : '-A'
  // Counters in the file are a line's own matter: a line without them starts from zero.
  const added = [command, chain, ...taggedRule(change)].map(quoted).join(' ')
  return lines.toSpliced(at ?? commit, 0, added).join('\n')
}

function sameRule(line: string, wanted: string): boolean {
  return splitWords(line.replace(/^\[\d+:\d+\]\s*/, ''))?.join(' ') === splitWords(wanted)?.join(' ')
}

/** As iptables-save quotes, so that the line stays the same when others save the rules. */
function quoted(word: string): string {
  return /^[\w.,/!-]+$/.test(word) ? word : `"${word}"`
}
