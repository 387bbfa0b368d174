import { releaseOsHost } from '../host/os/os-host.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { workHere } from './work-here.ts'
import type { WorkReply, WorkRequest } from './work-messages.ts'

/** The process that `work-in-child.ts` starts: it does one thing, says what came of it, and ends. */
const stop = new AbortController()
let isRepairing = false

process.once('message', (request: WorkRequest) => {
  isRepairing = request.work !== 'check'
  void answer(request)
})
process.once('disconnect', () => void end())
process.once('SIGTERM', () => void end())
// Ctrl-C reaches every process of the terminal; the watch itself decides.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})

async function answer(request: WorkRequest): Promise<void> {
  say(await run(request).catch(failure), () => process.exit())
}

async function run(request: WorkRequest): Promise<WorkReply> {
  const work = workHere(request.options, undefined, stop.signal)
  const onProgress = (progress: Extract<WorkReply, { kind: 'progress' }>['progress']) =>
    say({ kind: 'progress', progress })
  if (request.work === 'undo') return { kind: 'undone', undone: await work.undo(request.which) }
  if (request.work === 'apply') return { kind: 'measured', measured: await work.apply(request.plan, onProgress) }
  if (request.work === 'open') return { kind: 'measured', measured: await work.open(onProgress) }
  return { kind: 'measured', measured: await work.check(request.isDeep, onProgress) }
}

function failure(error: unknown): WorkReply {
  if (!(error instanceof PeerwayError))
    return { kind: 'failed', code: null, told: errorText('error.plain', { text: String(error) }) }
  return { kind: 'failed', code: error.code, told: error.told }
}

function say(reply: WorkReply, then: () => void = () => {}): void {
  if (process.connected) process.send?.(reply, undefined, undefined, then)
  else then()
}

/** A check ends at once; a repair takes back what did not help yet, and ends by itself. */
async function end(): Promise<void> {
  stop.abort()
  if (!isRepairing) {
    await releaseOsHost()
    process.exit()
  }
}
