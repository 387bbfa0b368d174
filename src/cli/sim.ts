import { fileURLToPath } from 'node:url'
import { check } from '../check.ts'
import { loadTopologyFile } from '../lab/open-lab.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { message } from '../model/message.ts'
import type { CheckOptions } from '../plan-of.ts'
import { renderHtml } from '../report/html/render-html.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { renderText } from '../report/text.ts'
import { buildTopology, type SimulatedTopology } from '../sim/build.ts'
import { captureWorld } from '../sim/capture.ts'
import { startVantages } from '../sim/start-vantages.ts'
import { formatTrace } from '../sim/trace.ts'
import { problemsMessage } from '../topology/problem.ts'
import type { Topology } from '../topology/topology.ts'
import { startVantage } from '../vantage/server.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, HTML_FLAG } from './check-flags.ts'
import { showHelp } from './help.ts'
import type { Io } from './io.ts'
import { EXIT_STATUS, hasColor } from './outcome.ts'
import { readNode } from './read-node.ts'
import { redactCheck, redactorFor } from './redact.ts'
import { languageOf } from './settings.ts'
import { writeOutput } from './write-output.ts'

const OPTIONS = {
  trace: { type: 'boolean' },
  seed: { type: 'string' },
  pcap: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const BUILT_IN = fileURLToPath(new URL('../../topologies/home-nat.yaml', import.meta.url))

/** What of Io the simulator uses. */
export type SimIo = Pick<Io, 'stdout' | 'stderr' | 'env'>

/**
 * `peerway sim`. Resolves with the exit status of the check that ran inside, or 2 for a file with mistakes. Rejects with a
 * PeerwayError for everything else that is asked wrongly.
 */
export async function runSim(args: readonly string[], io: SimIo): Promise<number> {
  const dashes = args.indexOf('--')
  const own = dashes < 0 ? args : args.slice(0, dashes)
  const { values, positionals } = readArguments('sim', own, OPTIONS, 1)
  if (values.help) return showHelp('sim', io)
  const loaded = loadTopologyFile(positionals[0] ?? BUILT_IN)
  if ('problems' in loaded) {
    io.stderr.write(`${renderMessage(problemsMessage(loaded.problems), languageOf(undefined, io.env))}\n`)
    return 2
  }
  const { topology } = loaded
  const asked = await readCheck(dashes < 0 ? checkOf(topology, positionals[0]) : args.slice(dashes + 1), io.env)
  const simulated = buildTopology(topology, readSeed(values.seed))
  if (values.trace) traceTo(io, simulated)
  const capture = values.pcap === undefined ? null : captureWorld(simulated.world, simulated.segments.values())
  try {
    return await checkInside(simulated, topology, asked, io)
  } finally {
    if (capture !== null) writeOutput(values.pcap!, capture())
  }
}

interface Asked {
  readonly options: CheckOptions
  readonly language: Language
  readonly json: boolean
  readonly redact: boolean
  /** The file to write the report to as a page. */
  readonly html: string | undefined
}

async function checkInside(
  simulated: SimulatedTopology,
  topology: Topology,
  { options, language, json, redact, html }: Asked,
  { stdout, env }: SimIo,
): Promise<number> {
  const { world } = simulated
  await startVantages(simulated, topology, startVantage)
  const work = check({ ...options, stateFolder: '/var/lib/peerway' }, simulated.host(nodeOf(topology)))
  const checked = await world.run(work, 'the check')
  // Whose machine it is is no secret of a simulated network's, and is taken out all the same.
  const redactor = redactorFor(checked, { env, homeFolder: '' })
  const { report, diagnosis } = redact ? redactCheck(checked, redactor, language) : checked
  if (json) stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else {
    const color = hasColor({ stdout, env })
    stdout.write(`${renderMessage(message('sim.title', { title: topology.title, seed: world.seed }), language)}\n\n`)
    stdout.write(renderText(diagnosis, { language, width: stdout.columns, color }))
  }
  if (html !== undefined) writeOutput(html, renderHtml(diagnosis, report, language))
  return EXIT_STATUS[report.verdict]
}

async function readCheck(args: readonly string[], env: Io['env']): Promise<Asked> {
  const [command, ...rest] = args
  if (command !== 'check') {
    throw new PeerwayError('bad-input', errorText('error.sim-runs-check', { found: command }))
  }
  const { values } = readArguments('check', rest, { ...CHECK_FLAGS, ...HTML_FLAG })
  const language = languageOf(values.lang, env)
  const options = {
    ports: values.port,
    node: await readNode(values.node),
    announced: values.announce,
    vantages: values.vantage,
    deep: values.deep,
    language,
  }
  return { options, language, json: values.json ?? false, redact: values.redact ?? false, html: values.html }
}

/** The check that the file itself names the truth of. */
function checkOf({ truth }: Topology, path: string | undefined): readonly string[] {
  const [first] = truth
  if (first !== undefined) return ['check', ...first.check]
  throw new PeerwayError('bad-input', errorText('error.sim-no-check', { path }))
}

/** Where the check runs: where the file's own does, else on the host called node, else on the first. */
function nodeOf({ truth, hosts }: Topology): string {
  const name = truth[0]?.on ?? hosts.find((host) => host.name === 'node')?.name ?? hosts[0]?.name
  if (name === undefined) throw new PeerwayError('bad-input', errorText('error.sim-no-host'))
  return name
}

function readSeed(text: string | undefined): number {
  if (text === undefined) return 1
  if (/^[0-9]{1,15}$/.test(text)) return Number(text)
  throw new PeerwayError('bad-input', errorText('error.seed', { text }))
}

function traceTo({ stderr }: SimIo, { world, machines }: SimulatedTopology): void {
  const width = Math.max(...[...machines.keys()].map((name) => name.length))
  world.trace = (event) => stderr.write(`${formatTrace(event, width)}\n`)
}
