// Runs the built enumeration of boxes that remember flows, and the idle connections beside it, inside a lab, against the vantage of the command line, with all
// times shortened, and prints what it saw.
import { openOsHost } from '../../../dist/host/os/os-host.js'
import { observeIdleFlows } from '../../../dist/probe/idle-flows/idle-flows.js'
import { observeIdleTcp } from '../../../dist/probe/idle-flows/idle-tcp.js'
import { Notebook } from '../../../dist/probe/notebook.js'
import { contactVantage } from '../../../dist/vantage/contact.js'
import { ContactMemory } from '../../../dist/vantage/contacted.js'

const [address, pace] = process.argv.slice(2)
const host = openOsHost()
const notebook = new Notebook(host.clock, () => {})
const spec = { name: address, address, port: 3478, family: 'ipv4', origin: 'user' }
const { fact, vantage } = await contactVantage(host, spec, await ContactMemory.open(host, null, []))
const dialler = { ...vantage, fact }
const context = { host, notebook, family: 'ipv4', dialler }
await Promise.all([observeIdleFlows, observeIdleTcp].map((observe) => observe(context, Number(pace))))
await vantage.close()
process.stdout.write(JSON.stringify(notebook.evidence()))
