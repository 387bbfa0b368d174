import { readFile, writeFile } from 'node:fs/promises'
import { errorText } from '../../model/error.ts'
import type { Sysctl } from '../host.ts'
import { onLinuxOnly } from './not-available.ts'
import { errnoOf, hostError } from './system-error.ts'

export const osSysctl: Sysctl = {
  async read(name) {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.reading-setting')
    const path = pathOf(name)
    try {
      return (await readFile(path, 'utf8')).trim()
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return undefined
      throw hostError(errorText('error.of.to-read-setting', { name }), error)
    }
  },

  async write(name, value) {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.changing-setting')
    if (!/^-?\d{1,10}$/.test(value)) throw new RangeError(`not a whole number: ${value}`)
    const path = pathOf(name)
    try {
      await writeFile(path, value, { flag: 'r+' })
    } catch (error) {
      throw hostError(errorText('error.of.to-set-setting', { name }), error)
    }
  },
}

/** Like sysctl(8): a slash stands for a dot inside a name (`net.ipv4.conf.eth0/100.forwarding`). */
function pathOf(name: string): string {
  if (!/^[\w-][\w.:@/-]*$/.test(name) || name.includes('..')) throw new RangeError(`not a setting's name: ${name}`)
  return `/proc/sys/${name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'))}`
}
