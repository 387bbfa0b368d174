type All<Parts extends readonly object[]> = Parts extends readonly [
  infer First,
  ...infer Rest extends readonly object[],
]
  ? First & All<Rest>
  : unknown

/**
 * The sentences of all parts in one object. Spread into a literal they would be added one by one to what V8 takes for an object
 * of a fixed shape, of which it keeps a shape for each step: 12 MB for each language, taken at every start.
 */
export function oneCatalogue<Parts extends readonly object[]>(...parts: Parts): All<Parts> {
  return Object.assign(Object.create(null), ...parts) as All<Parts>
}
