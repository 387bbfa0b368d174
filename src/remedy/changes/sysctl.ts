import { errorText, PeerwayError } from '../../model/error.ts'
import type { ChangeKind, SysctlChange } from '../change.ts'

/** A kernel setting. It bears no tag: it is ours while it has the value that we gave it. */
export const sysctl: ChangeKind<SysctlChange> = {
  async apply(host, change) {
    const value = await host.sysctl.read(change.name)
    if (value === change.to) return change
    if (value === undefined)
      throw new PeerwayError('not-available', errorText('error.no-setting', { name: change.name }))
    if (value !== change.from) {
      throw new PeerwayError(
        'busy',
        errorText('error.setting-changed', { name: change.name, from: change.from, value }),
      )
    }
    await host.sysctl.write(change.name, change.to)
    return change
  },

  async state(host, { name, from, to }) {
    const value = await host.sysctl.read(name)
    if (value === to) return 'present'
    // A setting of an interface goes with it.
    return value === from || value === undefined ? 'absent' : 'altered'
  },

  async undo(host, { name, from, to }) {
    const value = await host.sysctl.read(name)
    if (value === from || value === undefined) return { outcome: 'was-gone' }
    if (value !== to) return { outcome: 'left', why: errorText('error.left.setting-changed', { name, value }) }
    await host.sysctl.write(name, from)
    return { outcome: 'undone' }
  },
}
