import { type Address, familyOf } from '../model/endpoint.ts'
import { addressBytes, scopeOf } from '../model/ip.ts'

/** An address of a world as a small number, so that packets can be compared and looked up without text. 0 is none. */
export type AddressId = number

/** Any address, where a socket is bound to all of them. */
export const ANY: AddressId = 0

/** Numbers for the addresses of a world, in the order in which they were first named. */
export class AddressBook {
  readonly #ids = new Map<Address, AddressId>()
  readonly #texts: Address[] = ['']
  readonly #isIpv6: boolean[] = [false]
  readonly #bytes: (Uint8Array | undefined)[] = []
  readonly #prefixes = new Map<string, Prefix>()

  /** `address` is in canonical form. */
  id(address: Address): AddressId {
    const known = this.#ids.get(address)
    if (known !== undefined) return known
    const id = this.#texts.length
    this.#ids.set(address, id)
    this.#texts.push(address)
    this.#isIpv6.push(familyOf(address) === 'ipv6')
    return id
  }

  text(id: AddressId): Address {
    return this.#texts[id]!
  }

  isIpv6(id: AddressId): boolean {
    return this.#isIpv6[id]!
  }

  /** 127.0.0.0/8 and ::1: every machine has them all. */
  isLoopback(id: AddressId): boolean {
    const text = this.#texts[id]!
    return text.startsWith('127.') || text === '::1'
  }

  /** 224.0.0.0/4 and ff00::/8: a group, of which everybody on a network may be. */
  isMulticast(id: AddressId): boolean {
    return scopeOf(this.#texts[id]!) === 'multicast'
  }

  /** Is it in `prefix` (`10.0.0.0/8`)? */
  isIn(id: AddressId, prefix: string): boolean {
    const { bytes, bits } = this.#prefix(prefix)
    const own = this.#bytesOf(id)
    return own.length === bytes.length && sameBits(own, bytes, bits)
  }

  #prefix(text: string): Prefix {
    const known = this.#prefixes.get(text)
    if (known !== undefined) return known
    const [network, length] = text.split('/')
    const prefix = { bytes: addressBytes(network!), bits: Number(length) }
    this.#prefixes.set(text, prefix)
    return prefix
  }

  #bytesOf(id: AddressId): Uint8Array {
    const known = this.#bytes[id]
    if (known !== undefined) return known
    const bytes = addressBytes(this.#texts[id]!)
    this.#bytes[id] = bytes
    return bytes
  }
}

interface Prefix {
  readonly bytes: Uint8Array
  readonly bits: number
}

/** Are the first `bits` of both the same? */
function sameBits(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (a[index] !== b[index]) return false
  const rest = 8 - (bits & 7)
  return rest === 8 || a[whole]! >> rest === b[whole]! >> rest
}
