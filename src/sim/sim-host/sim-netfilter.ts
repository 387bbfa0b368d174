import type { ArrivalCounters, ArrivalWatch, LimitedFlow, LimitedFlows, Netfilter } from '../../host/host.ts'
import type { RulesetTexts } from '../../ruleset/read-ruleset.ts'
import { ArrivalMeter } from '../arrival-meter.ts'
import { withIptablesRule, withNftRule, withoutIptablesRule, withoutNftRule } from '../firewall/change-listing.ts'
import { replaceRules } from '../firewall/replace-rules.ts'
import type { Machine } from '../machine.ts'
import { TCP, UDP } from '../packet.ts'
import { TtlLimit } from '../ttl-limit.ts'

/** The machine's own filters, and counters before and after them. */
export function simNetfilter(machine: Machine): Netfilter {
  const load = (texts: RulesetTexts) => replaceRules(machine, texts)
  return {
    rulesets: async () => machine.rulesets,
    async countArrivals(watches) {
      return countArrivals(machine, watches)
    },
    async limitTtl(flows) {
      return limitTtl(machine, flows)
    },
    async insertNftRule(chain, rule, comment, before) {
      load(withNftRule(machine.rulesets, chain, rule, comment, before))
    },
    async deleteNftRule(chain, handle) {
      load(withoutNftRule(machine.rulesets, chain, handle))
    },
    async insertIptablesRule(chain, rule, before) {
      load(withIptablesRule(machine.rulesets, chain, rule, before))
    },
    async deleteIptablesRule(chain, rule) {
      load(withoutIptablesRule(machine.rulesets, chain, rule))
    },
  }
}

function countArrivals(machine: Machine, watches: readonly ArrivalWatch[]): ArrivalCounters {
  const { addresses } = machine.world
  const meters = watches.map(({ family, transport, port, sources }) => {
    return new ArrivalMeter({
      protocol: transport === 'tcp' ? TCP : UDP,
      isIpv6: family === 'ipv6',
      port,
      sources: new Set(sources.map((source) => addresses.id(source))),
      watchedPorts: new Set(watches.filter((other) => sameKind(other, family, transport)).map((other) => other.port)),
    })
  })
  machine.meters.push(...meters)
  const close = async () => remove(machine.meters, meters)
  const read = async () =>
    meters.map(({ wire, passed, anySourceOpening, strayOpening }) => ({ wire, passed, anySourceOpening, strayOpening }))
  return { read, close, [Symbol.asyncDispose]: close }
}

function limitTtl(machine: Machine, flows: readonly LimitedFlow[]): LimitedFlows {
  const { addresses } = machine.world
  const limits = flows.map(
    ({ local, remote, ttl }) => new TtlLimit(local.port, addresses.id(remote.address), remote.port, ttl),
  )
  machine.ttlLimits.push(...limits)
  const close = async () => remove(machine.ttlLimits, limits)
  return { read: async () => limits.map(({ told }) => told), close, [Symbol.asyncDispose]: close }
}

function remove<T>(from: T[], some: readonly T[]): void {
  for (const one of some) {
    const index = from.indexOf(one)
    if (index >= 0) from.splice(index, 1)
  }
}

function sameKind(watch: ArrivalWatch, family: ArrivalWatch['family'], transport: ArrivalWatch['transport']): boolean {
  return watch.family === family && watch.transport === transport
}
