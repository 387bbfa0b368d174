import type { AlertChannel } from './alerter.ts'
import { runBounded } from './run-bounded.ts'

const TIMEOUT_MS = 30_000

/** A program that gets the alert as JSON on its standard input, and `lost`, `back` or `changed` in `PEERWAY_ALERT`. */
export function commandChannel(command: readonly string[], timeoutMs = TIMEOUT_MS): AlertChannel {
  return {
    name: 'command',
    send: (alert, signal) => {
      const env = { PEERWAY_ALERT: alert.kind, PEERWAY_ALERT_SUBJECT: alert.subject }
      return runBounded(command, { stdin: `${JSON.stringify(alert)}\n`, env, timeoutMs, signal })
    },
  }
}
