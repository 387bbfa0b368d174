import type { Host, TcpConnection, TcpConnectOptions, TcpConnectResult, TcpRead } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { encodeHttpResponse } from '../../src/wire/http1/response.ts'

/** What one TCP port of the node answers to a request; null: it is silent. */
export type Answer = { readonly status?: number; readonly body: string; readonly fields?: [string, string][] } | null

export interface AnsweringOptions {
  /** By `127.0.0.1:5001`: what it says to the first line and the body of a request. */
  readonly answers: Readonly<Record<string, (line: string, body: string, head: string) => Answer>>
  readonly files?: Readonly<Record<string, string>>
  /** What `journalctl` prints. */
  readonly journal?: string
  /** The log of every container, as its engine would send it. */
  readonly containerLog?: string
}

/** A host whose only programs are the listeners given: it stands in for nodes that cannot run here, by answers recorded from them. */
export function answeringHost(options: AnsweringOptions): Host & { readonly asked: readonly string[] } {
  const { answers, files = {}, journal, containerLog } = options
  const asked: string[] = []
  const clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    sleep: async () => {},
  }
  const connect = async ({ to }: TcpConnectOptions): Promise<TcpConnectResult> => {
    const answer = answers[`${to.address}:${to.port}`]
    if (answer === undefined) return { outcome: 'refused', afterMs: 0 }
    const connection = conversation((request) => {
      const [head = '', body = ''] = request.split('\r\n\r\n')
      asked.push(`${to.address}:${to.port} ${head.split('\r\n')[0]!.replace(/ HTTP.*/, '')}`)
      return answer(head.split('\r\n')[0]!.replace(/ HTTP.*/, ''), body, head)
    })
    return { outcome: 'connected', connection, rttMs: 0 }
  }
  const host = {
    clock,
    tcp: { connect },
    files: { read: async (path: string) => files[path] },
    services: {
      run: async () => {
        if (journal === undefined) throw new PeerwayError('not-available', 'no journal here')
        return { exitCode: 0, stdout: journal, stderr: '' }
      },
      engines: async () =>
        containerLog === undefined
          ? []
          : [
              {
                socket: '/run/docker.sock',
                get: async () => ({ outcome: 'answered', status: 200, body: containerLog }),
              },
            ],
    },
  }
  return { ...(host as unknown as Host), asked }
}

function conversation(answer: (request: string) => Answer): TcpConnection {
  const reads: TcpRead[] = []
  const end = { address: '127.0.0.1', port: 1 }
  return {
    local: end,
    remote: end,
    read: async () => reads.shift() ?? { outcome: 'timed-out' },
    write: async (data) => {
      const said = answer(new TextDecoder().decode(data))
      if (said === null) return 'stalled'
      const { status = 200, body, fields = [] } = said
      const bytes = encodeHttpResponse(status, 'Said', fields, new TextEncoder().encode(body))
      reads.push({ outcome: 'data', data: bytes }, { outcome: 'end' })
      return 'written'
    },
    close: async () => {},
    reset: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
