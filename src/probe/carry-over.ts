import type { Evidence, ProbeName } from '../model/evidence.ts'
import type { EarlierRun } from '../model/plan.ts'
import type { Notebook } from './notebook.ts'

/** What this host tells about itself costs nothing to ask again. */
const OF_THIS_HOST: ReadonlySet<ProbeName> = new Set([
  'addresses',
  'listeners',
  'rule-sources',
  'host-rules',
  'own-rules',
  'client-rules',
  'flow-rules',
  'containers',
  'node',
  'node-addresses',
  'node-peers',
  'node-opinion',
])
/** What was asked because of a dial. */
const AFTER_DIALS: ReadonlySet<ProbeName> = new Set([
  'local-answer',
  'datagrams-read',
  'protocol-exchange',
  'protocol-answer',
])
/** What the later run may ask again, of the same server or family; where it does not, the earlier fact stands. */
const MAYBE_AGAIN: ReadonlySet<ProbeName> = new Set(['vantage', 'external-address', 'mapping', 'filtering', 'internet'])

/** Behind what the later run finds. */
const CARRIED_RANK = 1_000_000

/**
 * Takes over from an earlier run, each with its own time, what no repair of ours can have changed: how the way translates and
 * filters, who is on it, what gets out, what gateways said. Everything about this host, and after a change what dials to the
 * endpoints told, is left to be asked again. To be called before anything is asked.
 */
export function carryOver(notebook: Notebook, { evidence, isChanged }: EarlierRun): void {
  for (const [index, one] of evidence.entries()) {
    const isStale = OF_THIS_HOST.has(one.probe) || (isChanged && isOfEndpointDial(one))
    if (!isStale && !MAYBE_AGAIN.has(one.probe)) notebook.carry(one, CARRIED_RANK + index)
  }
}

/** The same of what the later run might have asked, and did not. To be called at its end. */
export function fillIn(notebook: Notebook, { evidence }: EarlierRun): void {
  for (const [index, one] of evidence.entries()) {
    if (!MAYBE_AGAIN.has(one.probe)) continue
    const isKnown = notebook.facts(one.probe).some((fact) => subjectOf(fact) === subjectOf(one.value))
    if (!isKnown) notebook.carry(one, CARRIED_RANK + index)
  }
}

function isOfEndpointDial(one: Evidence): boolean {
  return AFTER_DIALS.has(one.probe) || (one.probe === 'dial-back' && one.value.purpose === 'endpoint')
}

function subjectOf(fact: Evidence['value']): string {
  const family = 'family' in fact ? fact.family : ''
  const server = 'name' in fact ? fact.name : 'vantage' in fact ? fact.vantage : ''
  return `${family} ${server}`
}
