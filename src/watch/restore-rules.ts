import type { Host } from '../host/host.ts'
import type { JournalEntry } from '../remedy/journal.ts'
import type { Keeper } from './keeper.ts'
import type { KeptChanges } from './kept-changes.ts'
import type { Memory } from './remembered.ts'
import type { Teller } from './teller.ts'

/** Rules of other programs may come up later than this one after a reboot. */
const WAITS_MS = [0, 5000, 10_000, 20_000, 40_000, 80_000, 160_000] as const

export interface RestoreContext {
  readonly host: Host
  readonly keeper: Keeper
  readonly changes: KeptChanges
  readonly memory: Memory
  readonly teller: Teller
  readonly stop: AbortSignal
  /** Something was made again. */
  readonly onRestored: () => void
}

/** After a reboot: what this host does not make by itself at boot is made again. */
export async function restoreAfterReboot(context: RestoreContext): Promise<void> {
  const { host, memory, teller, stop } = context
  const bootId = (await teller.calmly('read-boot-id', () => host.sysctl.read('kernel.random.boot_id'))) ?? null
  if (bootId === null || bootId === memory.remembered.bootId) return
  for (const waitMs of WAITS_MS) {
    if (waitMs > 0) await host.clock.sleep(waitMs, stop)
    if (stop.aborted) return
    const left = await restoreOnce(context)
    if (left === 0) return memory.remember({ bootId })
  }
}

/** How many could not be made. */
async function restoreOnce({ host, keeper, changes, memory, teller, onRestored }: RestoreContext): Promise<number> {
  let left = 0
  const gone = await teller.calmly('look-for-rules', async () => {
    const isOld = memory.remembered.bootId === null ? await madeBeforeBoot(host) : () => true
    return keeper.gone(changes.entries.filter(isOld))
  })
  if (gone === undefined) return 1
  for (const id of gone) {
    const isMade = await teller.calmly('make-rule-again', async () => {
      await keeper.restore(id)
      return true
    })
    if (isMade) teller.tell('rule-restored', { change: id })
    else left++
  }
  if (gone.length > left) onRestored()
  return left
}

/** Where no watch ran before, the journal's times tell what is of an earlier boot. */
async function madeBeforeBoot(host: Host): Promise<(entry: JournalEntry) => boolean> {
  const uptime = await host.files.read('/proc/uptime', { maxBytes: 1024 })
  const upSeconds = Number.parseFloat(uptime ?? '')
  const bootedAtMs = host.clock.nowMs() - upSeconds * 1000
  return ({ atMs }) => atMs < bootedAtMs
}
