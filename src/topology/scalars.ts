import { isScalar } from 'yaml'
import { type Address, familyOf, type Transport } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import { parseAddress, prefixOf } from '../model/ip.ts'
import type { Message } from '../model/message.ts'
import { likelyMeant } from './problem.ts'
import { found, list, oneOf, type Parse, type Place, type Reader } from './reader.ts'

/** Any text of at most 64 KiB. */
export const text: Parse<string> = (reader, at) => {
  const value = scalar(at)
  if (typeof value === 'string' && value.length <= 65_536) return value
  return reader.wrong(at, found(at.node), errorText('problem.text'))
}

/** A name becomes part of names of the system, which are short. */
export const name: Parse<string> = (reader, at) => {
  const value = scalar(at)
  if (typeof value === 'string' && isName(value)) return value
  return reader.wrong(at, found(at.node), errorText('problem.name-rule'))
}

export function isName(value: string): boolean {
  return /^[a-z][a-z0-9-]{0,14}$/.test(value)
}

export const flag: Parse<boolean> = (reader, at) => {
  const value = scalar(at)
  if (value === true || value === 'yes') return true
  if (value === false || value === 'no') return false
  return reader.wrong(at, found(at.node), errorText('problem.yes-or-no'))
}

export function word<W extends string>(words: readonly W[]): Parse<W> {
  return (reader, at) => {
    const value = scalar(at)
    if (typeof value === 'string' && (words as readonly string[]).includes(value)) return value as W
    return reader.wrong(at, found(at.node), oneOf(words), typeof value === 'string' ? likelyMeant(value, words) : null)
  }
}

export function number(least: number, most: number, what: Message): Parse<number> {
  return (reader, at) => {
    const value = scalar(at)
    if (typeof value === 'number' && value >= least && value <= most) return value
    return reader.wrong(at, found(at.node), range(what, least, most))
  }
}

export function integer(least: number, most: number, what: Message): Parse<number> {
  return (reader, at) => {
    const value = scalar(at)
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    return reader.wrong(at, found(at.node), range(what, least, most))
  }
}

function range(what: Message, least: number, most: number): Message {
  return errorText('problem.range', { what, least, most })
}

export const port = integer(1, 65_535, errorText('problem.a-port'))

export const address: Parse<Address> = (reader, at) => {
  const value = scalar(at)
  const parsed = typeof value === 'string' ? parseAddress(value) : undefined
  return parsed ?? reader.wrong(at, found(at.node), errorText('problem.an-address'))
}

/** One address or a list of them. */
export const addresses: Parse<readonly Address[]> = (reader, at) => {
  if (!isScalar(at.node)) return list(address)(reader, at)
  const one = address(reader, at)
  return one === undefined ? undefined : [one]
}

/** `192.168.1.0/24`: of the wanted family, with no bit set behind its length, with room for hosts. */
export function prefix(family: 'ipv4' | 'ipv6'): Parse<string> {
  const [least, most, example] = family === 'ipv4' ? [8, 29, '192.168.1.0/24'] : [16, 120, '2001:db8:1::/64']
  return (reader, at) => {
    const value = scalar(at)
    const match = typeof value === 'string' ? /^([^/]+)\/([0-9]{1,3})$/.exec(value) : null
    const network = match === null ? undefined : parseAddress(match[1]!)
    const length = Number(match?.[2])
    const fits = network !== undefined && familyOf(network) === family && length >= least && length <= most
    if (!fits) {
      return reader.wrong(at, found(at.node), errorText('problem.prefix', { family, least, most, example }))
    }
    const canonical = prefixOf(network, length)
    if (canonical === `${network}/${length}`) return canonical
    return reader.wrong(at, found(at.node), errorText('problem.prefix-first', { prefix: canonical }))
  }
}

/** `udp`, `tcp`, or both when the key is left out. */
export const transports: Parse<readonly Transport[]> = (reader, at) => {
  const value = word(['udp', 'tcp', 'both'] as const)(reader, at)
  if (value === undefined) return undefined
  return value === 'both' ? BOTH : [value]
}

export const BOTH: readonly Transport[] = ['udp', 'tcp']

/** `node:4001`: a name of the file and a port. */
export const nameAndPort: Parse<{ readonly name: string; readonly port: number }> = (reader, at) => {
  const value = scalar(at)
  const match = typeof value === 'string' ? /^([a-z][a-z0-9-]{0,14}):([0-9]{1,5})$/.exec(value) : null
  const number = Number(match?.[2])
  if (match !== null && number >= 1 && number <= 65_535) return { name: match[1]!, port: number }
  return reader.wrong(at, found(at.node), errorText('problem.name-and-port'))
}

function scalar(at: Place): unknown {
  return isScalar(at.node) ? at.node.value : undefined
}

/** `parse`, then `check` when everything is known; the check may tell mistakes at the same place. */
export function checkedLater<T>(parse: Parse<T>, check: (reader: Reader, at: Place, value: T) => void): Parse<T> {
  return (reader, at) => {
    const value = parse(reader, at)
    if (value !== undefined) reader.later(() => check(reader, at, value))
    return value
  }
}
