import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorText, PeerwayError } from '../model/error.ts'
import { message } from '../model/message.ts'
import { LANGUAGES, type Language, renderMessage } from '../report/render-message.ts'
import type { ConfigFile } from './config-file.ts'
import type { Io } from './io.ts'

/** What flags may say beside variables and file; undefined or empty where the flag was not given. */
export interface SettingFlags {
  readonly node?: string | undefined
  readonly port?: readonly string[] | undefined
  readonly vantage?: readonly string[] | undefined
  readonly lang?: string | undefined
  readonly token?: string | undefined
  readonly listen?: string | undefined
  readonly alertWebhook?: string | undefined
  /** A program; the settings file may give it arguments. */
  readonly alertCommand?: string | undefined
  readonly alertEmail?: string | undefined
}

export interface Settings {
  readonly node: string | undefined
  readonly ports: readonly string[]
  readonly vantages: readonly string[]
  /** Undefined: the list that comes with peerway. */
  readonly stunServers: readonly string[] | undefined
  readonly language: Language
  readonly token: string | undefined
  /** Where `watch` serves its page. */
  readonly listen: string | undefined
  /** Whom `watch` tells when reachability is lost or back. */
  readonly alerts: {
    readonly webhook: string | undefined
    readonly command: readonly string[] | undefined
    readonly email: string | undefined
  }
}

/** Flags, then `PEERWAY_*` variables, then the configuration file: the first that says anything counts, key by key. */
export async function readSettings(flags: SettingFlags, io: Io): Promise<Settings> {
  const { env } = io
  const file = await readConfigFile(configPaths(io))
  return {
    node: flags.node ?? text(env.PEERWAY_NODE) ?? file.node,
    ports: flags.port ?? words(env.PEERWAY_PORT) ?? file.ports ?? [],
    vantages: flags.vantage ?? words(env.PEERWAY_VANTAGE) ?? file.vantages ?? [],
    stunServers: file.stunServers,
    language: languageOf(flags.lang ?? text(env.PEERWAY_LANG) ?? file.lang, env),
    token: flags.token ?? text(env.PEERWAY_TOKEN) ?? file.token,
    listen: flags.listen ?? text(env.PEERWAY_LISTEN) ?? file.listen,
    alerts: {
      webhook: flags.alertWebhook ?? text(env.PEERWAY_ALERT_WEBHOOK) ?? file.alertWebhook,
      command: alone(flags.alertCommand) ?? alone(text(env.PEERWAY_ALERT_COMMAND)) ?? file.alertCommand,
      email: flags.alertEmail ?? text(env.PEERWAY_ALERT_EMAIL) ?? file.alertEmail,
    },
  }
}

/** A user's own file comes before the machine's. */
function configPaths({ env, homeFolder }: Io): readonly string[] {
  const user = text(env.XDG_CONFIG_HOME) ?? join(homeFolder, '.config')
  return [join(user, 'peerway', 'config.yaml'), '/etc/peerway/config.yaml']
}

/** The first of `paths` that exists; most machines have none, and then the YAML reader is not even loaded. */
async function readConfigFile(paths: readonly string[]): Promise<ConfigFile> {
  for (const path of paths) {
    const found = readIfThere(path)
    if (found !== undefined) return (await import('./config-file.ts')).parseConfig(path, found)
  }
  return {}
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new PeerwayError('bad-input', errorText('error.settings-unreadable', { path, errno: code }), { cause: error })
  }
}

/** The folder for what outlives a run, made where it is missing; null, with a note, where nothing can be written. */
export function openStateFolder(io: Io, language: Language): string | null {
  const { folder, error } = tryStateFolder(io)
  if (error === null) return folder
  const note = renderMessage(message('cli.no-state', { folder, errno: error }), language)
  io.stderr.write(`peerway: ${note}\n`)
  return null
}

/** The same for those who change something: without it they change nothing. `PeerwayError` `not-available`. */
export function requireStateFolder(io: Io): string {
  const { folder, error } = tryStateFolder(io)
  if (error === null) return folder
  throw new PeerwayError('not-available', errorText('error.state-folder', { folder, errno: error }))
}

function tryStateFolder(io: Io): { readonly folder: string; readonly error: string | null } {
  const folder = stateFolder(io)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    return { folder, error: null }
  } catch (error) {
    return { folder, error: (error as NodeJS.ErrnoException).code ?? 'unknown' }
  }
}

/** Folder by folder: asked for all at once, Node tries for ever where a folder of /proc refuses. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

const ROOT_STATE_FOLDER = '/var/lib/peerway'
const MOST_USERS = 1000

/**
 * Where other users of this host keep theirs: root's, and, for root, those of whoever has a home. Many run peerway as
 * themselves first and then as root. None where the folder is named.
 */
export function otherStateFolders({ env, isRoot }: Io): readonly string[] {
  if (text(env.PEERWAY_STATE_DIR) !== undefined) return []
  if (!isRoot) return existsSync(ROOT_STATE_FOLDER) ? [ROOT_STATE_FOLDER] : []
  const users = readIfThere('/etc/passwd')?.split('\n') ?? []
  const homes = users.slice(0, MOST_USERS).map((line) => line.split(':')[5] ?? '')
  const folders = homes.filter((home) => home.length > 1).map((home) => join(home, '.local', 'state', 'peerway'))
  return [...new Set(folders)].filter((folder) => existsSync(folder))
}

/** Where state is kept, whether it is there or not. */
export function stateFolder({ env, isRoot, homeFolder }: Io): string {
  const named = text(env.PEERWAY_STATE_DIR)
  if (named !== undefined) return named
  if (isRoot) return ROOT_STATE_FOLDER
  return join(text(env.XDG_STATE_HOME) ?? join(homeFolder, '.local', 'state'), 'peerway')
}

/** The language asked for; else that of the locale (POSIX: LC_ALL, then LC_MESSAGES, then LANG); else English. */
export function languageOf(asked: string | undefined, env: Io['env']): Language {
  if (asked === undefined) {
    const locale = text(env.LC_ALL) ?? text(env.LC_MESSAGES) ?? text(env.LANG) ?? ''
    const spoken = /^([a-z]{2,3})(?![a-z])/i.exec(locale)?.[1]?.toLowerCase()
    return LANGUAGES.find((known) => known === spoken) ?? 'en'
  }
  const known = LANGUAGES.find((candidate) => candidate === asked)
  if (known === undefined)
    throw new PeerwayError(
      'bad-input',
      errorText('error.language', { asked, one: LANGUAGES.slice(0, -1).join(', '), other: LANGUAGES.at(-1) }),
    )
  return known
}

/** An empty variable is one that is not set. */
function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

function alone(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value]
}

function words(value: string | undefined): readonly string[] | undefined {
  return text(value)?.split(/\s+/)
}
