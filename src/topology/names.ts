import { likelyMeant } from './problem.ts'
import { entries, oneOf, type Parse, type Place, type Reader } from './reader.ts'
import { checkedLater, isName, NAME_RULE, name } from './scalars.ts'

/** Networks have names of their own; hosts, vantages, routers, carriers and providers share theirs. */
export type NameKind = 'network' | 'host' | 'vantage' | 'box'

/** All names that a file defines, filled while it is read and asked afterwards. */
export class Names {
  readonly #kinds = new Map<string, NameKind>()
  readonly #networks = new Set<string>()

  define(reader: Reader, kind: NameKind, written: string, at: Place): boolean {
    if (!isName(written)) return reader.wrong(at, JSON.stringify(written.slice(0, 40)), NAME_RULE) ?? false
    if (kind === 'network') {
      this.#networks.add(written)
      return true
    }
    const taken = this.#kinds.get(written)
    if (taken !== undefined) {
      reader.wrong(at, `the name "${written}" a second time`, 'a name that nothing else in the file has')
      return false
    }
    this.#kinds.set(written, kind)
    return true
  }

  of(kinds: readonly NameKind[]): readonly string[] {
    const machines = [...this.#kinds].filter(([, kind]) => kinds.includes(kind)).map(([written]) => written)
    return kinds.includes('network') ? [...this.#networks, ...machines] : machines
  }
}

/** Tells a mistake, with what was meant, when nothing of these kinds has this name. */
export function checkName(
  names: Names,
  kinds: readonly NameKind[],
  reader: Reader,
  at: Place,
  written: string,
): boolean {
  const known = names.of(kinds)
  if (known.includes(written)) return true
  const expected = known.length === 0 ? `a ${kinds[0]}, and the file has none` : oneOf(known)
  reader.wrong(at, JSON.stringify(written), expected, likelyMeant(written, known))
  return false
}

/** The name of something of these kinds, wherever in the file it is defined. */
export function nameOf(names: Names, ...kinds: readonly NameKind[]): Parse<string> {
  return checkedLater(name, (reader, at, written) => checkName(names, kinds, reader, at, written))
}

/** A section: a map from names, which it defines, to values. */
export function section<T extends object>(
  names: Names,
  kind: NameKind,
  parse: Parse<T>,
): Parse<readonly (T & { readonly name: string; readonly at: Place })[]> {
  return (reader, at) => {
    const given = entries(reader, at, `a map from names to ${kind === 'box' ? 'routers' : `${kind}s`}`)
    return given?.flatMap(({ key, keyPlace, value }) => {
      const defined = names.define(reader, kind, key, keyPlace)
      const parsed = parse(reader, value)
      return defined && parsed !== undefined ? [{ ...parsed, name: key, at: keyPlace }] : []
    })
  }
}
