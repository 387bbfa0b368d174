import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Host } from '../host/host.ts'
import { openOsHost } from '../host/os/os-host.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { type MessageParams, message } from '../model/message.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { systemdUnit, UNIT_MARK, UNIT_NAME } from '../watch/service/unit.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command, Io } from './io.ts'
import { languageOf } from './settings.ts'
import { readWatchOptions, WATCH_FLAGS, type WatchFlagValues } from './watch-options.ts'

const OPTIONS = { ...WATCH_FLAGS, 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

const UNIT_PATH = `/etc/systemd/system/${UNIT_NAME}`
const MOST_UNIT_BYTES = 64 * 1024
/** To begin takes moments; to end, as long as routers take to answer. */
const TIMEOUT_MS = 180_000

export const runService: Command = async (args, io) => {
  const { values, positionals } = readArguments('service', args, OPTIONS, 1)
  if (values.help) return showHelp('service', io, values.lang)
  const [verb] = positionals
  if (verb === 'install') return install(values, io)
  if (verb === 'remove') return remove(io, languageOf(values.lang, io.env))
  throw new PeerwayError('bad-input', errorText('error.service-verb'))
}

async function install(
  values: WatchFlagValues & { readonly 'dry-run'?: boolean | undefined },
  io: Io,
): Promise<number> {
  const { asked, channels } = await readWatchOptions(values, io)
  refuseSecrets(values)
  const program = realpathSync(fileURLToPath(new URL('../cli/main.js', import.meta.url)))
  const unit = systemdUnit({
    command: [process.execPath, program, 'watch', ...flagsOf(values)],
    sendsMail: channels.some(({ name }) => name === 'e-mail'),
  })
  if (values['dry-run']) {
    io.stdout.write(unit)
    return 0
  }
  requireSystemd(io)
  if (/[/\\]_npx[/\\]/.test(program)) {
    throw new PeerwayError('bad-input', errorText('error.service-npx', { path: program }))
  }
  const host = openOsHost()
  await refuseForeignUnit(host)
  await host.files.replace(UNIT_PATH, unit)
  await systemctl(host, 'daemon-reload')
  await systemctl(host, 'enable', UNIT_NAME)
  // One that runs already begins anew, with the options of now.
  await systemctl(host, 'restart', UNIT_NAME)
  const owner = [program, process.execPath].find((path) => !isRootsAlone(path))
  if (owner !== undefined) say(io.stderr, 'service.not-roots', { path: owner }, asked.language)
  say(io.stdout, 'service.installed', { path: UNIT_PATH, unit: UNIT_NAME }, asked.language)
  return 0
}

async function remove(io: Io, language: Language): Promise<number> {
  requireSystemd(io)
  const host = openOsHost()
  if (!existsSync(UNIT_PATH)) {
    say(io.stdout, 'service.not-there', { path: UNIT_PATH }, language)
    return 0
  }
  await refuseForeignUnit(host)
  await systemctl(host, 'disable', '--now', UNIT_NAME)
  await host.files.remove(UNIT_PATH)
  await systemctl(host, 'daemon-reload')
  say(io.stdout, 'service.removed', { path: UNIT_PATH }, language)
  return 0
}

/** As they were given, one by one. */
function flagsOf(values: WatchFlagValues): readonly string[] {
  return Object.keys(WATCH_FLAGS).flatMap((name) => {
    const value = values[name as keyof WatchFlagValues] as string | boolean | readonly string[] | undefined
    if (value === undefined || value === false) return []
    if (value === true) return [`--${name}`]
    return [value].flat().flatMap((each) => [`--${name}`, each])
  })
}

/** A unit can be read by everybody. */
function refuseSecrets(values: WatchFlagValues): void {
  if (values['alert-webhook'] === undefined) return
  throw new PeerwayError('bad-input', errorText('error.service-secret', { path: '/etc/peerway/config.yaml' }))
}

function requireSystemd({ isRoot }: Io): void {
  if (!existsSync('/run/systemd/system')) {
    throw new PeerwayError('not-available', errorText('error.no-systemd'))
  }
  if (!isRoot) throw new PeerwayError('not-permitted', errorText('error.service-root'))
}

async function refuseForeignUnit({ files }: Host): Promise<void> {
  const text = await files.read(UNIT_PATH, { maxBytes: MOST_UNIT_BYTES })
  if (text === undefined || text.startsWith(UNIT_MARK)) return
  throw new PeerwayError('bad-input', errorText('error.service-foreign', { path: UNIT_PATH }))
}

async function systemctl({ services }: Host, ...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await services.run(['systemctl', ...args], { timeoutMs: TIMEOUT_MS })
  if (exitCode === 0) return
  const words = stderr.trim() || `status ${exitCode}`
  throw new PeerwayError('not-available', errorText('error.systemctl', { command: args.join(' '), words }))
}

/** Whoever may change what root runs is root. */
function isRootsAlone(path: string): boolean {
  const { uid, mode } = statSync(path)
  if (uid !== 0 || (mode & 0o022) !== 0) return false
  return path === '/' || isRootsAlone(dirname(path))
}

function say(to: Io['stdout'], id: string, params: MessageParams, language: Language): void {
  to.write(`${renderMessage(message(id, params), language)}\n`)
}
