import type { EchoOptions, EchoResult, Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { VirtualClock } from './virtual-clock.ts'

type Answer = Omit<EchoResult, 'rttMs'> & { readonly rttMs?: number }

/** A host whose echo requests are answered by `answer`, after 10 ms unless it says otherwise; `undefined` is silence until the timeout. */
export function fakeIcmpHost(answer: (options: EchoOptions, tries: number) => Answer | undefined): {
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
    const rttMs = result?.rttMs ?? 10
    await clock.sleep(result === undefined ? options.timeoutMs : rttMs)
    return result === undefined ? { answer: 'silent', from: null, rttMs: null } : { ...result, rttMs }
  }
  return { host: { clock, icmp: { echo } } as unknown as Host, asked, clock }
}

export function hostWithoutPing(): Host {
  const echo = async () => {
    throw new PeerwayError('not-available', 'there is no ping program on this host')
  }
  return { clock: new VirtualClock(), icmp: { echo } } as unknown as Host
}
