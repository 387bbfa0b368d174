import type { Host } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ChangeKind, ChangeState, ChangeTag, UfwRuleChange } from '../change.ts'
import { tagOf } from './tag.ts'
import { canonicalRule, readUfwRules, type UfwRule, ufwTuple } from './ufw-rules.ts'

const TIMEOUT_MS = 30_000

/**
 * A rule of ufw, known by its comment, which `ufw delete` compares too. ufw itself keeps one rule of the same words
 * only, and would take another's over in silence, so such a one is refused.
 */
export const ufwRule: ChangeKind<UfwRuleChange> = {
  async apply(host, change) {
    const rules = await readUfwRules(host)
    const state = stateIn(rules, change)
    if (state === 'present') return change
    if (state === 'altered') throw new PeerwayError('busy', errorText('error.ufw-altered'))
    const wanted = ufwTuple(change.rule)
    if (rules.some(({ tuple }) => sameMatch(tuple, wanted))) {
      throw new PeerwayError('busy', errorText('error.ufw-same', { wanted }))
    }
    await runUfw(host, ['insert', `${placeOf(rules, change)}`], change)
    if (stateIn(await readUfwRules(host), change) !== 'present') {
      throw new PeerwayError('not-available', errorText('error.ufw-unlisted'))
    }
    return change
  },

  async state(host, change) {
    return stateIn(await readUfwRules(host), change)
  },

  async undo(host, change) {
    const state = stateIn(await readUfwRules(host), change)
    if (state === 'absent') return { outcome: 'was-gone' }
    if (state === 'altered') return { outcome: 'left', why: errorText('error.left.ufw-changed') }
    await runUfw(host, ['delete'], change)
    const after = stateIn(await readUfwRules(host), change)
    return after === 'absent' ? { outcome: 'undone' } : { outcome: 'left', why: errorText('error.left.ufw-still') }
  },
}

function stateIn(rules: readonly UfwRule[], change: UfwRuleChange & ChangeTag): ChangeState {
  const tagged = rules.filter(({ comment }) => comment === tagOf(change))
  if (tagged.length === 0) return 'absent'
  return tagged.every(({ tuple }) => tuple === ufwTuple(change.rule)) ? 'present' : 'altered'
}

/** Do two tuples differ in their action alone? ufw then changes the one that it has. */
function sameMatch(a: string, b: string): boolean {
  const match = (tuple: string) => tuple.replace(/^(route:)?\w+/, '$1')
  return match(a) === match(b)
}

/** The number that ufw gives to the rule before which this one goes, counting both families. 0: behind all others. */
function placeOf(rules: readonly UfwRule[], { before }: UfwRuleChange): number {
  if (before === null) return 0
  const wanted = canonicalRule(before)
  const at = rules.findIndex(({ lines }) => lines.some((line) => canonicalRule(line) === wanted))
  if (at < 0) throw new PeerwayError('busy', errorText('error.rule-before-ufw', { before }))
  return at + 1
}

async function runUfw(host: Host, verb: readonly string[], change: UfwRuleChange & ChangeTag): Promise<void> {
  const [first, ...rest] = change.rule
  const isRoute = first === 'route'
  const place = verb[1] === '0' ? [] : verb
  const command = [...(isRoute ? ['route'] : []), ...place, ...(isRoute ? rest : change.rule)]
  const { exitCode, stdout, stderr } = await host.services.run(['ufw', ...command, 'comment', tagOf(change)], {
    timeoutMs: TIMEOUT_MS,
  })
  if (exitCode === 0) return
  const said = `${stderr}${stdout}`.trim().split('\n')[0]?.slice(0, 200) ?? ''
  const code = /need to be root/i.test(said) ? 'not-permitted' : 'not-available'
  throw new PeerwayError(code, errorText('error.refuses-change', { program: 'ufw', said }))
}
