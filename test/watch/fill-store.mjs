/**
 * Fills the small file system on which the folder that it is given lies, makes room again, and prints what came of it: how
 * many events could not be written at first, the error, and which are there at the end.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { History } from '../../dist/watch/store/history.js'
import { openStore } from '../../dist/watch/store/open-store.js'

const folder = process.argv[2]
const MOST = 100_000
const BEYOND = 100

writeFileSync(`${folder}/ballast`, Buffer.alloc(1_500_000))
const { store, why } = await openStore(folder, Date.now())
if (why !== null) throw new Error(why)
let failures = 0
const history = new History(store, () => failures++)
let events = 0
const add = () => history.addEvent({ atMs: Date.now(), kind: 'lost', params: { endpoints: `udp/ipv4/${events++}` } })
while (history.error === null && events < MOST) add()
const error = history.error
for (let more = 1; more < BEYOND; more++) {
  add()
  history.addSamples(Date.now() + more, [{ series: 'peers', value: more }])
}
const readable = store.events({ limit: 10 }).length
rmSync(`${folder}/ballast`)
add()
const ports = store.events({ limit: 10_000 }).map(({ params }) => Number(params.endpoints.split('/')[2]))
const isWhole = ports.every((port, index) => index === 0 || port === ports[index - 1] + 1)
const points = store.points({ series: 'peers', sinceMs: 0, untilMs: 1e15, limit: 5000 }).length
process.stdout.write(
  JSON.stringify({
    error,
    failures: failures > 0,
    readable,
    isWhole,
    last: ports.at(-1) === events - 1,
    points,
    after: history.error,
  }),
)
store.close()
