// node fates-inside.mjs TARGET ...: asks the kernel of whatever namespace it is started in, and prints JSON.
import { openOsHost } from '../../dist/host/os/os-host.js'
import { fatesOf } from './fates.mjs'

process.stdout.write(JSON.stringify(await fatesOf(openOsHost(), process.argv.slice(2))))
process.exit(0)
