// Runs the built `observe` with the plan of the command line, and prints what it saw and how long it took. That this
// program then ends by itself shows that `observe` leaves nothing open.
import { openOsHost } from '../../../dist/host/os/os-host.js'
import { observe } from '../../../dist/probe/observe.js'

const startMs = performance.now()
const evidence = await observe(openOsHost(), JSON.parse(process.argv[2]), () => {})
const tookMs = Math.round(performance.now() - startMs)
process.stdout.write(JSON.stringify({ evidence, tookMs }))
