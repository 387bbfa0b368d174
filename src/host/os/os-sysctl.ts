import { readFile } from 'node:fs/promises'
import type { Sysctl } from '../host.ts'
import { onLinuxOnly } from './not-available.ts'
import { errnoOf, hostError } from './system-error.ts'

export const osSysctl: Sysctl = {
  async read(name) {
    if (process.platform !== 'linux') throw onLinuxOnly('reading kernel settings')
    // Like sysctl(8): a slash stands for a dot inside a name (`net.ipv4.conf.eth0/100.forwarding`).
    if (!/^[\w-][\w.:@/-]*$/.test(name) || name.includes('..')) throw new RangeError(`not a setting's name: ${name}`)
    const path = name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'))
    try {
      return (await readFile(`/proc/sys/${path}`, 'utf8')).trim()
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return undefined
      throw hostError(`read the kernel setting ${name}`, error)
    }
  },
}
