/** What `ask` says of each item, in their order, a few at a time: hundreds of files open at once take memory that stays taken. */
export async function byTurns<Item, Said>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Said>,
  atOnce = 16,
): Promise<readonly Said[]> {
  const said: Said[] = []
  for (let at = 0; at < items.length; at += atOnce) {
    said.push(...(await Promise.all(items.slice(at, at + atOnce).map(ask))))
  }
  return said
}
