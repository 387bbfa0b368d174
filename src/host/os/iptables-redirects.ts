import type { Answer } from '../../model/answer.ts'
import { destinationIs, every, interfaceIs, not, type RedirectQuery, some } from './redirect-query.ts'

const DEEPEST_JUMP = 16
const TRANSLATING = ['DNAT', 'REDIRECT', 'TPROXY', 'NETMAP']
const HARMLESS = ['MARK', 'CONNMARK', 'LOG', 'NFLOG', 'TRACE', '']

/** Does a rule of `iptables-save -t nat` (or ip6tables-save, as the family says) translate the packet's destination? */
export function judgeIptables(saved: string, query: RedirectQuery): Answer {
  const chains = new Map<string, string[][]>()
  for (const [, chain] of saved.matchAll(/^:(\S+)/gm)) chains.set(chain!, [])
  for (const [, chain, rest] of saved.matchAll(/^-A (\S+)(.*)$/gm)) chains.get(chain!)?.push(wordsOf(rest!))
  return judgeChain('PREROUTING', chains, query, 0)
}

/** Quoted comments are one word. */
function wordsOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []
}

function judgeChain(
  name: string,
  chains: ReadonlyMap<string, readonly string[][]>,
  query: RedirectQuery,
  depth: number,
): Answer {
  if (depth > DEEPEST_JUMP) return 'unknown'
  const answers: Answer[] = []
  let reached: Answer = 'yes'
  for (const words of chains.get(name) ?? []) {
    const { matches, target } = parseRule(words, query)
    if (matches === 'no') continue
    if (['ACCEPT', 'RETURN', 'DROP'].includes(target)) {
      reached = every([reached, not(matches)])
      if (reached === 'no') break
    } else if (TRANSLATING.includes(target)) {
      answers.push(every([reached, matches]))
    } else if (chains.has(target)) {
      answers.push(every([reached, matches, judgeChain(target, chains, query, depth + 1)]))
    } else if (!HARMLESS.includes(target)) {
      answers.push('unknown')
    }
  }
  return some(answers)
}

function parseRule(words: readonly string[], query: RedirectQuery): { matches: Answer; target: string } {
  const answers: Answer[] = []
  let negated = false
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index]!
    const value = words[index + 1] ?? ''
    if (option === '!') {
      negated = true
      continue
    }
    if (option === '-j' || option === '-g') return { matches: every(answers), target: value }
    // Some options have no value.
    if (value.startsWith('-')) {
      answers.push('unknown')
      continue
    }
    const answer = OPTIONS[option]?.(value, query) ?? 'unknown'
    answers.push(negated ? not(answer) : answer)
    negated = false
    index += 1
  }
  return { matches: every(answers), target: '' }
}

const yes = (): Answer => 'yes'
const OPTIONS: Readonly<Record<string, (value: string, query: RedirectQuery) => Answer>> = {
  '-m': yes,
  '--comment': yes,
  '-p': (value, { transport }) => ([transport, transport === 'tcp' ? '6' : '17', 'all'].includes(value) ? 'yes' : 'no'),
  '-i': interfaceIs,
  '-d': destinationIs,
  '--dport': portIn,
  '--dports': portIn,
  '--dst-type': (value) => (value === 'LOCAL' ? 'yes' : 'unknown'),
}

/** `80`, `80:90`, `80,443,1000:2000`. */
function portIn(list: string, { port }: RedirectQuery): Answer {
  const hit = list.split(',').some((part) => {
    const [from, to = from] = part.split(':').map(Number)
    return from! <= port && port <= to!
  })
  return hit ? 'yes' : 'no'
}
