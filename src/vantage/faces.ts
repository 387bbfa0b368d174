import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'

/** An address as strangers see it, and as this machine has it: they differ behind a 1:1 NAT. */
export interface NamedAddress {
  readonly public: Address
  readonly bind: Address
}

/** One address of a vantage, with the others of its family. */
export interface Face extends NamedAddress {
  readonly family: Family
  /** The second address of RFC 5780, seen from this one; null when the family has one address. */
  readonly other: NamedAddress | null
  /** Where a dial may come from, other than from this address; `other` first. */
  readonly dialSources: readonly NamedAddress[]
}

/**
 * One face for every address named. Without an `alternate` of its family, the first other address named is a face's
 * second one. `bad-input`: none named, one named twice, or public and bind of different families.
 */
export function facesOf(addresses: readonly NamedAddress[], alternate: NamedAddress | undefined): readonly Face[] {
  const all = [...addresses, ...(alternate === undefined ? [] : [alternate])]
  if (addresses.length === 0) throw new PeerwayError('bad-input', errorText('error.vantage-none'))
  for (const { public: seen, bind } of all) {
    if (familyOf(seen) !== familyOf(bind)) {
      throw new PeerwayError('bad-input', errorText('error.vantage-families', { seen, bind }))
    }
    if (all.filter((one) => one.bind === bind || one.public === seen).length > 1) {
      throw new PeerwayError('bad-input', errorText('error.vantage-twice', { address: seen }))
    }
  }
  return all.map((face) => {
    const family = familyOf(face.bind)
    const siblings = all.filter((one) => one !== face && familyOf(one.bind) === family)
    const others = siblings.toSorted((a, b) => Number(b === alternate) - Number(a === alternate))
    return { ...face, family, other: others[0] ?? null, dialSources: others }
  })
}
