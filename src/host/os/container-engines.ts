import { readdir, realpath } from 'node:fs/promises'
import type { ContainerEngine } from '../host.ts'
import { askEngine } from './ask-engine.ts'
import { errnoOf } from './system-error.ts'

/**
 * Where engines put their sockets: what the user's own settings name, Docker as root and without root, Podman as root
 * and without; to root, those of every user. Only unix sockets: an engine that is asked over a network runs its containers on another machine.
 */
function socketPaths(): readonly string[] {
  const named = /^unix:\/\/(\/.+)$/.exec(process.env.DOCKER_HOST ?? '')?.[1]
  const folder = process.env.XDG_RUNTIME_DIR
  const ownUsers = folder?.startsWith('/') ? [`${folder}/docker.sock`, `${folder}/podman/podman.sock`] : []
  return [...(named === undefined ? [] : [named]), '/var/run/docker.sock', '/run/podman/podman.sock', ...ownUsers]
}

const USERS = '/run/user'
/** A machine with more users who are logged in is no home server. */
const MOST_USERS = 16

/** What users run without root is behind this host too, and root may ask it. */
async function socketsOfUsers(): Promise<readonly string[]> {
  if (process.geteuid?.() !== 0) return []
  const folders = await readdir(USERS).catch(() => [])
  const users = folders.filter((name) => /^\d{1,10}$/.test(name)).slice(0, MOST_USERS)
  return users.flatMap((user) => [`${USERS}/${user}/docker.sock`, `${USERS}/${user}/podman/podman.sock`])
}

/** Each socket once, though several names lead to it. Whether it is a socket at all shows when it is asked. */
export async function containerEngines(): Promise<readonly ContainerEngine[]> {
  const paths = await Promise.all([...socketPaths(), ...(await socketsOfUsers())].map(resolved))
  const found = new Set(paths.filter((path) => path !== undefined))
  return [...found].map((socket) => ({ socket, get: (path, { timeoutMs }) => askEngine(socket, path, timeoutMs) }))
}

/** Undefined where there is none. In a folder that we may not look into there may be one, and asking it will tell. */
async function resolved(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? path : undefined
  }
}
