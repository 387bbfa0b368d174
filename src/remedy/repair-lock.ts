import type { Host } from '../host/host.ts'

/** One repair, or its undoing, at a time. `PeerwayError` `busy` while another runs. */
export function lockRepairs(host: Host, stateFolder: string): Promise<AsyncDisposable> {
  return host.files.lock(`${stateFolder}/repair.lock`)
}
