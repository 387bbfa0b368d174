import type { Host } from '../host/host.ts'
import type { EndpointKey } from '../model/endpoint.ts'
import type { AddressesFact } from '../model/evidence.ts'
import { findBootSources } from './host-rules/boot-sources.ts'
import { probeHostRules } from './host-rules/host-rules.ts'
import { readRules } from './host-rules/read-rules.ts'
import type { Notebook } from './notebook.ts'
import type { Candidate } from './servers.ts'

export interface RulesQuestion {
  readonly host: Host
  readonly notebook: Notebook
  readonly addresses: AddressesFact
  readonly keys: readonly EndpointKey[]
  readonly candidates: readonly Candidate[]
}

/**
 * What this host's own rules do to the packets of every endpoint, and where they are loaded from. Reads and sends
 * nothing; without root it notes what it would need.
 */
export async function observeRules({ host, notebook, addresses, keys, candidates }: RulesQuestion): Promise<void> {
  await notebook.step('host-rules', async () => {
    const [{ access, detail, rules }, atBoot] = await Promise.all([readRules(host), findBootSources(host)])
    notebook.add('rule-sources', { access, detail, atBoot })
    if (rules === null) return
    for (const [rank, key] of keys.entries()) {
      const vantages = candidates.filter(({ family }) => family === key.family).map(({ address }) => address)
      const fact = await probeHostRules(host, rules, key, addresses, vantages)
      if (fact !== undefined) notebook.add('host-rules', fact, rank)
    }
  })
}
