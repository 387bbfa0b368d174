import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { Evidence } from '../../src/model/evidence.ts'
import { Notebook } from '../../src/probe/notebook.ts'
import { type DeepContext, keepUp } from '../../src/probe/observe-deep.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { contactVantage } from '../../src/vantage/contact.ts'
import { ContactMemory } from '../../src/vantage/contacted.ts'
import { startVantage } from '../../src/vantage/server.ts'

const VANTAGE = '198.51.100.20'

/** One deep question alone, asked by `node` of a topology file, with what makes it a context: whole deep checks take long. */
export async function askAlone(
  yaml: string,
  seed: number,
  ask: (context: DeepContext) => Promise<void>,
): Promise<readonly Evidence[]> {
  const parsed = parseTopology(yaml, 'alone.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const host = simulated.host('node')
  const notebook = new Notebook(host.clock, () => {})
  const work = async () => {
    const spec = { name: VANTAGE, address: VANTAGE, port: 3478, family: 'ipv4', origin: 'user' } as const
    const { fact, vantage } = await contactVantage(host, spec, await ContactMemory.open(host, null, []))
    const dialler = { ...vantage, fact }
    const context = { host, notebook, dialler, family: 'ipv4', ports: [], protocols: ['multistream', 'quic'] }
    const done = new AbortController()
    const connection = keepUp(context as unknown as DeepContext, done.signal)
    await ask(context as unknown as DeepContext)
    done.abort()
    await connection
    await vantage?.close()
  }
  await simulated.world.run(work())
  return notebook.evidence()
}

/** Ids of the notes and obstacles that follow, with their values. */
export function saidOf(evidence: readonly Evidence[]) {
  const { notes, obstacles } = diagnose(evidence, [])
  return {
    notes: notes.map(({ id, params }) => ({ id, params })),
    obstacles: obstacles.map(({ id, text }) => ({ id, params: text.params })),
  }
}
