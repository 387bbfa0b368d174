import { message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import type { EndpointFinding, JudgedDial } from './judge-endpoint.ts'

/** The socket itself: does anything listen where a stranger could get at it? */
export function processClaims(endpoints: readonly EndpointFinding[]): readonly Claim[] {
  return endpoints.flatMap((endpoint): readonly Claim[] => {
    const evidence = endpoint.evidence
    if (endpoint.process === 'absent') return [{ id: 'not-listening', endpoints: [endpoint], evidence }]
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
    return endpoint.process === 'unpublished' ? [{ id: 'port-not-published', endpoints: [endpoint], evidence }] : []
  })
}

function isAnswered({ dial }: JudgedDial): boolean {
  return dial.value.outcome === 'connected' || dial.value.outcome === 'answered'
}
