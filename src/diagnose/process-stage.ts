import { type MessageParams, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import { type EndpointFinding, isRefusedHere, type JudgedDial } from './judge-endpoint.ts'

/** The socket itself: does anything listen where a stranger could get at it? */
export function processClaims(endpoints: readonly EndpointFinding[]): readonly Claim[] {
  return endpoints.flatMap((endpoint): readonly Claim[] => {
    const evidence = endpoint.evidence
    if (endpoint.process === 'absent') {
      return [{ id: 'not-listening', endpoints: [endpoint], evidence, params: besideParams(endpoint) }]
    }
    if (endpoint.process === 'absent-likely') {
      // Somebody answered for the port: a guest of this host, perhaps.
      if (endpoint.wayIn === 'unknown' && endpoint.dials.some(isAnswered)) return []
      return [{ id: 'not-listening', endpoints: [endpoint], evidence, settledBy: message('settled-by.run-as-root') }]
    }
    if (endpoint.process === 'loopback-only') {
      const socket = endpoint.listeners?.value.sockets.find(({ namespace }) => namespace === null)
      const params = {
        ...(socket === undefined ? {} : { address: socket.address }),
        ...(socket?.process ? { process: socket.process } : {}),
      }
      return [{ id: 'listening-on-loopback', endpoints: [endpoint], evidence, params }]
    }
    return unpublished(endpoint) ? [{ id: 'port-not-published', endpoints: [endpoint], evidence }] : []
  })
}

function besideParams({ listensBeside }: EndpointFinding): MessageParams {
  return listensBeside === null ? {} : { address: listensBeside.at.join(', '), internal: listensBeside.arrivesAt }
}

/**
 * A container listens on the port, and no rule of this host takes the port there. It is a guest that goes out through this
 * host, or strangers' packets were refused here and so went no further.
 */
function unpublished({ listeners, rules, dials }: EndpointFinding): boolean {
  if (listeners?.value.state !== 'elsewhere-only') return false
  const redirected = rules === undefined ? listeners.value.redirected : rules.value.translatedTo === null ? 'no' : 'yes'
  const isGuest = listeners.value.sockets.some((socket) => socket.isGuest === true)
  return redirected === 'no' && (isGuest || dials.some(isRefusedHere))
}

function isAnswered({ dial }: JudgedDial): boolean {
  return dial.value.outcome === 'connected' || dial.value.outcome === 'answered'
}
