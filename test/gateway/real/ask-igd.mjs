// Asks a gateway by UPnP, from whatever namespace it is started in: node ask-igd.mjs GATEWAY STEP...
// A step is JSON: ["map", REQUEST], ["renew", MAPPING, SECONDS], ["unmap", MAPPING], ["list"]; MAPPING may be "last".
// ["pause"] says "paused" on standard error and waits for a line on standard input.
// Prints what was found, how long that took, and what came of each step.
import { once } from 'node:events'
import { discoverIgd } from '../../../dist/gateway/discover-igd.js'
import { openOsHost } from '../../../dist/host/os/os-host.js'

const [gateway, ...steps] = process.argv.slice(2)
const host = openOsHost()
const startedMs = performance.now()
// Never the link-local one: a gateway opens ports for the address that it is asked from.
const local = await host.network.sourceTowards(gateway.includes(':') ? '2001:db8:1::1' : gateway)
const { mapper, refused } = await discoverIgd(host, { gateway, local, gateways: [gateway] })
const foundMs = performance.now() - startedMs
let last = null
const results = []
for (const step of steps) {
  const [action, ...given] = JSON.parse(step)
  if (action === 'pause') {
    process.stderr.write('paused\n')
    await once(process.stdin, 'data')
    continue
  }
  const result = await mapper?.[action](...given.map((each) => (each === 'last' ? last : each)))
  if (result?.outcome === 'mapped') last = result.mapping
  results.push(result)
}
const { protocol, model, externalAddress } = mapper ?? {}
const found = mapper === null ? null : { protocol, gateway: mapper.gateway, model, externalAddress }
console.log(JSON.stringify({ found, refused, foundMs, results }))
process.exit(0)
