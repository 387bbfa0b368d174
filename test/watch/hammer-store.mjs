/** Writes into the history of the folder that it is given, as fast as it goes, and says after each write how many there are. */
import { writeSync } from 'node:fs'
import { openStore } from '../../dist/watch/store/open-store.js'

const { store, why } = await openStore(process.argv[2], Date.now())
if (why !== null) throw new Error(why)
const before = store.events({ limit: 1 }).at(-1)?.id ?? 0
for (let written = 1; ; written++) {
  store.addEvent({ atMs: Date.now(), kind: 'lost', params: { endpoints: `udp/ipv4/${written}` } })
  store.addSamples(Date.now(), [{ series: 'peers', value: written }])
  if (written % 500 === 0) store.prune(Date.now())
  writeSync(1, `${before + written}\n`)
}
