import type { AlertChannel } from './alerter.ts'

const TIMEOUT_MS = 20_000

/** Posts the alert as JSON. Any status of 2xx is a taken alert; redirects are not followed. */
export function webhookChannel(url: URL, timeoutMs = TIMEOUT_MS): AlertChannel {
  return {
    name: 'webhook',
    async send(alert, signal) {
      const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
      const body = Buffer.from(JSON.stringify(alert))
      const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length, 'User-Agent': 'peerway' }
      const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      await new Promise<void>((resolve, reject) => {
        const asked = request(url, { method: 'POST', headers, agent: false, signal: stop }, (response) => {
          const { statusCode = 0 } = response
          // Whatever it says beside the status is not read.
          response.destroy()
          if (statusCode >= 200 && statusCode < 300) resolve()
          else reject(new Error(`it answers ${statusCode}`))
        })
        // The address is a secret with many services, and Node's own messages do not have its path.
        asked.on('error', ({ name, message }) => {
          reject(new Error(name === 'AbortError' ? `it does not answer within ${timeoutMs / 1000} s` : message))
        })
        asked.end(body)
      })
    },
  }
}
