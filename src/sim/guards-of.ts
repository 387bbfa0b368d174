import type { Box, Nat } from '../topology/topology.ts'
import type { AddressId } from './address-book.ts'
import { KERNEL_TIMEOUTS, type Timeouts } from './conntrack/tracker.ts'
import type { Interface } from './interface.ts'
import type { Machine } from './machine.ts'
import type { NatBehavior } from './nat/nat-behavior.ts'
import { RouterGuard } from './nat/router-guard.ts'
import { ProviderGuard } from './policy/provider-guard.ts'

/** As many connections as a Linux router of a few hundred megabytes follows. */
const MOST_FLOWS = 65_536

/** What a topology's router or carrier does to packets. `idOf`: the IPv4 address of a name that a forward leads to. */
export function routerGuard(
  machine: Machine,
  inside: Interface,
  outside: Interface,
  box: Box,
  idOf: (name: string) => AddressId,
): RouterGuard {
  const { nat } = box
  const timeouts = nat === null ? KERNEL_TIMEOUTS : timeoutsOf(nat)
  return new RouterGuard(machine, inside, outside, {
    nat: nat === null ? null : behaviorOf(nat, timeouts),
    firewall: box.firewall,
    forwards: box.forwards.flatMap(({ transports, port, to }) =>
      transports.map((transport) => ({ transport, port, to: { address: idOf(to.name), port: to.port } })),
    ),
    dmz: box.dmz === null ? null : idOf(box.dmz),
    timeouts,
    maxFlows: MOST_FLOWS,
  })
}

export function providerGuard(machine: Machine, inside: Interface, box: Box): ProviderGuard {
  const rules = box.filters.map((filter) => ({ ...filter, pattern: null }))
  return new ProviderGuard(machine, inside, rules, { timeouts: KERNEL_TIMEOUTS, maxFlows: MOST_FLOWS })
}

function timeoutsOf({ udpTimeoutSeconds, tcpTimeoutSeconds }: Nat): Timeouts {
  const udpMs = udpTimeoutSeconds * 1000
  return { ...KERNEL_TIMEOUTS, udpMs, udpAnsweredMs: udpMs, tcpEstablishedMs: tcpTimeoutSeconds * 1000 }
}

function behaviorOf(nat: Nat, timeouts: Timeouts): NatBehavior {
  const { mapping, filtering, hairpinning, remembers, portPreservation } = nat
  const changed = mapping === 'endpoint-independent' ? 'exclusive-or' : 'random'
  return {
    mapping,
    filtering,
    remembers,
    timeouts,
    ports: portPreservation ? 'preserve' : changed,
    parity: false,
    keepsRange: false,
    hairpinning: hairpinning ? 'external' : 'no',
    refresh: 'both',
    pooling: 'paired',
    maxFlows: MOST_FLOWS,
  }
}
