import type { Host } from '../../host/host.ts'
import { splitWords } from '../../ruleset/iptables-words.ts'

/** One rule of ufw: how it writes it down, and what it makes of it. */
export interface UfwRule {
  /** `allow tcp 4001 0.0.0.0/0 any 0.0.0.0/0 in` */
  readonly tuple: string
  readonly comment: string | null
  /** For iptables, as ufw writes them. */
  readonly lines: readonly string[]
}

const FILES = ['/etc/ufw/user.rules', '/etc/ufw/user6.rules']
const MOST_BYTES = 4 * 1024 * 1024

/** All rules of ufw in the order in which it counts them: those of IPv4 first. Empty where there is no ufw. */
export async function readUfwRules(host: Host): Promise<readonly UfwRule[]> {
  const texts = await Promise.all(FILES.map((file) => host.files.read(file, { maxBytes: MOST_BYTES })))
  return texts.flatMap((text) => parseUfwRules(text ?? ''))
}

export function parseUfwRules(text: string): readonly UfwRule[] {
  const rules: { tuple: string; comment: string | null; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    const [, tuple, comment] = /^### tuple ### (.*?)(?: comment=([0-9a-f]*))?$/.exec(line) ?? []
    if (tuple !== undefined) rules.push({ tuple, comment: comment === undefined ? null : fromHex(comment), lines: [] })
    else if (line.startsWith('-A ')) rules.at(-1)?.lines.push(line)
    else if (line.startsWith('### END')) break
  }
  return rules
}

function fromHex(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  return new TextDecoder().decode(new Uint8Array(bytes))
}

/**
 * What ufw writes down for a rule of ours: `[route] allow [in|out [on NAME]] proto P [from A [port N]] [to A [port N]]`.
 * RangeError for any other.
 */
export function ufwTuple(rule: readonly string[]): string {
  const parts =
    /^(route )?allow(?: (in|out)(?: on (\S+))?)? proto (tcp|udp)(?: from (\S+)(?: port (\d+))?)?(?: to (\S+)(?: port (\d+))?)?$/.exec(
      rule.join(' '),
    )
  if (parts === null) throw new RangeError(`not a rule of ours for ufw: ${rule.join(' ')}`)
  const [, route, way = 'in', name, protocol, from, fromPort, to, toPort] = parts
  const anywhere = `${from ?? ''}${to ?? ''}`.includes(':') ? '::/0' : '0.0.0.0/0'
  const ends = [toPort ?? 'any', to ?? anywhere, fromPort ?? 'any', from ?? anywhere]
  return `${route === undefined ? '' : 'route:'}allow ${protocol} ${ends.join(' ')} ${name === undefined ? way : `${way}_${name}`}`
}

/** The same rule as ufw and as iptables-save write it: options in another order, `-m tcp` left out, a mask left out. */
export function canonicalRule(line: string): string {
  const words = splitWords(line) ?? []
  const kept = words.filter((word, index) => {
    const isModule = (at: number) => words[at] === '-m' && ['tcp', 'udp'].includes(words[at + 1] ?? '')
    return !isModule(index) && !(word !== '-m' && isModule(index - 1))
  })
  return kept
    .map((word) => word.replace(/\/(?:32|128)$/, ''))
    .toSorted()
    .join(' ')
}
