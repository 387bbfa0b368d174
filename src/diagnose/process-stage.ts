import { type MessageParams, message } from '../model/message.ts'
import { isStopped, placeParams } from '../model/rule-place.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'
import type { EndpointFinding, JudgedDial } from './judge-endpoint.ts'

/** A node whose clients' packets this host's kernel is to pass on, and does not. The node may yet switch it on for them. */
export function passingOnClaims(findings: Findings): readonly Claim[] {
  const [node] = findings.of('node')
  const forwarding = node?.value.forwarding
  if (forwarding?.on !== 'no') return []
  const settledBy = message('settled-by.while-client')
  return [
    {
      id: 'ip-forwarding-disabled',
      endpoints: [],
      evidence: ids([node]),
      params: { setting: forwarding.setting },
      settledBy,
    },
  ]
}

/**
 * Rules that stop what the node's clients send, or what comes back to them. What stands before the rule that the node itself
 * appends for a client stops it all the same; a chain's policy does not, but where a client is there and fares so.
 */
export function clientRuleClaims(findings: Findings): readonly Claim[] {
  const [node] = findings.of('node')
  return findings.of('client-rules').flatMap((fact): readonly Claim[] => {
    const { interface: name, isThere, outwards, back } = fact.value
    const stop = [outwards, back].find(isStopped)
    const accepts = node?.value.forwarding?.accepts ?? true
    if (stop === undefined || (!isThere && stop.at?.rule == null && accepts)) return []
    const byDocker = findings.of('rule-sources').some(({ value }) => value.atBoot.some((one) => one.name === 'docker'))
    const params = { ...placeParams(stop.at), clients: name, ...(byDocker ? { docker: 1 } : {}) }
    const claim = { endpoints: [], subject: 'clients', evidence: ids([node, fact]), params }
    const settledBy = message('settled-by.while-client')
    return [{ id: 'host-firewall-drops-forwarded', ...claim, ...(isThere ? {} : { settledBy }) }]
  })
}

/** The socket itself: does anything listen where a stranger could get at it? */
export function processClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  const node = findings.of('node')[0]
  return endpoints.flatMap((endpoint): readonly Claim[] => {
    const evidence = endpoint.evidence
    if (endpoint.process === 'absent') {
      const where = inside(endpoint)
      return [{ id: 'not-listening', ...where, evidence, params: { ...where.params, ...besideParams(endpoint) } }]
    }
    if (endpoint.process === 'absent-likely') {
      // Somebody answered for the port: a guest of this host, perhaps.
      if (endpoint.wayIn === 'unknown' && endpoint.dials.some(isAnswered)) return []
      return [{ id: 'not-listening', endpoints: [endpoint], evidence, settledBy: message('settled-by.run-as-root') }]
    }
    if (endpoint.process === 'between-clients') {
      const isApart = node?.value.unpublished?.some(
        ({ port, transport }) => port === endpoint.port && transport === endpoint.transport,
      )
      if (isApart !== true || endpoint.family !== 'ipv4' || endpoint.redirected === 'yes') return []
      const { container, onDemand } = node!.value
      const range = onDemand === undefined ? {} : { range: `${onDemand.first}-${onDemand.last}` }
      const params = { ...(container === null ? {} : { container }), ...range }
      const settledBy = message('settled-by.while-client')
      return [
        {
          id: 'port-not-published',
          endpoints: [endpoint],
          evidence: ids([node, ...endpoint.dials.map(({ dial }) => dial)]),
          params,
          settledBy,
        },
      ]
    }
    if (endpoint.process === 'loopback-only') {
      const { params } = inside(endpoint)
      const served = endpoint.container?.role === 'serves' ? endpoint.container.socket : undefined
      const socket = endpoint.listeners?.value.sockets.find(({ namespace }) => namespace === null)
      const process = served === undefined && socket?.process ? { process: socket.process } : {}
      const address = served?.address ?? socket?.address
      const where = { ...params, ...(address === undefined ? {} : { address }), ...process }
      return [{ id: 'listening-on-loopback', ...inside(endpoint), evidence, params: where }]
    }
    return []
  })
}

/** The container that should listen, where one stands behind the port. */
function inside(endpoint: EndpointFinding): Pick<Claim, 'endpoints' | 'subject' | 'params'> {
  const part = endpoint.container
  if (part?.role !== 'serves') return { endpoints: [endpoint] }
  const { name, image, id } = part.container
  const params = { container: name, image, ...(part.port === endpoint.port ? {} : { inside: part.port }) }
  return { endpoints: [endpoint], subject: id, params }
}

function besideParams({ listensBeside }: EndpointFinding): MessageParams {
  return listensBeside === null ? {} : { address: listensBeside.at.join(', '), internal: listensBeside.arrivesAt }
}

function isAnswered({ dial }: JudgedDial): boolean {
  return dial.value.outcome === 'connected' || dial.value.outcome === 'answered'
}
