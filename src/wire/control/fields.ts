import type { Address, Endpoint } from '../../model/endpoint.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
import { parseAddress, parseEndpoint } from '../../model/ip.ts'

/**
 * One field of a control message, both ways. `read` takes any value that JSON can hold, untrusted, and returns
 * undefined where it is not a value of this field; `write` is its inverse.
 */
export interface Field<T> {
  readonly read: (value: unknown) => T | undefined
  readonly write: (value: T) => unknown
}

export type ValueOf<F> = F extends Field<infer T> ? T : never

/** An integer from `min` to `max`, both included. */
export function integer(min: number, max: number): Field<number> {
  return plain((value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
}

/** Milliseconds, fractions allowed, from 0 to `max`. */
export function milliseconds(max: number): Field<number> {
  return plain((value) => typeof value === 'number' && value >= 0 && value <= max)
}

/** Text of at most `maxLength` UTF-16 units, without control characters: it may end on somebody's terminal. */
export function text(maxLength: number): Field<string> {
  return plain((value) => typeof value === 'string' && value.length <= maxLength && !/\p{Cc}/u.test(value))
}

/** Text of this form, which bounds its length too. */
export function pattern(form: RegExp): Field<string> {
  return plain((value) => typeof value === 'string' && form.test(value))
}

export function oneOf<const T extends string>(values: readonly T[]): Field<T> {
  return plain((value) => (values as readonly unknown[]).includes(value))
}

export function literal<const T extends string | number>(expected: T): Field<T> {
  return plain((value) => value === expected)
}

export const port: Field<number> = integer(1, 65535)

/** An IP address, read in any valid spelling, kept and written in canonical text. */
export const address: Field<Address> = {
  read: (value) => (typeof value === 'string' ? parseAddress(value) : undefined),
  write: (value) => value,
}

/** `203.0.113.7:4001`, `[2001:db8::1]:4001`. */
export const endpoint: Field<Endpoint> = {
  read: (value) => (typeof value === 'string' && value.length <= 64 ? parseEndpoint(value) : undefined),
  write: formatEndpoint,
}

/** An endpoint whose port may be 0: several ports of one address. */
export const endpointOfAnyPort: Field<Endpoint> = {
  read: (value) => {
    const exact = endpoint.read(value)
    if (exact !== undefined || typeof value !== 'string' || !value.endsWith(':0')) return exact
    const one = endpoint.read(value.replace(/0$/, '1'))
    return one === undefined ? undefined : { address: one.address, port: 0 }
  },
  write: formatEndpoint,
}

/** `min` to `max` bytes as lower- or upper-case hexadecimal digits; written in lower case. */
export function hex(min: number, max: number): Field<Uint8Array> {
  return {
    read: (value) => {
      if (typeof value !== 'string' || value.length < min * 2 || value.length > max * 2) return undefined
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(value)) return undefined
      return new Uint8Array(Buffer.from(value, 'hex'))
    },
    write: (value) => Buffer.from(value).toString('hex'),
  }
}

/** At most `max` bytes in base64 (RFC 4648 §4) with padding. */
export function base64(max: number): Field<Uint8Array> {
  return {
    read: (value) => {
      if (typeof value !== 'string' || value.length > Math.ceil(max / 3) * 4) return undefined
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) return undefined
      const bytes = new Uint8Array(Buffer.from(value, 'base64'))
      return bytes.length <= max ? bytes : undefined
    },
    write: (value) => Buffer.from(value).toString('base64'),
  }
}

/** The field, or null; where the key is missing it is null too. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    read: (value) => (value === null || value === undefined ? null : field.read(value)),
    write: (value) => (value === null ? null : field.write(value)),
  }
}

/** At most `maxLength` values; one bad value spoils the list. */
export function list<T>(field: Field<T>, maxLength: number): Field<readonly T[]> {
  return {
    read: (value) => {
      if (!Array.isArray(value) || value.length > maxLength) return undefined
      const read = value.map((each) => field.read(each))
      return read.includes(undefined) ? undefined : (read as T[])
    },
    write: (value) => value.map((each) => field.write(each)),
  }
}

type Shape = Readonly<Record<string, Field<never>>>
export type ShapeValue<S> = { readonly [K in keyof S]: ValueOf<S[K]> }

/** An object with these keys; unknown keys are ignored, so that later versions can add some. */
export function shape<const S extends { readonly [K in keyof S]: Field<ValueOf<S[K]>> }>(
  fields: S,
): Field<ShapeValue<S>> {
  const entries = Object.entries(fields as unknown as Shape)
  return {
    read: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      const read = entries.map(([key, field]) => [
        key,
        field.read(Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined),
      ])
      return read.some(([, each]) => each === undefined) ? undefined : (Object.fromEntries(read) as ShapeValue<S>)
    },
    write: (value) =>
      Object.fromEntries(entries.map(([key, field]) => [key, field.write(value[key as keyof S] as never)])),
  }
}

/** An object whose key `tag` says which of the shapes it has. */
export function variant<const V extends { readonly [K in keyof V]: Field<ValueOf<V[K]>> }>(
  tag: string,
  variants: V,
): Field<ValueOf<V[keyof V]>> {
  const table = variants as unknown as Readonly<Record<string, Field<ValueOf<V[keyof V]>>>>
  const find = (value: unknown) => {
    const name: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, tag) : undefined
    return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
  }
  return { read: (value) => find(value)?.read(value), write: (value) => find(value)!.write(value) }
}

function plain<T>(accepts: (value: unknown) => boolean): Field<T> {
  return { read: (value) => (accepts(value) ? (value as T) : undefined), write: (value) => value }
}
