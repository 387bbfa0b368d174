import type { Host } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import type { ChangeContent, ChangeKind, ChangeState, ChangeTag } from '../change.ts'

/** A rule as it is listed now. */
export interface ListedRule {
  /** In the words of `before`. */
  readonly text: string
  /** What it is found by: nft's handle, or its number in its chain. */
  readonly number: number
  readonly tagged: boolean
  /** Tagged, in our chain, in our words. */
  readonly ours: boolean
}

export interface Listed {
  /** Rules of the chain, in order. Empty where there is no such chain. */
  readonly chain: readonly ListedRule[]
  /** Rules that bear our tag in other chains. */
  readonly strayed: number
}

/** How rules of one program are listed, put in and taken out. */
export interface RuleBook<C extends ChangeContent> {
  list(host: Host, change: C & ChangeTag): Promise<Listed>
  insert(host: Host, change: C & ChangeTag, before: number | null): Promise<void>
  remove(host: Host, change: C & ChangeTag, rule: ListedRule): Promise<void>
}

/** Somebody else may change the rules between two of our looks at them; more often than this, they are not ours to change. */
const MOST_TRIES = 3

type RuleContent = ChangeContent & { readonly before: string | null }

/**
 * A rule that is put before another one. Listing and changing are two steps, so what was put in is looked at again: where it
 * does not stand before the rule that it was meant for, it is taken out and put in anew.
 */
export function ruleChange<C extends RuleContent>(book: RuleBook<C>): ChangeKind<C> {
  return {
    async apply(host, change) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const listed = await book.list(host, change)
        const state = stateIn(listed)
        if (state === 'present') return change
        if (state === 'altered') throw busy(errorText('error.rule-altered'))
        if (!(await insertedOnce(book, host, change, listed))) continue
        const after = await book.list(host, change)
        if (standsRight(after, change)) return change
        await removeOurs(book, host, change, after)
      }
      throw busy(errorText('error.rules-too-fast'))
    },

    async state(host, change) {
      return stateIn(await book.list(host, change))
    },

    async undo(host, change) {
      let isFirst = true
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const listed = await book.list(host, change)
        const state = stateIn(listed)
        if (state === 'absent') return { outcome: isFirst ? 'was-gone' : 'undone' }
        if (state === 'altered') return { outcome: 'left', why: errorText('error.left.rule-changed') }
        await removeOurs(book, host, change, listed)
        isFirst = false
      }
      return { outcome: 'left', why: errorText('error.left.rule-comes-back') }
    },
  }
}

function stateIn({ chain, strayed }: Listed): ChangeState {
  const tagged = chain.filter((rule) => rule.tagged)
  if (tagged.length === 0 && strayed === 0) return 'absent'
  return strayed === 0 && tagged.every(({ ours }) => ours) ? 'present' : 'altered'
}

/** False where the rules changed since they were listed. */
async function insertedOnce<C extends RuleContent>(
  book: RuleBook<C>,
  host: Host,
  change: C & ChangeTag,
  { chain }: Listed,
): Promise<boolean> {
  const before = change.before === null ? null : chain.find(({ text }) => text === change.before)
  if (before === undefined) throw busy(errorText('error.rule-before', { before: change.before }))
  try {
    await book.insert(host, change, before?.number ?? null)
    return true
  } catch (error) {
    if (error instanceof PeerwayError && error.code === 'busy') return false
    throw error
  }
}

function standsRight({ chain }: Listed, { before }: RuleContent): boolean {
  const at = chain.findIndex(({ ours }) => ours)
  return at >= 0 && (before === null || chain[at + 1]?.text === before)
}

async function removeOurs<C extends RuleContent>(
  book: RuleBook<C>,
  host: Host,
  change: C & ChangeTag,
  { chain }: Listed,
): Promise<void> {
  for (const rule of chain.filter(({ ours }) => ours)) {
    try {
      await book.remove(host, change, rule)
    } catch (error) {
      // Somebody was quicker.
      if (!(error instanceof PeerwayError) || error.code !== 'busy') throw error
    }
  }
}

function busy(why: Message): PeerwayError {
  return new PeerwayError('busy', why)
}
