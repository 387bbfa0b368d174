import type { GatewayMapping } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import type { Warning } from '../model/obstacle.ts'
import type { Findings } from './findings.ts'

/** Services that nobody opens to the Internet on purpose, and that worms open by UPnP (IANA's port numbers). */
const DANGEROUS: Readonly<Record<number, string>> = {
  23: 'Telnet',
  135: 'RPC',
  137: 'NetBIOS',
  138: 'NetBIOS',
  139: 'SMB',
  445: 'SMB',
  3389: 'RDP',
  5900: 'VNC',
}

/**
 * Mappings of a router's table that open such a service of another machine. On this host the operator sees them as
 * endpoints; there, somebody else may have made them, and nobody may know.
 */
export function suspiciousMappings(findings: Findings): readonly Warning[] {
  const own = new Set(findings.of('addresses').flatMap(({ value }) => value.addresses.map(({ address }) => address)))
  return findings
    .of('gateways')
    .flatMap(({ id, value }) =>
      value.gateways.flatMap(({ address, mappings }) =>
        (mappings ?? [])
          .filter(({ internal }) => Object.hasOwn(DANGEROUS, internal.port) && !own.has(internal.address))
          .map((mapping) => warningOf(mapping, address, id)),
      ),
    )
}

function warningOf({ transport, externalPort, internal }: GatewayMapping, router: string, id: string): Warning {
  const text = message('warning.suspicious-mapping', {
    router,
    external: `${transport}/${externalPort}`,
    machine: internal.address,
    port: internal.port,
    service: DANGEROUS[internal.port]!,
  })
  return { id: 'suspicious-mapping', evidence: [id], text }
}
