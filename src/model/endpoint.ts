/** An IP address in canonical text: dotted quad, or RFC 5952 for IPv6, without brackets and zone. */
export type Address = string

export type Family = 'ipv4' | 'ipv6'
export type Transport = 'udp' | 'tcp'

/** `port` is 0 to 65535; 0 only where the system is asked to choose. */
export interface Endpoint {
  readonly address: Address
  readonly port: number
}

/** A port that strangers shall reach, as `--port` names it. */
export interface PortSpec {
  readonly transport: Transport
  readonly port: number
}

/** One line of the report: a port, seen in one address family. Written `udp/ipv4/4001`. */
export interface EndpointKey extends PortSpec {
  readonly family: Family
}

export type EndpointName = `${Transport}/${Family}/${number}`

export function endpointName(key: EndpointKey): EndpointName {
  return `${key.transport}/${key.family}/${key.port}`
}

export function familyOf(address: Address): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address
}

/** `203.0.113.7:4001`, `[2001:db8::1]:4001`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint
  return familyOf(address) === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`
}
