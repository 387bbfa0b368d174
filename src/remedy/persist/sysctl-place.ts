import type { SysctlChange } from '../change.ts'
import { valueSetBy } from './sysctl-file.ts'

/** Where systemd-sysctl and `sysctl --system` look, the first folder before the others: a file there hides its namesakes. */
export const SETTING_FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((root) => `${root}/sysctl.d`)

/** Read by `sysctl --system` after all folders; by systemd where a link in one of them leads to it, and else not. */
export const LAST_SETTINGS = '/etc/sysctl.conf'

/** Of ours the first that is read after whoever sets it otherwise. */
const OWN_FOLDER = '/etc/sysctl.d'
const OWN_NAMES = ['60-peerway.conf', '99-zz-peerway.conf', 'zzz-peerway.conf']

export interface SettingsFile {
  readonly path: string
  readonly text: string
}

/** The files among `paths` that are read at boot, in the order in which they are: by name, whatever their folder. */
export function inReadingOrder(paths: readonly string[]): readonly string[] {
  const byName = new Map<string, string>()
  for (const folder of SETTING_FOLDERS) {
    for (const path of paths) {
      const name = path.slice(folder.length + 1)
      const isIn = path.startsWith(`${folder}/`) && !name.includes('/') && name.endsWith('.conf')
      if (isIn && !byName.has(name)) byName.set(name, path)
    }
  }
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
}

/**
 * Where a setting has to stand to hold after a reboot: the file that a line is to be added to. `by-itself`: what is there
 * sets it so. Null: nothing of ours would be read after the file that sets it otherwise. `files`: all that set things at
 * boot, in that order.
 */
export function placeOfSetting(files: readonly SettingsFile[], change: SysctlChange): string | 'by-itself' | null {
  const last = files.findLast(({ text }) => valueSetBy(text, change) !== undefined)
  if (last === undefined) return `${OWN_FOLDER}/${OWN_NAMES[0]}`
  if (valueSetBy(last.text, change) === change.to) return 'by-itself'
  const name = SETTING_FOLDERS.flatMap((folder) =>
    last.path.startsWith(`${folder}/`) ? [last.path.slice(folder.length + 1)] : [],
  )[0]
  // Not one of many: it is read on its own, after these.
  if (name === undefined) return last.path
  const own = OWN_NAMES.find((one) => one > name || (one === name && last.path.startsWith(OWN_FOLDER)))
  return own === undefined ? null : `${OWN_FOLDER}/${own}`
}
