/** Packets of the named counters in what nft prints of a table. */
export function packetsByCounter(text: string): ReadonlyMap<string, number> {
  const found = text.matchAll(/counter (\w+) \{\s*packets (\d+) /g)
  return new Map([...found].map(([, name, packets]) => [name!, Number(packets)]))
}
