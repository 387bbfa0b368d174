import type { NftRuleChange } from '../change.ts'

/** A chain's block in a file for `nft -f`, by line numbers from 0. */
interface Block {
  /** Lines between its braces. */
  readonly first: number
  /** The line of its closing brace; it stands there alone. */
  readonly end: number
}

/**
 * The text of a file for `nft -f` with a rule more: before the line of the deciding rule, or last in its chain. Where
 * that line cannot be found, for a file may name its sets and numbers, a command of its own at the end of the file.
 * Undefined where the file does not make the chain: then it is not where the rules come from.
 */
export function withNftLine(text: string, change: NftRuleChange, comment: string): string | undefined {
  const lines = text.split('\n')
  const { family, table, chain, before, rule } = change
  if (!makesChain(text, change)) return undefined
  const added = `${rule} comment "${comment}"`
  const block = blockOf(lines, change)
  const at = block === undefined ? undefined : before === null ? block.end : lineOf(lines, block, before)
  if (block !== undefined && at !== undefined) {
    // Like its neighbour: the rule that it goes before, or the line above the closing brace.
    const neighbour = lines[at === block.end ? Math.max(at - 1, block.first) : at] ?? ''
    const indent = /^\s*/.exec(neighbour)![0]
    return lines.toSpliced(at, 0, indent + added).join('\n')
  }
  const command = `${before === null ? 'add' : 'insert'} rule ${family} ${table} ${chain} ${added}\n`
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${command}`
}

function makesChain(text: string, { family, table, chain }: NftRuleChange): boolean {
  const plain = text.replaceAll(/#.*$/gm, '')
  const familyWord = family === 'ip' ? '(?:ip\\s+)?' : `${family}\\s+`
  const head = new RegExp(`(?:^|[\\s;])table\\s+${familyWord}${escaped(table)}(?=[\\s;{]|$)`)
  const body = new RegExp(`(?:^|[\\s;{])chain\\s+(?:${family}\\s+${escaped(table)}\\s+)?${escaped(chain)}(?=[\\s;{]|$)`)
  return head.test(plain) && body.test(plain)
}

/** The chain's block where it is written over lines; undefined where it is not, or there is more than one. */
function blockOf(lines: readonly string[], change: NftRuleChange): Block | undefined {
  const found: Block[] = []
  let [depth, inTable, first, at] = [0, -1, -1, -1]
  for (const [number, line] of lines.entries()) {
    const plain = plainLine(line)
    const opened = /^\s*(?:add\s+)?(table|chain)\s+(.*?)\s*\{\s*$/.exec(plain)
    if (opened?.[1] === 'table' && depth === 0 && isTable(opened[2]!, change)) inTable = depth
    if (opened?.[1] === 'chain' && inTable >= 0 && depth === inTable + 1 && opened[2] === change.chain) {
      ;[first, at] = [number + 1, depth]
    }
    depth += count(plain, '{') - count(plain, '}')
    if (first >= 0 && depth === at) {
      if (plain.trim() === '}') found.push({ first, end: number })
      first = -1
    }
    if (inTable >= 0 && depth <= inTable) inTable = -1
  }
  return found.length === 1 ? found[0] : undefined
}

function isTable(words: string, { family, table }: NftRuleChange): boolean {
  return words === `${family} ${table}` || (family === 'ip' && words === table)
}

function lineOf(lines: readonly string[], { first, end }: Block, rule: string): number | undefined {
  const wanted = plainRule(rule)
  for (let at = first; at < end; at++) if (plainRule(plainLine(lines[at]!)) === wanted) return at
  return undefined
}

/** A rule without what differs between a file and a listing. */
function plainRule(rule: string): string {
  return rule
    .replaceAll(/\s*\bcomment\s+"[^"]*"/g, '')
    .replaceAll(/\bcounter\b(?:\s+packets\s+\d+\s+bytes\s+\d+)?/g, '')
    .replaceAll(/;/g, ' ')
    .replaceAll(/\s*,\s*/g, ', ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Without its comment, and without its strings, in which braces mean nothing. */
function plainLine(line: string): string {
  return line.replace(/^((?:[^"#]|"[^"]*")*)#.*$/, '$1')
}

function count(text: string, mark: string): number {
  return text.replaceAll(/"[^"]*"/g, '').split(mark).length - 1
}

function escaped(name: string): string {
  return name.replaceAll(/[.\\/-]/g, '\\$&')
}
