import type { Nat, PortChoice } from '../topology/topology.ts'
import type { Sysctl } from './lab-plan.ts'

/** Ways of choosing ports that rules make. A counter gives each flow a port of its own, whoever it goes to. */
const BY_RULE: Readonly<Record<Nat['mapping'], readonly PortChoice[]>> = {
  'endpoint-independent': ['preserved', 'changed'],
  'address-dependent': ['random'],
  'address-and-port-dependent': ['random', 'contiguous'],
}

/** What of a NAT conntrack cannot be made to do. */
export function beyondKernel(name: string, nat: Nat): readonly string[] {
  const { mapping, ports = null, mostConnections = null, portParity = false, pooling = null, refresh = 'both' } = nat
  const byRule = BY_RULE[mapping]
  const why = (key: string) => `the kernel cannot make "${key}" of ${name}; peerway sim can`
  return [
    ...(ports === null || byRule.includes(ports) ? [] : [why(`ports: ${ports}" with "mapping: ${mapping}`)]),
    ...(portParity ? [why('portParity')] : []),
    ...(pooling === null ? [] : [why('pooling')]),
    ...(refresh === 'both' ? [] : [why(`refresh: ${refresh}`)]),
    ...(mostConnections === null ? [] : [why('mostConnections')]),
  ]
}

/** The kernel has more states of TCP than a topology file names. */
export function natTimeouts(nat: Nat): readonly Sysctl[] {
  const { tcpOpeningTimeoutSeconds: opening, tcpClosingTimeoutSeconds: closing, icmpTimeoutSeconds: icmp } = nat
  const values: readonly (readonly [string, number | null | undefined])[] = [
    ['udp_timeout', nat.udpUnansweredTimeoutSeconds ?? nat.udpTimeoutSeconds],
    ['udp_timeout_stream', nat.udpTimeoutSeconds],
    ['tcp_timeout_established', nat.tcpTimeoutSeconds],
    ...['syn_sent', 'syn_recv'].map((state) => [`tcp_timeout_${state}`, opening] as const),
    ...['fin_wait', 'close_wait', 'last_ack', 'time_wait'].map((state) => [`tcp_timeout_${state}`, closing] as const),
    ['icmp_timeout', icmp],
  ]
  return values.flatMap(([name, seconds]) => {
    return seconds == null ? [] : [[`net/netfilter/nf_conntrack_${name}`, String(seconds)] as const]
  })
}
