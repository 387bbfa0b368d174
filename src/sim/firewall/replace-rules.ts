import type { RulesetTexts } from '../../ruleset/read-ruleset.ts'
import type { Machine } from '../machine.ts'
import { compileListing } from './read-firewall.ts'
import { RulesetGuard } from './ruleset-guard.ts'

/**
 * Gives a host other rules, as its own programs would list them. They hold for the next packet; connections stay known.
 * PeerwayError `bad-input` for rules that the simulator cannot follow, and then the old ones stay. RangeError for a box, whose
 * rules are its nature.
 */
export function replaceRules(machine: Machine, texts: RulesetTexts): void {
  const { guard } = machine
  const rules = compileListing(texts, machine.name)
  if (guard === null) machine.guard = new RulesetGuard(machine, rules)
  else if (guard instanceof RulesetGuard) guard.replaceRules(rules)
  else throw new RangeError(`${machine.name} is no host`)
  machine.rulesets = texts
}
