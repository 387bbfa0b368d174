import { familyOf } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { addressBytes } from '../../model/ip.ts'
import type { EchoOptions, EchoResult, Icmp } from '../host.ts'
import { onLinuxOnly } from './not-available.ts'
import { type PingAnswer, parsePing } from './parse-ping.ts'
import { cEnvironment, startProgram } from './run-program.ts'
import { errnoOf } from './system-error.ts'

/** `-D` prints when each line was received; busybox and others do not know it. Undefined until ping has been tried. */
let printsTimes: boolean | undefined

export const osIcmp: Icmp = {
  /**
   * By the system's own ping, which may use raw sockets where we may not. The round trip of an echo reply is ping's own; for
   * ICMP errors ping tells none: there it is the time from starting the program to the error's arrival, never too short,
   * and 1 to 2 ms too long on an idle machine.
   */
  async echo(options) {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.sending-echo')
    addressBytes(options.to)
    const { ttl } = options
    if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 1 || ttl > 255)) {
      throw new RangeError(`a TTL is 1 to 255, not ${ttl}`)
    }
    const run = await ping(options, printsTimes !== false)
    if (run.answer !== 'usage') return result(run)
    printsTimes = false
    return result(await ping(options, false))
  },
}

interface PingRun {
  readonly answer: PingAnswer | 'usage'
  readonly stderr: string
  readonly startedAtMs: number
  readonly elapsedMs: number
}

function ping({ to, ttl, timeoutMs }: EchoOptions, withTimes: boolean): Promise<PingRun> {
  const family = familyOf(to) === 'ipv4' ? '-4' : '-6'
  // Old pings take whole seconds alone; the exact limit is ours.
  const waitSeconds = Math.max(1, Math.ceil(timeoutMs / 1000))
  const args = ['-n', family, '-c', '1', '-W', `${waitSeconds}`, ...(ttl === undefined ? [] : ['-t', `${ttl}`])]
  const all = [...args, ...(withTimes ? ['-D'] : []), to]
  return new Promise((resolve, reject) => {
    const options = {
      timeout: Math.ceil(timeoutMs),
      killSignal: 'SIGKILL',
      maxBuffer: 65536,
      env: cEnvironment(),
    } as const
    // Taken before the start: taken after it, a busy machine would make round trips look shorter than they are.
    const started = { monotonicMs: performance.now(), wallMs: wallMs() }
    const child = startProgram('ping', all, options, (error, stdout, stderr) => {
      if (error !== null && errnoOf(error) === 'ENOENT') return reject(noPing(error))
      if (error !== null && ['EACCES', 'EPERM'].includes(errnoOf(error))) return reject(notPermitted(error.message))
      const usage = withTimes && /(invalid|unrecognized|illegal|unknown) option/i.test(stderr)
      const elapsedMs = performance.now() - started.monotonicMs
      resolve({ answer: usage ? 'usage' : parsePing(stdout, stderr), stderr, startedAtMs: started.wallMs, elapsedMs })
    })
    child?.stdin?.on('error', () => {})
  })
}

function result({ answer, stderr, startedAtMs, elapsedMs }: PingRun): EchoResult {
  if (answer === 'usage' || answer.kind === 'failed') {
    throw new PeerwayError(
      'not-available',
      errorText('error.ping-failed', { said: stderr.trim().split('\n')[0]?.slice(0, 200) }),
    )
  }
  if (answer.kind === 'not-permitted') throw notPermitted(stderr)
  if (answer.kind === 'silent') return { answer: 'silent', from: null, rttMs: null }
  const untilLineMs = answer.receivedAtMs === null ? elapsedMs : answer.receivedAtMs - startedAtMs
  // The wall clock may have been set meanwhile.
  const measuredMs = Math.min(Math.max(0, untilLineMs), elapsedMs)
  return { answer: answer.kind, from: answer.from, rttMs: answer.rttMs ?? (answer.from === null ? null : measuredMs) }
}

/** Wall clock with fractions, which `Date.now` lacks; that of the process's start drifts when the clock is set. */
function wallMs(): number {
  const fineMs = performance.timeOrigin + performance.now()
  return Math.abs(fineMs - Date.now()) < 2 ? fineMs : Date.now()
}

function noPing(cause: unknown): PeerwayError {
  return new PeerwayError('not-available', errorText('error.not-installed', { program: 'ping' }), { cause })
}

function notPermitted(said: string): PeerwayError {
  const line = said.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  return new PeerwayError('not-permitted', errorText('error.ping-refused', { said: line }))
}
