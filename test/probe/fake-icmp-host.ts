import type { EchoOptions, EchoResult, Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A host whose echo requests are answered by `answer`; `undefined` is silence until the timeout. */
export function fakeIcmpHost(answer: (options: EchoOptions, tries: number) => Omit<EchoResult, 'rttMs'> | undefined): {
  host: Host
  asked: readonly EchoOptions[]
  clock: VirtualClock
} {
  const clock = new VirtualClock()
  const asked: EchoOptions[] = []
  const echo = async (options: EchoOptions): Promise<EchoResult> => {
    asked.push(options)
    const tries = asked.filter(({ to, ttl }) => to === options.to && ttl === options.ttl).length
    const result = answer(options, tries)
    await clock.sleep(result === undefined ? options.timeoutMs : 10)
    return result === undefined ? { answer: 'silent', from: null, rttMs: null } : { ...result, rttMs: 10 }
  }
  return { host: { clock, icmp: { echo } } as unknown as Host, asked, clock }
}

export function hostWithoutPing(): Host {
  const echo = async () => {
    throw new PeerwayError('not-available', 'there is no ping program on this host')
  }
  return { clock: new VirtualClock(), icmp: { echo } } as unknown as Host
}
