import type { Host, TcpConnection, TcpConnectResult } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import { staggered } from '../vantage/staggered.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'

/** `reset`: the handshake was completed and then broken off at once, so somebody was there. */
const CONCLUSIVE: readonly TcpConnectResult['outcome'][] = ['connected', 'refused', 'reset']

/**
 * One TCP connection, by several attempts 150 ms apart, because the kernel repeats a lost SYN only after a second. The
 * first answer decides; local failures and silence wait for the other attempts. The winner is the caller's to close.
 */
export async function connectPatiently(host: Host, to: Endpoint, rttMs: number): Promise<TcpConnectResult> {
  const timeoutMs = (TRANSMISSIONS - 1) * TRANSMISSION_INTERVAL_MS + graceMs(rttMs)
  const opened: TcpConnection[] = []
  const { result } = await staggered<TcpConnectResult>(
    host.clock,
    { attempts: TRANSMISSIONS, gapMs: TRANSMISSION_INTERVAL_MS, timeoutMs },
    async (signal) => {
      const attempt = await host.tcp.connect({ to, timeoutMs, signal })
      if (attempt.outcome !== 'connected') return attempt
      if (signal.aborted) attempt.connection.reset()
      else opened.push(attempt.connection)
      return attempt
    },
    ({ outcome }) => CONCLUSIVE.includes(outcome),
  )
  const winner = result?.outcome === 'connected' ? result.connection : undefined
  for (const connection of opened) if (connection !== winner) connection.reset()
  return result ?? { outcome: 'timed-out', afterMs: timeoutMs }
}
