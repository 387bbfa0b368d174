/**
 * Peerway's side of bench/opening.mjs, run in a host of the lab: opens a port in the gateway, and prints by which
 * protocol.
 *
 *   node bench/open-mapping.mjs GATEWAY PORT [PROTOCOL]      with PROTOCOL: it is known already, and nothing is looked for
 */
import { randomBytes } from 'node:crypto'
import { discoverMappers, openMapper } from '../dist/gateway/discover.js'
import { openOsHost } from '../dist/host/os/os-host.js'

const [gateway, port, protocol] = process.argv.slice(2)
const host = openOsHost()
const local = await host.network.sourceTowards(gateway)
const target = { gateway, local }
const mapper =
  protocol === undefined ? (await discoverMappers(host, [target]))[0] : await openMapper(host, target, protocol)
const request = {
  transport: 'udp',
  internal: { address: local, port: Number(port) },
  suggestedPort: Number(port),
  lifetimeSeconds: 3600,
  description: 'peerway bench',
  nonce: randomBytes(12).toString('hex'),
}
const result = await mapper?.map(request)
if (result?.outcome !== 'mapped') throw new Error(`not mapped: ${JSON.stringify(result ?? null)}`)
process.stdout.write(JSON.stringify({ protocol: result.mapping.protocol }))
process.exit(0)
