/**
 * The matrix of a published bench of AutoNAT v2 (github.com/probe-lab/autonat-perf-audit, docs/measurement-results.md,
 * May 2026): five kinds of router, three delays, three losses. The same kinds are in topologies/; `onTheWay` gives the
 * way between the node's side and the Internet the delay and the loss of a series.
 */

/** Its names of the kinds of router; `reachable` is what a stranger finds. */
export const KINDS = [
  { kind: 'none', file: 'public-host.yaml', reachable: true },
  { kind: 'full-cone', file: 'dmz.yaml', reachable: true },
  { kind: 'address-restricted', file: 'home-nat-restricted-by-host.yaml', reachable: false },
  { kind: 'port-restricted', file: 'home-nat.yaml', reachable: false },
  { kind: 'symmetric', file: 'home-nat-symmetric.yaml', reachable: false },
]

/** One way each; `autoNat` is what the audit measured until a confident verdict, TCP and QUIC, in seconds. */
export const SERIES = [
  { delayMs: 10, lossPercent: 0, autoNat: '6.0 (QUIC 11.0)' },
  { delayMs: 200, lossPercent: 0, autoNat: '16.9–18.7 (QUIC 12.6–16.4)' },
  { delayMs: 500, lossPercent: 0, autoNat: '27.5–32.0 (QUIC 20.0–22.0)' },
  { delayMs: 10, lossPercent: 1, autoNat: null },
  { delayMs: 10, lossPercent: 5, autoNat: null },
  { delayMs: 10, lossPercent: 10, autoNat: 'up to 19.4 (QUIC 6.1–11.1)' },
]

/** The topology with a link of `delayMs` and `lossPercent`, each way, where the provider meets the Internet. */
export function onTheWay(topology, { delayMs, lossPercent }) {
  return { ...topology, links: [...topology.links, { from: 'isp', to: 'internet', delayMs, lossPercent }] }
}
