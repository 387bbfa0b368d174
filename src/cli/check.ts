import { check } from '../check.ts'
import { openOsHost, releaseOsHost } from '../host/os/os-host.ts'
import { keepLastCheck } from '../last-check.ts'
import { planOf } from '../plan-of.ts'
import { renderText } from '../report/text.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import type { Command } from './io.ts'
import { EXIT_STATUS, hasColor } from './outcome.ts'
import { progressLine } from './progress-line.ts'
import { openStateFolder, otherStateFolders } from './settings.ts'

const OPTIONS = { ...CHECK_FLAGS, help: { type: 'boolean', short: 'h' } } as const

const HELP = `Can strangers reach this machine's ports, and if not, where are they stopped?

Usage: peerway [check] [OPTION ...]

  --port PORT        a port that strangers shall reach: udp/4001, tcp/4001, or 4001
                     for both; may be repeated
  --node KIND        the kind of node that runs here; its usual ports are checked
                     where no --port is given
  --vantage SERVER   somebody outside who dials this machine: HOST, HOST:PORT or
                     [IPV6]:PORT (port 3478 without one); may be repeated. Without
                     any, nothing can be proven
  --deep             take minutes, and find out as well how many boxes remember
                     UDP flows, at which hop, and for how long
  --json             the report as JSON (schema peerway.report/1)
  --lang en|fr       the language of the report

Exit status: 0 reachable, 1 not all of it, 3 unknown, 2 wrong usage or an error.
As root it sees more: which process listens, and what the host's firewall drops.
Settings also come from PEERWAY_PORT, PEERWAY_NODE, PEERWAY_VANTAGE, PEERWAY_LANG,
and from ~/.config/peerway/config.yaml or /etc/peerway/config.yaml.
`

export const runCheck: Command = async (args, io) => {
  const { values } = readArguments('check', args, OPTIONS)
  if (values.help) {
    io.stdout.write(HELP)
    return 0
  }
  const asked = await readCheckOptions(values, io)
  planOf(asked) // What is asked wrongly is told before a folder is made for it.
  const options = { ...asked, stateFolder: openStateFolder(io), otherStateFolders: otherStateFolders(io) }

  const host = openOsHost()
  const line = progressLine(io)
  const interrupted = io.interrupted()
  const result = await Promise.race([check(options, host, line.update), interrupted]).finally(line.clear)
  if (typeof result === 'number') {
    await releaseOsHost()
    return result
  }

  const { report, diagnosis } = result
  if (options.stateFolder !== null) await keepLastCheck(host, options.stateFolder, { at: report.at, diagnosis })
  io.stdout.write(
    values.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderText(diagnosis, { language: asked.language, width: io.stdout.columns, color: hasColor(io) }),
  )
  return EXIT_STATUS[report.verdict]
}
