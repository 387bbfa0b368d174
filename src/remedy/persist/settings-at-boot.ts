import type { Host } from '../../host/host.ts'
import type { BootSource } from '../../model/evidence.ts'
import { attempt } from '../../probe/attempt.ts'
import { inReadingOrder, LAST_SETTINGS, SETTING_FOLDERS, type SettingsFile } from './sysctl-place.ts'

const LIST = ['find', ...SETTING_FOLDERS, '-maxdepth', '1', '-name', '*.conf']
const MOST_FILES = 256
const TIMEOUT_MS = 10_000

/** A file's text; null where there is none, or none that could be put back. */
type Read = (path: string) => Promise<string | null>

/**
 * All files that set kernel settings at boot, in that order: those of systemd, or of `sysctl --system`, and then ufw's own.
 * `planned`: paths of files that are to be made. Changes nothing.
 */
export async function settingsAtBoot(
  host: Host,
  atBoot: readonly BootSource[],
  planned: readonly string[],
  read: Read,
): Promise<readonly SettingsFile[]> {
  const listed = await attempt(() => host.services.run(LIST, { timeoutMs: TIMEOUT_MS }), undefined)
  const paths = inReadingOrder([...(listed?.stdout.split('\n') ?? []), ...planned]).slice(0, MOST_FILES)
  const files = await filesAt(paths, read)
  const [last] = await filesAt([LAST_SETTINGS], read)
  const ufw = atBoot.some(({ name, enabled }) => name === 'ufw' && enabled !== 'no') ? await ufwSettings(read) : []
  if (last === undefined) return [...files, ...ufw]
  const linked = files.findIndex(({ text }) => text === last.text)
  if (linked >= 0) return [...files.toSpliced(linked, 1, last), ...ufw]
  const isLeftOut = (await read('/proc/1/comm'))?.trim() === 'systemd'
  return [...files, ...(isLeftOut ? [] : [last]), ...ufw]
}

/** ufw sets what a file of its own says whenever it starts, which is after all others. */
async function ufwSettings(read: Read): Promise<readonly SettingsFile[]> {
  const path = /^\s*IPT_SYSCTL=["']?(\/[\w./-]+)/m.exec((await read('/etc/default/ufw')) ?? '')?.[1]
  return path === undefined ? [] : filesAt([path], read)
}

async function filesAt(paths: readonly string[], read: Read): Promise<readonly SettingsFile[]> {
  const texts = await Promise.all(paths.map(read))
  return paths.flatMap((path, index) => (texts[index] == null ? [] : [{ path, text: texts[index] }]))
}
