import type { Place } from '../../ruleset/fate.ts'
import type { Ruleset } from '../../ruleset/ruleset.ts'
import { iptablesAccept, iptablesRuleOf, nftAccept } from './accept-match.ts'
import { type ChainOf, chainIn, indexOf, isIptables, withRule } from './edit-ruleset.ts'
import { ruleSpot, type Spot, type Stop } from './spot.ts'

/**
 * Does a manager throw away what others put here? ufw and firewalld write such chains anew, and offer a place for rules
 * of others instead; of what Docker and libvirt make, only Docker's DOCKER-USER is one. Docker's nftables backend has no such place. A table that a program owns takes no rules of others at all.
 */
export function isManaged({ table }: ChainOf, at: Place): boolean {
  return table.owned === true || /^ufw6?-/.test(at.chain) || isFirewalld(table) || isDockers(table)
}

function isDockers({ backend, family, name }: ChainOf['table']): boolean {
  return backend === 'nft' && family !== 'inet' && name === 'docker-bridges'
}

function isFirewalld({ backend, family, name }: ChainOf['table']): boolean {
  return backend === 'nft' && family === 'inet' && name === 'firewalld'
}

// ---------------------------------------------------------------------------------------------- ufw

const UFW_WAYS: Readonly<Record<string, 'input' | 'forward' | 'output'>> = {
  input: 'input',
  forward: 'forward',
  output: 'output',
}

/**
 * ufw's own rules stand in its user chain of the hook. Where one of them is what stops the packets, ours goes before it,
 * and names the interface: ufw takes two rules for the same packets for one, and would change the other.
 */
export function ufwSpot(ruleset: Ruleset, { table }: ChainOf, { at, match, interface: name }: Stop): readonly Spot[] {
  const way = UFW_WAYS[at.hook]
  const prefix = match.family === 'ipv4' ? 'ufw' : 'ufw6'
  const user = way === undefined ? undefined : chainIn(table, `${prefix}-user-${way}`)
  if (way === undefined || user === undefined || !isIptables(table)) return []
  const isOwnRule = at.chain === user.chain.name && at.rule !== null
  const index = isOwnRule ? indexOf(user, at) : user.chain.rules.length
  if (index < 0) return []
  const { transport, end, port, address, family } = match
  const anywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0'
  const interfaceWords = [way === 'output' ? 'out' : 'in', ...(isOwnRule ? ['on', name] : [])]
  const rule = [
    ...(way === 'forward' ? ['route'] : []),
    'allow',
    // A rule for what is passed on has no direction of its own.
    ...(way === 'forward' && !isOwnRule ? [] : interfaceWords),
    ...['proto', transport],
    ...[end === 'destination' ? 'to' : 'from', address ?? anywhere, 'port', `${port}`],
  ]
  const option = isOwnRule ? [way === 'output' ? '-o' : '-i', name] : []
  const words = [...option, ...iptablesAccept(match)]
  return [
    {
      content: { kind: 'ufw-rule', rule, before: isOwnRule ? (at.rule?.text ?? null) : null },
      ruleset: withRule(ruleset, user, index, iptablesRuleOf(words, family)),
    },
  ]
}

// ---------------------------------------------------------------------------------------------- firewalld

const ZONE_CHAIN = /^filter_IN_(?!policy_)([\w.-]+)_allow$/

/** A port can be opened in a zone alone, and for both families. Which zone is meant, the walks tell. */
export function firewalldSpots(ruleset: Ruleset, { table }: ChainOf, { at, match }: Stop): readonly Spot[] {
  if (!isFirewalld(table) || at.hook !== 'input' || match.end !== 'destination') return []
  return table.chains.flatMap((chain) => {
    const zone = ZONE_CHAIN.exec(chain.name)?.[1]
    if (zone === undefined) return []
    const port = `${match.port}/${match.transport}`
    const { rule } = nftAccept({ ...match, address: null }, 'ip')
    return [
      {
        content: { kind: 'firewalld-port', zone, port, configuration: 'runtime', ownFile: true } as const,
        ruleset: withRule(ruleset, { table, chain }, chain.rules.length, rule),
      },
    ]
  })
}

// ---------------------------------------------------------------------------------------------- Docker

/** Docker jumps there before its own rules, and keeps what stands there when it starts anew. */
export function dockerSpot(ruleset: Ruleset, { table }: ChainOf, { at, match }: Stop): readonly Spot[] {
  if (at.hook !== 'forward' || !isIptables(table)) return []
  const user = chainIn(table, 'DOCKER-USER')
  if (user === undefined || at.chain === 'DOCKER-USER') return []
  const end = user.chain.rules.findIndex(({ text }) => text === '-A DOCKER-USER -j RETURN')
  return [ruleSpot(ruleset, user, end < 0 ? user.chain.rules.length : end, match)]
}
