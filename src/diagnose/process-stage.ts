import { type MessageParams, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import type { EndpointFinding, JudgedDial } from './judge-endpoint.ts'

/** The socket itself: does anything listen where a stranger could get at it? */
export function processClaims(endpoints: readonly EndpointFinding[]): readonly Claim[] {
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
