import type { Table } from './ruleset.ts'

/** Fills in the devices that chains are bound to, where they are not known, from what `nft list chains` prints. */
export function withDevices(tables: readonly Table[], listed: string): readonly Table[] {
  const devices = devicesIn(listed)
  return tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => {
      const known = devices.get(`${table.family} ${table.name} ${chain.name}`)
      if (chain.base === null || chain.base.devices !== null || known === undefined) return chain
      return { ...chain, base: { ...chain.base, devices: known } }
    }),
  }))
}

/** By `family table chain`. A line that is not understood names no chain's devices, and they stay unknown. */
function devicesIn(listed: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  let [table, chain] = ['', '']
  for (const line of listed.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain
    const bound = /\bhook (?:ingress|egress) devices?(?: =)? (.*?) priority /.exec(line)?.[1]
    const names = [...(bound ?? '').matchAll(/"([^"]+)"|([^\s{},"]+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
    if (names.length > 0) found.set(`${table} ${chain}`, names)
  }
  return found
}
