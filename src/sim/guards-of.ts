import { type Box, type Nat, type PortChoice as PortWord, SERVED_OUTSIDE } from '../topology/topology.ts'
import type { AddressId } from './address-book.ts'
import { KERNEL_TIMEOUTS, type Timeouts } from './conntrack/tracker.ts'
import type { Interface } from './interface.ts'
import type { Machine } from './machine.ts'
import type { NatBehavior, PortChoice } from './nat/nat-behavior.ts'
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
    heardOutside: box.portMappingOutside ? SERVED_OUTSIDE : { udp: [], tcp: [] },
    timeouts,
    maxFlows: nat?.mostConnections ?? MOST_FLOWS,
  })
}

export function providerGuard(machine: Machine, inside: Interface, box: Box): ProviderGuard {
  const rules = box.filters.map((filter) => ({
    ...filter,
    pattern: filter.payload ?? null,
    firstPacket: filter.firstPacket ?? false,
    wholeFlow: filter.wholeFlow ?? false,
    kilobitsPerSecond: filter.kilobitsPerSecond ?? null,
    payloadBytes: filter.payloadBytes ?? null,
  }))
  return new ProviderGuard(machine, inside, rules, { timeouts: KERNEL_TIMEOUTS, maxFlows: MOST_FLOWS })
}

function timeoutsOf(nat: Nat): Timeouts {
  const msOf = (seconds: number | null | undefined, otherwise: number) => (seconds == null ? otherwise : seconds * 1000)
  const udpAnsweredMs = nat.udpTimeoutSeconds * 1000
  return {
    udpMs: msOf(nat.udpUnansweredTimeoutSeconds, udpAnsweredMs),
    udpAnsweredMs,
    tcpOpeningMs: msOf(nat.tcpOpeningTimeoutSeconds, KERNEL_TIMEOUTS.tcpOpeningMs),
    tcpEstablishedMs: nat.tcpTimeoutSeconds * 1000,
    tcpClosingMs: msOf(nat.tcpClosingTimeoutSeconds, KERNEL_TIMEOUTS.tcpClosingMs),
    tcpClosedMs: KERNEL_TIMEOUTS.tcpClosedMs,
    icmpMs: msOf(nat.icmpTimeoutSeconds, KERNEL_TIMEOUTS.icmpMs),
  }
}

const PORT_CHOICES: Readonly<Record<PortWord, PortChoice>> = {
  preserved: 'preserve',
  overloaded: 'overload',
  changed: 'exclusive-or',
  contiguous: 'contiguous',
  random: 'random',
}

function behaviorOf(nat: Nat, timeouts: Timeouts): NatBehavior {
  const { mapping, filtering, hairpinning, remembers, portPreservation } = nat
  const changed = mapping === 'endpoint-independent' ? 'changed' : 'random'
  const ports = nat.ports ?? (portPreservation ? 'preserved' : changed)
  return {
    mapping,
    filtering,
    remembers,
    timeouts,
    ports: PORT_CHOICES[ports],
    parity: nat.portParity ?? false,
    keepsRange: false,
    hairpinning: hairpinning ? 'external' : 'no',
    refresh: nat.refresh ?? 'both',
    pooling: nat.pooling ?? 'none',
    maxFlows: nat.mostConnections ?? MOST_FLOWS,
  }
}
