import type { EndpointName } from '../../src/model/endpoint.ts'
import type { Truth } from '../../src/topology/topology.ts'

/** What of a JSON report is compared; see section 5 of the report's documentation. */
interface Report {
  readonly verdict: string
  readonly endpoints: readonly { transport: string; family: string; port: number; reachable: string }[]
  readonly nat: Readonly<Record<string, unknown>>
  readonly warnings: readonly { id: string }[]
  readonly obstacles: readonly { id: string; certainty: string; endpoints: readonly EndpointName[] }[]
}

/** Every way in which a report differs from the truth, a sentence each. Empty when it tells the truth. */
export function compareWithTruth(truth: Truth, report: Report, status: number): readonly string[] {
  const differences: string[] = []
  const compare = (what: string, said: unknown, expected: unknown) => {
    if (said !== expected) differences.push(`${what}: said ${said}, truth is ${expected}`)
  }
  compare('verdict', report.verdict, truth.verdict)
  compare('exit status', status, truth.exit)
  const answers = new Map(
    report.endpoints.map((each) => [`${each.transport}/${each.family}/${each.port}`, each.reachable]),
  )
  for (const [endpoint, expected] of truth.endpoints) compare(endpoint, answers.get(endpoint), expected)
  for (const endpoint of answers.keys()) {
    if (!truth.endpoints.has(endpoint as EndpointName)) differences.push(`${endpoint}: nobody asked for it`)
  }
  for (const [key, expected] of Object.entries(truth.nat)) compare(`nat.${key}`, report.nat[key], expected)
  if (truth.warnings !== null) {
    compare('warnings', sorted(report.warnings.map(({ id }) => id)), sorted(truth.warnings))
  }
  return [...differences, ...obstacleDifferences(truth, report)]
}

function obstacleDifferences(truth: Truth, report: Report): readonly string[] {
  const differences: string[] = []
  const proven = report.obstacles.filter((each) => each.certainty === 'proven')
  for (const [id, stopped] of truth.obstacles) {
    const said = proven.filter((each) => each.id === id).flatMap((each) => each.endpoints)
    const found = proven.some((each) => each.id === id)
    if (!found) differences.push(`${id}: not proven, truth is that it stops ${stopped.join(', ') || 'no endpoint'}`)
    else if (sorted(said) !== sorted(stopped)) {
      differences.push(`${id}: said to stop ${sorted(said)}, truth is ${sorted(stopped)}`)
    }
  }
  for (const { id, certainty } of report.obstacles) {
    const allowed =
      certainty === 'proven' ? [...truth.obstacles.keys()] : [...truth.obstacles.keys(), ...truth.atMostLikely]
    if (!(allowed as readonly string[]).includes(id))
      differences.push(`${id}: said to be ${certainty}, and it is not so`)
  }
  // Whoever is stopped is told by what, if only as likely.
  const explained = new Set(report.obstacles.flatMap((each) => each.endpoints))
  for (const [endpoint, answer] of truth.endpoints) {
    if (answer === 'no' && !explained.has(endpoint)) differences.push(`${endpoint}: no obstacle is named`)
  }
  return differences
}

function sorted(names: readonly string[]): string {
  return [...new Set(names)].sort().join(', ') || 'none'
}
