import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Daemon } from './daemons.ts'
import { enterHost } from './host-root.ts'
import { isInside } from './namespace.ts'

/** A daemon that is not up by then is broken. */
const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 5

/**
 * Starts a daemon inside a rooted host, with its files and its log in `folder`, and resolves when it holds its ports.
 * It outlives this process. PeerwayError `not-available` with the last line of its log when it ends instead.
 */
export async function startDaemon(daemon: Daemon, namespace: string, folder: string): Promise<void> {
  const inFolder = (text: string) => text.replaceAll('FOLDER', folder)
  for (const [name, text] of daemon.files) writeFileSync(join(folder, name), inFolder(text))
  const logFile = join(folder, `${daemon.title}.log`)
  const log = openSync(logFile, 'a')
  const command = daemon.command.map(inFolder)
  const [program, ...args] = enterHost(namespace, folder, folder, command)
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  child.once('error', () => {
    ended = true
  })
  const deadline = Date.now() + PATIENCE_MS
  while (!isUp(child.pid, namespace, daemon)) {
    if (ended || Date.now() > deadline) throw notUp(daemon, command, logFile)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

function notUp(daemon: Daemon, command: readonly string[], logFile: string): PeerwayError {
  const last = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? ''
  const sockets = daemon.holds.map(({ transport, port }) => `${transport}/${port}`).join(', ')
  return new PeerwayError(
    'not-available',
    errorText('error.lab-daemon', { title: daemon.title, program: command[0], sockets, last }),
  )
}

function isUp(pid: number | undefined, namespace: string, daemon: Daemon): boolean {
  if (pid === undefined || !isInside(pid, namespace)) return false
  return daemon.holds.every(({ transport, port }) => {
    return holds(pid, transport, port) || holds(pid, `${transport}6`, port)
  })
}

/** The kernel's own table of sockets: column 2 is the local address and port in hex, column 4 the state. */
function holds(pid: number, table: string, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const wanted = table.startsWith('tcp') ? LISTENING : UNCONNECTED
  try {
    const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)
    return lines.some((line) => {
      const fields = line.trim().split(/\s+/)
      return fields[1]?.endsWith(`:${hex}`) === true && fields[3] === wanted
    })
  } catch {
    return false
  }
}

const LISTENING = '0A'
const UNCONNECTED = '07'
