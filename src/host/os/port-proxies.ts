import type { Address, Endpoint, Transport } from '../../model/endpoint.ts'
import { parseAddress, parsePort } from '../../model/ip.ts'
import { byTurns } from '../by-turns.ts'
import { processIds } from './net-namespaces.ts'
import { readProc } from './proc.ts'

/** Docker's own program that holds a published port and passes on what comes to it: one process for each address. */
export interface PortProxy {
  readonly pid: number
  readonly transport: Transport
  /** Where it listens, and where it passes things on to. */
  readonly host: Endpoint
  readonly to: Endpoint
}

export const PROXY_NAME = 'docker-proxy'

/** Those that run now. Everybody may read their arguments, so this shows them even where their sockets are hidden. */
export async function portProxies(): Promise<readonly PortProxy[]> {
  const found = await byTurns(await processIds(), async (pid) => {
    const isProxy = (await readProc(`/proc/${pid}/comm`)).trim() === PROXY_NAME
    return isProxy ? parseProxy(Number(pid), await readProc(`/proc/${pid}/cmdline`)) : undefined
  })
  return found.filter((proxy) => proxy !== undefined)
}

/** `docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 80 -container-ip 172.17.0.2 -container-port 8080`, ended by NULs. */
export function parseProxy(pid: number, commandLine: string): PortProxy | undefined {
  const words = commandLine.split('\0')
  const after = (flag: string) => words[words.indexOf(flag, 1) + 1] ?? ''
  const transport = after('-proto')
  const host = endpoint(after('-host-ip'), after('-host-port'))
  const to = endpoint(after('-container-ip'), after('-container-port'))
  if ((transport !== 'tcp' && transport !== 'udp') || host === undefined || to === undefined) return undefined
  return { pid, transport, host, to }
}

function endpoint(ip: string, digits: string): Endpoint | undefined {
  const address: Address | undefined = parseAddress(ip)
  const port = parsePort(digits)
  return address === undefined || port === undefined ? undefined : { address, port }
}
