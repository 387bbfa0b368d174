// Calls the built port mappers as the command line says, one after the other, and prints what each returned:
// node ask.mjs '[["pcp", "192.168.1.1", "map", {...}], ...]'   An argument of "last" is the mapping made last.
import { discoverNatPmp } from '../../../dist/gateway/discover-nat-pmp.js'
import { discoverPcp } from '../../../dist/gateway/discover-pcp.js'
import { NatPmpMapper } from '../../../dist/gateway/nat-pmp-mapper.js'
import { PcpMapper } from '../../../dist/gateway/pcp-mapper.js'
import { openOsHost } from '../../../dist/host/os/os-host.js'

const host = openOsHost()
const mappers = new Map()
const results = []
let last = null
for (const [protocol, gateway, method, ...args] of JSON.parse(process.argv[2])) {
  const startMs = performance.now()
  const result = await call(protocol, gateway, method, args)
  if (result.outcome === 'mapped') last = result.mapping
  results.push({ result, tookMs: performance.now() - startMs })
}
process.stdout.write(JSON.stringify(results))

function call(protocol, gateway, method, args) {
  const discover = { pcp: discoverPcp, 'nat-pmp': discoverNatPmp }[protocol]
  if (method === 'discover') return discover(host, { gateway, local: args[0] })
  const key = `${protocol} ${gateway}`
  const fresh = { pcp: PcpMapper, 'nat-pmp': NatPmpMapper }[protocol]
  if (!mappers.has(key)) mappers.set(key, new fresh(host, { address: gateway, externalAddress: null }))
  const mapper = mappers.get(key)
  return mapper[method](...args.map((each) => (each === 'last' ? last : each)))
}
