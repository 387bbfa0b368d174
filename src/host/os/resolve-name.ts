import { lookup, Resolver } from 'node:dns/promises'
import { parseAddress } from '../../model/ip.ts'
import type { Resolution } from '../host.ts'
import { readProc } from './proc.ts'
import { canonical } from './socket-address.ts'
import { errnoOf } from './system-error.ts'

/**
 * The addresses of a name, from the hosts file, then the resolvers, then whatever else the system asks (mDNS and the
 * like). The system's own lookup cannot be stopped and keeps the process from ending, so it comes last, and only once
 * the resolvers have shown that they answer.
 */
export async function resolveName(name: string, timeoutMs: number): Promise<Resolution> {
  if (process.platform !== 'linux') return withinTime(systemLookup(name), timeoutMs)
  const listed = hostsEntries(await readProc('/etc/hosts'), name)
  if (listed.length > 0) return { outcome: 'found', addresses: listed }
  const resolver = new Resolver({ timeout: Math.max(100, Math.floor(timeoutMs / 3)), tries: 3 })
  const asked = await withinTime(askResolvers(resolver, name), timeoutMs)
  resolver.cancel()
  return asked.outcome === 'not-found' ? withinTime(systemLookup(name), timeoutMs) : asked
}

async function askResolvers(resolver: Resolver, name: string): Promise<Resolution> {
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return { outcome: 'found', addresses: [...new Set(addresses.map(canonical))] }
  const errors = answers.map((answer) => (answer.status === 'rejected' ? errnoOf(answer.reason) : ''))
  if (errors.every((error) => error === 'ENOTFOUND' || error === 'ENODATA')) return { outcome: 'not-found' }
  return { outcome: errors.includes('ETIMEOUT') ? 'timed-out' : 'failed' }
}

function systemLookup(name: string): Promise<Resolution> {
  return lookup(name, { all: true }).then(
    (found) => ({ outcome: 'found', addresses: [...new Set(found.map((one) => canonical(one.address)))] }),
    (error) => ({ outcome: errnoOf(error) === 'ENOTFOUND' ? 'not-found' : 'failed' }),
  )
}

async function withinTime(asked: Promise<Resolution>, timeoutMs: number): Promise<Resolution> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Resolution>((done) => {
    timer = setTimeout(() => done({ outcome: 'timed-out' }), timeoutMs)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Addresses that hosts(5) gives a name; comments, zones and what is no address are left out. */
export function hostsEntries(text: string, name: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
  const named = lines.filter(([, ...names]) => names.some((one) => one.toLowerCase() === name.toLowerCase()))
  return [...new Set(named.flatMap(([address = '']) => parseAddress(address.split('%')[0]!) ?? []))]
}
