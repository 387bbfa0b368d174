// Plans, makes, looks at and takes back changes of the host that it runs on, as told on standard input, a line each.
import { createInterface } from 'node:readline'
import { openOsHost } from '../../../dist/host/os/os-host.js'
import { probeAddresses } from '../../../dist/probe/addresses.js'
import { kindOf } from '../../../dist/remedy/change-kinds.js'
import { planPersistence } from '../../../dist/remedy/persist.js'
import { planAccepts } from '../../../dist/remedy/plan-accept.js'
import { planForwarding } from '../../../dist/remedy/plan-forwarding.js'

const host = openOsHost()

/** The same host; at its call number `k` the program is killed, before the call does its work or after. */
function killedAt(k, isBefore) {
  let calls = 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  const wrap = (capability) =>
    new Proxy(capability, {
      get:
        (target, name) =>
        async (...args) => {
          const isDue = ++calls === k
          if (isDue && isBefore) die()
          const result = await target[name](...args)
          if (isDue) die()
          return result
        },
    })
  return Object.fromEntries(Object.entries(host).map(([name, capability]) => [name, wrap(capability)]))
}

const DO = {
  async plan({ requests }) {
    const addresses = await probeAddresses(host)
    const plans = await planAccepts(host, requests, addresses, [])
    const settings = []
    for (const { key, plan } of plans) {
      if (plan.kind !== 'planned' || plan.out === null) continue
      const source = addresses.addresses.find(({ address }) => address === addresses.source[key.family])
      const forwarding = await planForwarding(host, key.family, [source.interface, plan.out])
      settings.push(...forwarding.changes)
    }
    return { plans: plans.map(({ plan }) => plan), settings }
  },

  async apply({ changes, killAt, before }) {
    const acting = killAt === undefined ? host : killedAt(killAt, before)
    const made = []
    for (const change of changes) made.push(await kindOf(change).apply(acting, change))
    return made
  },

  async state({ changes }) {
    return Promise.all(changes.map((change) => kindOf(change).state(host, change)))
  },

  async undo({ changes, killAt, before }) {
    const acting = killAt === undefined ? host : killedAt(killAt, before)
    const results = []
    for (const change of changes.toReversed()) results.push(await kindOf(change).undo(acting, change, Date.now()))
    return results
  },

  persist: ({ changes }) => planPersistence(host, changes),
}

console.log('"ready"')
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  try {
    console.log(JSON.stringify({ result: await DO[asked.do](asked) }))
  } catch (error) {
    console.log(JSON.stringify({ error: error.code ?? 'internal', message: error.stack }))
  }
}
