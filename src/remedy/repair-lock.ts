import type { Host } from '../host/host.ts'
import { journalPath } from './journal.ts'

/** One repair, or its undoing, at a time. `PeerwayError` `busy` while another runs. */
export async function lockRepairs(host: Host, stateFolder: string): Promise<AsyncDisposable> {
  const lock = await host.files.lock(`${stateFolder}/repair.lock`)
  try {
    await host.files.tidy(journalPath(stateFolder))
    return lock
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
}
