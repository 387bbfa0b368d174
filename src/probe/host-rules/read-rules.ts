import type { Host } from '../../host/host.ts'
import { PeerwayError } from '../../model/error.ts'
import type { RuleSourcesFact } from '../../model/evidence.ts'
import type { Message } from '../../model/message.ts'
import { type CompiledRuleset, compile } from '../../ruleset/compile.ts'
import { readRuleset } from '../../ruleset/read-ruleset.ts'

/** This host's rules, ready for walks; or what it would need to read them. */
export type RulesReading =
  | { readonly access: 'read'; readonly detail: null; readonly rules: CompiledRuleset }
  | {
      readonly access: Exclude<RuleSourcesFact['access'], 'read'>
      readonly detail: string
      readonly told?: Message
      readonly rules: null
    }

/** Reads the rules of every backend. Changes nothing, and never throws for what this host cannot do. */
export async function readRules(host: Host): Promise<RulesReading> {
  try {
    const read = readRuleset(await host.netfilter.rulesets())
    if (read.ok) return { access: 'read', detail: null, rules: compile(read.value) }
    return { access: 'unreadable', detail: `${read.code} at ${read.offset}`, rules: null }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    const access = error.code === 'not-permitted' ? 'not-permitted' : 'not-available'
    return { access, detail: error.message, told: error.told, rules: null }
  }
}
