import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Host } from '../host/host.ts'
import { openOsHost } from '../host/os/os-host.ts'
import type { Answer } from '../model/answer.ts'
import { type Endpoint, type EndpointName, formatEndpoint } from '../model/endpoint.ts'
import { message } from '../model/message.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { alertOf } from '../watch/alerts/alert.ts'
import { Alerter } from '../watch/alerts/alerter.ts'
import type { HappeningKind } from '../watch/core/happening.ts'
import { Daemon } from '../watch/daemon.ts'
import { giveMemoryBack } from '../watch/give-memory-back.ts'
import { type RunningServer, serve } from '../watch/server/serve.ts'
import { openStore } from '../watch/store/open-store.ts'
import { workInChild } from '../watch/work-in-child.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command, Io } from './io.ts'
import { otherStateFolders, requireStateFolder } from './settings.ts'
import { readWatchOptions, WATCH_FLAGS } from './watch-options.ts'

const OPTIONS = { ...WATCH_FLAGS, help: { type: 'boolean', short: 'h' } } as const

/** What may change whether people have to be told; `started` says how things stood before. */
const ALERTING: readonly HappeningKind[] = ['started', 'reachable', 'unreachable', 'lost', 'back']
/** Often enough that little gathers meanwhile, at some 20 ms each. */
const GIVE_BACK_EVERY_MS = 60_000
const TOKEN_BYTES = 24
const WEB = fileURLToPath(new URL('../web/', import.meta.url))

export const runWatch: Command = async (args, io) => {
  const { values } = readArguments('watch', args, OPTIONS)
  if (values.help) return showHelp('watch', io, values.lang)
  const { asked, listen, channels } = await readWatchOptions(values, io)
  const stateFolder = requireStateFolder(io)
  const stop = new AbortController()
  const interrupted = io.interrupted().then(() => stop.abort())
  const host = openOsHost()
  await using _alone = await host.files.lock(`${stateFolder}/watch.lock`)

  const { store, why, aside } = await openStore(stateFolder, host.clock.nowMs())
  if (why !== null) note('watch.no-history', { why }, asked.language, io)
  if (aside !== null) note('watch.old-history', { path: aside }, asked.language, io)
  const options = { ...asked, stateFolder, otherStateFolders: otherStateFolders(io) }
  let server: RunningServer | undefined
  const daemon = new Daemon({
    host,
    work: workInChild(options, stop.signal),
    store,
    stateFolder,
    isDeep: asked.deep === true,
    onEvent: (event) => {
      server?.streams.happened(event)
      if (ALERTING.includes(event.kind)) alerter.noted(answersOf(daemon))
    },
    onChange: () => server?.streams.changed(),
    onProgress: (progress) => server?.streams.progress(progress),
  })
  const alerter = new Alerter({
    clock: host.clock,
    channels,
    alertOf: (news) => {
      const diagnosis = daemon.view.measured?.diagnosis ?? null
      return alertOf(news, { host: hostname(), language: asked.language, nowMs: host.clock.nowMs(), diagnosis })
    },
    onOutcome: (channel, why) => daemon.noteAlert(channel, why),
  })
  server = await serve({
    daemon,
    listen,
    token: await tokenIn(stateFolder, host),
    language: asked.language,
    webFolder: WEB,
    nowMs: () => host.clock.nowMs(),
    figures: () => figures(),
  })
  const givingBack = setInterval(giveMemoryBack, GIVE_BACK_EVERY_MS)
  greet(server.local, stateFolder, asked.language, io)
  try {
    await Promise.all([daemon.run(stop.signal), alerter.run(stop.signal), interrupted])
  } finally {
    clearInterval(givingBack)
    await server.close()
    store.close()
  }
  return 0
}

function answersOf({ view }: Daemon): ReadonlyMap<EndpointName, Answer> {
  return new Map([...view.stated].map(([name, { answer }]) => [name, answer]))
}

function greet(local: Endpoint, stateFolder: string, language: Language, io: Io): void {
  const url = `http://${formatEndpoint(local)}/`
  io.stdout.write(`${renderMessage(message('watch.page', { url }), language)}\n`)
  note('watch.token', { path: `${stateFolder}/watch-token` }, language, io)
}

function note(id: string, params: Readonly<Record<string, string>>, language: Language, io: Io): void {
  io.stderr.write(`peerway: ${renderMessage(message(id, params), language)}\n`)
}

/** The secret that lets the page change things: drawn once, and for this user's eyes alone. */
async function tokenIn(stateFolder: string, host: Host): Promise<string> {
  const path = `${stateFolder}/watch-token`
  const known = (await host.files.read(path, { maxBytes: 1024 }))?.trim()
  if (known !== undefined && /^[A-Za-z0-9_-]{32}$/.test(known)) return known
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await host.files.replace(path, `${token}\n`)
  return token
}

function figures() {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() }
}
