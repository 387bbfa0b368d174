import type { Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'

/**
 * `refused`: the call does nothing and throws. `answer-lost`: it does its work, and then throws. `dead`: it and every
 * later one throws, as if the program had been killed there.
 */
export type Failure = 'refused' | 'answer-lost' | 'dead'

export interface FailingHost {
  readonly host: Host
  /** How many calls were counted. */
  calls(): number
}

/** Capabilities that cannot fail by throwing, and are not counted: what the network does is a value. */
const SURE = ['clock', 'random', 'tcp']

/** A host whose k-th call, from 1, fails; with `k` 0 none does, and its calls are counted. Calls of sockets are not. */
export function failing(host: Host, k: number, failure: Failure = 'refused'): FailingHost {
  let calls = 0
  const fail = () => new PeerwayError('not-available', `call ${k} fails`)
  const wrapped = Object.entries(host).map(([name, capability]) => {
    if (SURE.includes(name)) return [name, capability]
    return [name, new Proxy(capability as object, { get: counted })]
  })

  function counted(capability: object, name: string | symbol): unknown {
    const method: unknown = Reflect.get(capability, name)
    if (typeof method !== 'function') return method
    return async (...args: unknown[]) => {
      calls++
      const isDue = calls === k || (failure === 'dead' && k > 0 && calls > k)
      if (isDue && failure !== 'answer-lost') throw fail()
      const result: unknown = await method.apply(capability, args)
      if (isDue) throw fail()
      return result
    }
  }
  return { host: Object.fromEntries(wrapped) as Host, calls: () => calls }
}
