import type { NodeSummary } from '../model/diagnosis.ts'
import type { Findings } from './findings.ts'

/**
 * The node in two numbers. Of a program that is several nodes each half wants its own peers; the half with the fewest is
 * the one to look at.
 */
export function summarizeNode(findings: Findings): NodeSummary | null {
  const [node] = findings.of('node')
  if (node === undefined) return null
  const halves = findings.of('node-peers').map(({ value }) => value)
  const [fewest] = halves.toSorted((a, b) => a.peers - b.peers)
  return { kind: node.value.kind, peers: fewest?.peers ?? null, peersWanted: fewest?.wanted ?? null }
}
