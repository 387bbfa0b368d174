import type { Address } from '../model/endpoint.ts'
import type { RouterControlAnswer } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import type { Warning } from '../model/obstacle.ts'
import { type Findings, ids } from './findings.ts'

/**
 * Routers that answer the Internet where they open ports, one warning each. Only what is the router's own by what it says of itself
 * inside: a DMZ host, a forwarded port or this very host may answer at the same address. The probe asks for no more
 * than that, and only between public addresses.
 */
export function routerControlOpen(findings: Findings): readonly Warning[] {
  const [gateways] = findings.of('gateways')
  return findings.of('router-control').flatMap((evidence) => {
    const { answers } = evidence.value
    const routers = [...new Set(answers.flatMap(({ sameAs }) => sameAs ?? []))]
    return routers.map((address): Warning => {
      const ports = portsOf(answers, address)
      const text = message('warning.router-control-open-to-internet', { address, ports })
      return { id: 'router-control-open-to-internet', evidence: ids([evidence, gateways]), text }
    })
  })
}

function portsOf(answers: readonly RouterControlAnswer[], router: Address): string {
  const own = answers.filter(({ sameAs }) => sameAs === router)
  return own.map(({ transport, port }) => `${transport.toUpperCase()} ${port}`).join(', ')
}
