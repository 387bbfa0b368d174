import { getServers } from 'node:dns'
import type { Endpoint } from '../../model/endpoint.ts'
import { parseAddress, parseEndpoint } from '../../model/ip.ts'
import { readProc, rowsOf } from './proc.ts'

const DNS_PORT = 53

/**
 * Addresses of the configured resolvers. Where Linux asks systemd's stub on this host, those that the stub asks, for
 * only they tell something about the network.
 */
export async function configuredResolvers(): Promise<readonly Endpoint[]> {
  if (process.platform !== 'linux') return getServers().flatMap(nodeServer)
  const configured = parseResolvConf(await readProc('/etc/resolv.conf'))
  if (!configured.every(({ address }) => address === '127.0.0.53')) return configured
  const behindStub = parseResolvConf(await readProc('/run/systemd/resolve/resolv.conf'))
  return behindStub.length > 0 ? behindStub : configured
}

/** The `nameserver` lines of a resolv.conf(5); a zone is dropped. */
export function parseResolvConf(text: string): Endpoint[] {
  const servers = rowsOf(text).filter(([keyword]) => keyword === 'nameserver')
  return servers.flatMap(([, server = '']) => {
    const address = parseAddress(server.split('%')[0]!)
    return address === undefined ? [] : [{ address, port: DNS_PORT }]
  })
}

/** Node writes the port only where it is not 53. */
function nodeServer(text: string): Endpoint[] {
  const address = parseAddress(text.split('%')[0]!)
  if (address !== undefined) return [{ address, port: DNS_PORT }]
  const endpoint = parseEndpoint(text)
  return endpoint === undefined ? [] : [endpoint]
}
