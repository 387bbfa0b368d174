import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { Hop } from '../model/evidence.ts'

/** Echo requests with TTL 1 to `maxTtl`, all at once; a silent one is asked once more. Ends with the target's answer. */
export async function echoHops(host: Host, to: Address, maxTtl: number, rttMs: number): Promise<readonly Hop[] | null> {
  const timeoutMs = Math.min(1500, Math.max(400, 3 * rttMs + 200))
  const ask = async (ttl: number): Promise<Hop> => {
    const first = await host.icmp.echo({ to, ttl, timeoutMs })
    const { answer, from, rttMs } = first.answer === 'silent' ? await host.icmp.echo({ to, ttl, timeoutMs }) : first
    return { ttl, answer, address: from, rttMs }
  }
  try {
    const hops = await Promise.all(Array.from({ length: maxTtl }, (_, index) => ask(index + 1)))
    const last = hops.findIndex(({ answer, address }) => answer === 'echo-reply' || address === to)
    return last === -1 ? hops : hops.slice(0, last + 1)
  } catch (error) {
    if (error instanceof PeerwayError) return null
    throw error
  }
}

/** Can this machine send echo requests at all? */
export async function canEcho(host: Host, own: Address): Promise<boolean> {
  try {
    await host.icmp.echo({ to: own, timeoutMs: 500 })
    return true
  } catch (error) {
    if (error instanceof PeerwayError) return false
    throw error
  }
}
