import { errorText } from '../model/error.ts'
import { asWritten, likelyMeant } from './problem.ts'
import { entries, oneOf, type Parse, type Place, type Reader } from './reader.ts'
import { checkedLater, isName, name } from './scalars.ts'

/** Networks have names of their own; hosts, vantages, routers, carriers and providers share theirs. */
export type NameKind = 'network' | 'host' | 'vantage' | 'box'

/** All names that a file defines, filled while it is read and asked afterwards. */
export class Names {
  readonly #kinds = new Map<string, NameKind>()
  readonly #networks = new Set<string>()

  define(reader: Reader, kind: NameKind, written: string, at: Place): boolean {
    if (!isName(written))
      return reader.wrong(at, asWritten(JSON.stringify(written.slice(0, 40))), errorText('problem.name-rule')) ?? false
    if (kind === 'network') {
      this.#networks.add(written)
      return true
    }
    const taken = this.#kinds.get(written)
    if (taken !== undefined) {
      reader.wrong(at, errorText('problem.name-twice', { name: written }), errorText('problem.name-of-its-own'))
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
  const expected = known.length === 0 ? errorText(`problem.no-${kinds[0]!}`) : oneOf(known)
  reader.wrong(at, asWritten(JSON.stringify(written)), expected, likelyMeant(written, known))
  return false
}

/** The name of something of these kinds, wherever in the file it is defined. */
export function nameOf(names: Names, ...kinds: readonly NameKind[]): Parse<string> {
  return checkedLater(name, (reader, at, written) => checkName(names, kinds, reader, at, written))
}

const MAPS = {
  network: 'problem.map-of-networks',
  host: 'problem.map-of-hosts',
  vantage: 'problem.map-of-vantages',
  box: 'problem.map-of-boxes',
} as const satisfies Record<NameKind, string>

/** A section: a map from names, which it defines, to values. */
export function section<T extends object>(
  names: Names,
  kind: NameKind,
  parse: Parse<T>,
): Parse<readonly (T & { readonly name: string; readonly at: Place })[]> {
  return (reader, at) => {
    const given = entries(reader, at, errorText(MAPS[kind]))
    return given?.flatMap(({ key, keyPlace, value }) => {
      const defined = names.define(reader, kind, key, keyPlace)
      const parsed = parse(reader, value)
      return defined && parsed !== undefined ? [{ ...parsed, name: key, at: keyPlace }] : []
    })
  }
}
