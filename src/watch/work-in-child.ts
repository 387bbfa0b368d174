import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { errorText, PeerwayError } from '../model/error.ts'
import type { OnProgress, Work, WorkOptions } from './work.ts'
import type { WorkReply, WorkRequest } from './work-messages.ts'

type Asked = WorkRequest extends infer R ? (R extends unknown ? Omit<R, 'options'> : never) : never
type Ended = Exclude<WorkReply, { kind: 'progress' }>

/** As it was built, wherever this file was bundled into. */
const PROGRAM = fileURLToPath(new URL('../../dist/watch/work-process.js', import.meta.url))
/** A check takes seconds, a repair a minute; what has not ended by then never will. */
const LONGEST_MS = 15 * 60_000

/**
 * Each piece of work in a process of its own, which gives its memory back when it ends. `signal` stops what runs: a check at
 * once, a repair as soon as it has taken back what did not help.
 */
export function workInChild(options: WorkOptions, signal: AbortSignal): Work {
  const measure = async (asked: Asked, onProgress?: OnProgress) => {
    const reply = await runChild({ options, ...asked } as WorkRequest, signal, onProgress)
    if (reply.kind === 'measured') return reply.measured
    throw new PeerwayError('internal', errorText('error.work-odd', { how: reply.kind }))
  }
  return {
    check: (isDeep, onProgress) => measure({ work: 'check', isDeep }, onProgress),
    open: (onProgress) => measure({ work: 'open' }, onProgress),
    apply: (plan, onProgress) => measure({ work: 'apply', plan }, onProgress),
    async undo(which) {
      const reply = await runChild({ options, work: 'undo', which }, signal)
      if (reply.kind === 'undone') return reply.undone
      throw new PeerwayError('internal', errorText('error.work-odd', { how: reply.kind }))
    },
  }
}

function runChild(request: WorkRequest, signal: AbortSignal, onProgress?: OnProgress): Promise<Ended> {
  const child = fork(PROGRAM, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop)
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  return endOf(child, request, onProgress).finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  })
}

function endOf(child: ChildProcess, request: WorkRequest, onProgress: OnProgress | undefined): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let ended: Ended | undefined
    child.on('message', (reply: WorkReply) => {
      if (reply.kind === 'progress') onProgress?.(reply.progress)
      else ended = reply
    })
    child.on('error', (cause) =>
      reject(new PeerwayError('not-available', errorText('error.no-process', { words: cause.message }))),
    )
    child.on('exit', (status, killedBy) => {
      if (ended === undefined) {
        const how = killedBy ?? `status ${status}`
        reject(new PeerwayError('not-available', errorText('error.work-ended', { how })))
      } else if (ended.kind === 'failed') reject(failureOf(ended))
      else resolve(ended)
    })
    child.send(request, (error) => {
      if (error !== null)
        reject(new PeerwayError('not-available', errorText('error.process-gone', { words: error.message })))
    })
  })
}

function failureOf({ code, told }: Extract<WorkReply, { kind: 'failed' }>): Error {
  return code === null ? new Error(String(told.params.text)) : new PeerwayError(code, told)
}
