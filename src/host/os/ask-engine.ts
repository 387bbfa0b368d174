import { type IncomingMessage, request } from 'node:http'
import type { PeerwayErrorCode } from '../../model/error.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ErrorTextId } from '../../model/error-texts.ts'
import type { EngineReply } from '../host.ts'
import { errnoOf } from './system-error.ts'

const MOST_BODY_BYTES = 8 * 1024 * 1024

/** See `ContainerEngine.get`. The socket may be anybody's: what comes is bounded in time and size, whatever it is. */
export function askEngine(socket: string, path: string, timeoutMs: number): Promise<EngineReply> {
  if (!/^\/[\w./-]*(?:\?[\w=&]*)?$/.test(path)) throw new RangeError(`not a path of the Docker Engine API: ${path}`)
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: socket, path, headers: { host: 'docker' }, agent: false })
    const settle = (reply: EngineReply) => {
      clearTimeout(timer)
      resolve(reply)
      asking.destroy()
    }
    const timer = setTimeout(() => settle({ outcome: 'timed-out' }), Math.ceil(timeoutMs))
    asking.on('response', (response) => collect(response, settle))
    // An engine that wants to speak another protocol is none.
    asking.on('upgrade', () => settle({ outcome: 'garbled' }))
    asking.on('error', (error) => {
      const refusal = refusalOf(socket, error)
      if (refusal === undefined) return settle({ outcome: 'garbled' })
      clearTimeout(timer)
      reject(refusal)
    })
    asking.end()
  })
}

function collect(response: IncomingMessage, settle: (reply: EngineReply) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MOST_BODY_BYTES) return settle({ outcome: 'too-long' })
    chunks.push(chunk)
  })
  response.on('end', () =>
    settle({ outcome: 'answered', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
  )
  response.on('error', () => settle({ outcome: 'garbled' }))
  response.on('close', () => settle({ outcome: 'garbled' }))
}

const REFUSALS = {
  ENOENT: ['not-available', 'error.of.gone'],
  ECONNREFUSED: ['not-available', 'error.of.nobody-answers'],
  ENOTSOCK: ['not-available', 'error.of.no-socket'],
  EACCES: ['not-permitted', 'error.of.root-or-group'],
  EPERM: ['not-permitted', 'error.of.root-or-group'],
} as const satisfies Readonly<Record<string, readonly [PeerwayErrorCode, ErrorTextId]>>

function refusalOf(socket: string, error: Error): PeerwayError | undefined {
  const errno = errnoOf(error)
  if (!Object.hasOwn(REFUSALS, errno)) return undefined
  const [code, advice] = REFUSALS[errno as keyof typeof REFUSALS]
  return new PeerwayError(
    code,
    errorText('error.system', {
      tried: errorText('error.of.to-ask', { socket }),
      errno,
      advice: errorText(advice),
      socket,
    }),
    { cause: error },
  )
}
