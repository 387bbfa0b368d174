import type { Host, ListenerList } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import { type Address, type EndpointKey, familyOf } from '../model/endpoint.ts'
import type { AddressesFact, HostRulesFact } from '../model/evidence.ts'
import { isSlower } from '../model/slower.ts'
import type { CompiledRuleset } from '../ruleset/compile.ts'
import { findBootSources } from './host-rules/boot-sources.ts'
import { probeClientRules } from './host-rules/client-rules.ts'
import { probeFlowRules } from './host-rules/flow-rules.ts'
import { probeDiallers, probeHostRules, probeOwnPacket } from './host-rules/host-rules.ts'
import { readRules } from './host-rules/read-rules.ts'
import { probeRedirected } from './host-rules/redirected.ts'
import type { Notebook } from './notebook.ts'

export interface RulesQuestion {
  readonly host: Host
  readonly notebook: Notebook
  readonly addresses: AddressesFact
  readonly keys: readonly EndpointKey[]
  readonly listenerList: ListenerList | undefined
}

/** More than any run has vantages; the rest is dialled by strangers as good. */
const MOST_DIALLERS = 16

export interface RulesObserved {
  /** Of each key, in order: do the rules take what strangers send there elsewhere? */
  readonly redirected: readonly Answer[]
  /**
   * To be called when all dials and outbound questions are over: adds how the rules treat those who dialled, and what
   * they do to packets that left for a server and did not get there.
   */
  finish(): Promise<void>
}

/**
 * What this host's own rules do to the packets of every endpoint, and where they are loaded from. Reads and sends
 * nothing; without root it notes what it would need.
 */
export async function observeRules(question: RulesQuestion): Promise<RulesObserved> {
  const { host, notebook, addresses, keys } = question
  return notebook.step('host-rules', async () => {
    const [{ rules, ...reading }, atBoot] = await Promise.all([readRules(host), findBootSources(host)])
    notebook.add('rule-sources', { ...reading, atBoot })
    if (rules === null) return { redirected: keys.map(() => 'unknown'), finish: async () => {} }
    const redirected: Answer[] = []
    for (const key of keys) redirected.push(await probeRedirected(host, rules, key, addresses))
    const facts = followStrangers(question, rules)
    const finish = async () => {
      for (const [rank, fact] of (await facts).entries()) {
        if (fact === undefined) continue
        const diallers = await probeDiallers(host, rules, fact, addresses, diallersOf(notebook, fact))
        const guest = guestListens(fact, question.listenerList) ? { guestListens: true as const } : {}
        notebook.add('host-rules', { ...fact, ...guest, diallers }, rank)
      }
      await observeOwnPackets(question, rules)
      await observeFlows(question, rules)
      await observeClients(question, rules)
    }
    return { redirected, finish }
  })
}

type Fact = Omit<HostRulesFact, 'diallers'> | undefined

async function followStrangers({ host, addresses, keys }: RulesQuestion, rules: CompiledRuleset): Promise<Fact[]> {
  const facts: Fact[] = []
  for (const key of keys) facts.push(await probeHostRules(host, rules, key, addresses))
  return facts
}

/** Is somebody in another network of this machine seen to listen where the rules take strangers? */
function guestListens({ translatedTo, transport }: NonNullable<Fact>, list: ListenerList | undefined): boolean {
  if (translatedTo === null || list === undefined) return false
  return list.sockets.some(
    ({ namespace, transport: one, port, address }) =>
      namespace !== null &&
      one === transport &&
      port === translatedTo.port &&
      ['0.0.0.0', '::', translatedTo.address].includes(address),
  )
}

function diallersOf(notebook: Notebook, { family }: EndpointKey): readonly Address[] {
  const sources = notebook.facts('dial-back').flatMap(({ source }) => source?.address ?? [])
  return [...new Set(sources)].filter((address) => familyOf(address) === family).slice(0, MOST_DIALLERS)
}

/** Where nothing of an outbound question got to the server: was it this host's own rules? */
async function observeOwnPackets({ host, notebook, addresses }: RulesQuestion, rules: CompiledRuleset): Promise<void> {
  const lost = notebook.facts('outbound').filter(({ arrived }) => arrived === 'no')
  for (const [rank, { transport, port, family, server }] of lost.entries()) {
    const fate = await probeOwnPacket(host, rules, { transport, port, family }, addresses, server)
    if (fate !== undefined) notebook.add('own-rules', { transport, port, family, server, fate }, rank)
  }
}

/** Where a node passes on what its clients send: do the rules let that through, and what comes back? */
async function observeClients({ host, notebook, addresses }: RulesQuestion, rules: CompiledRuleset): Promise<void> {
  for (const { forwarding } of notebook.facts('node')) {
    const fact = forwarding && (await probeClientRules(host, rules, addresses, forwarding))
    if (fact !== undefined) notebook.add('client-rules', fact)
  }
}

/** Where one kind of bytes alone did not pass, or was slow: could this host's own rules have looked into them? */
async function observeFlows({ host, notebook, addresses }: RulesQuestion, rules: CompiledRuleset): Promise<void> {
  const vantages = notebook.facts('vantage')
  const stopped = notebook
    .facts('protocol-exchange')
    .filter(({ spoken, answered }) => spoken.returned === 0 || answered.returned === 0)
  const slowed = notebook
    .facts('protocol-rate')
    .filter(({ spoken, answered, neutral }) => isSlower(spoken, neutral) || isSlower(answered, neutral))
  const flows = [...stopped, ...slowed.map((fact) => ({ ...fact, opener: 'host' as const }))]
  const seen = new Set<string>()
  for (const [rank, { opener, transport, port, family, vantage }] of flows.entries()) {
    const server = vantages.find((one) => one.name === vantage && one.family === family)?.address
    const name = [opener, transport, port, family].join(' ')
    if (server == null || seen.has(name)) continue
    seen.add(name)
    const fact = await probeFlowRules(host, rules, addresses, { opener, transport, port, family }, server)
    if (fact !== undefined) notebook.add('flow-rules', fact, rank)
  }
}
