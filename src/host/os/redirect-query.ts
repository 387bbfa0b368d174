import type { Answer } from '../../model/answer.ts'
import { type Address, type Family, familyOf, type Transport } from '../../model/endpoint.ts'
import { inPrefix, parseAddress, scopeOf } from '../../model/ip.ts'

/** A stranger's first packet as it comes in, as far as it is known. */
export interface RedirectQuery {
  readonly transport: Transport
  readonly family: Family
  readonly port: number
  /** Addresses of this host; the packet is for one of them. */
  readonly addresses: readonly Address[]
  /** Interfaces of the default routes; the packet comes in by one of them. */
  readonly interfaces: readonly string[]
}

/** All of them must hold. */
export function every(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no'
  return answers.includes('unknown') ? 'unknown' : 'yes'
}

/** One of them must hold. */
export function some(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes'
  return answers.includes('unknown') ? 'unknown' : 'no'
}

export function not(answer: Answer): Answer {
  if (answer === 'unknown') return 'unknown'
  return answer === 'yes' ? 'no' : 'yes'
}

/** Is the packet for `destination`, an address or a prefix? */
export function destinationIs(destination: string, { addresses, family }: RedirectQuery): Answer {
  const [network = '', length] = destination.split('/')
  if (parseAddress(network) === undefined) return 'unknown'
  if (familyOf(network) !== family) return 'no'
  const prefix = `${network}/${length ?? (family === 'ipv4' ? 32 : 128)}`
  const strangers = addresses.filter((address) => familyOf(address) === family && scopeOf(address) !== 'loopback')
  const inside = strangers.filter((address) => contains(prefix, address))
  if (inside.length === 0) return 'no'
  return inside.length === strangers.length ? 'yes' : 'unknown'
}

function contains(prefix: string, address: Address): boolean {
  try {
    return inPrefix(address, prefix)
  } catch {
    return false
  }
}

/** Does the packet come in by `name`? `eth+` and `eth*` are prefixes. */
export function interfaceIs(name: string, { interfaces }: RedirectQuery): Answer {
  const wild = /^(.*)[+*]$/.exec(name)?.[1]
  const hits = interfaces.filter((own) => (wild === undefined ? own === name : own.startsWith(wild)))
  if (hits.length > 0) return hits.length === interfaces.length ? 'yes' : 'unknown'
  // A host with several ways in may be reached by one that has no default route; but never by its loopback.
  return name === 'lo' || /^(docker|br-|virbr|veth|podman|cni)/.test(name) ? 'no' : 'unknown'
}
