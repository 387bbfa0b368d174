import type { EndpointKey, Family, Transport } from '../model/endpoint.ts'

export interface ListOptions {
  /** The language's word. */
  readonly and: string
  /** Are the families told? */
  readonly families: boolean
}

/**
 * Endpoint names for people: `udp/ipv4/4001, tcp/ipv4/4001` becomes `UDP and TCP 4001 (IPv4)`. The family is left out
 * where every port is meant in both. Undefined when `text` is not a list of endpoint names.
 */
export function showEndpointList(text: string, { and, families }: ListOptions): string | undefined {
  const keys = text.split(/[\s,]+/).map(parseEndpointName)
  if (!keys.every((key) => key !== undefined)) return undefined
  if (!families) return showPorts(keys, and)
  const inFamily = (family: Family) => keys.filter((key) => key.family === family)
  const [ipv4, ipv6] = [showPorts(inFamily('ipv4'), and), showPorts(inFamily('ipv6'), and)]
  if (ipv4 === ipv6) return ipv4
  const parts = [ipv4 && `${ipv4} (IPv4)`, ipv6 && `${ipv6} (IPv6)`]
  return parts.filter((part) => part !== '').join(` ${and} `)
}

function parseEndpointName(name: string): EndpointKey | undefined {
  const match = /^(udp|tcp)\/(ipv4|ipv6)\/([0-9]{1,5})$/.exec(name)
  if (match === null) return undefined
  return { transport: match[1] as Transport, family: match[2] as Family, port: Number(match[3]) }
}

function showPorts(keys: readonly EndpointKey[], and: string): string {
  const ports = (transport: Transport) => {
    const found = keys.filter((key) => key.transport === transport).map((key) => key.port)
    return [...new Set(found)].sort((a, b) => a - b).join(', ')
  }
  const [udp, tcp] = [ports('udp'), ports('tcp')]
  if (udp === tcp) return udp && `UDP ${and} TCP ${udp}`
  return [udp && `UDP ${udp}`, tcp && `TCP ${tcp}`].filter((part) => part !== '').join(` ${and} `)
}
