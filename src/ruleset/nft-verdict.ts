import { type Json, member, only, text } from './json.ts'
import type { Verdict } from './ruleset.ts'

/** `{"accept": null}`, `{"jump": {"target": "x"}}`; undefined for any other statement. */
export function parseNftVerdict(json: Json): Verdict | undefined {
  const [kind, body] = only(json) ?? ['', undefined]
  if (kind === 'accept' || kind === 'drop' || kind === 'return' || kind === 'continue') return { kind }
  const chain = text(member(body, 'target'))
  return (kind === 'jump' || kind === 'goto') && chain !== undefined ? { kind, chain } : undefined
}
