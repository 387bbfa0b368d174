import type { Address } from '../../model/endpoint.ts'
import { parseAddress } from '../../model/ip.ts'
import type { NetNamespace } from './net-namespaces.ts'
import { bytesAddress, readProc, rowsOf } from './proc.ts'

/** Addresses of any namespace, which no system call tells from outside. */
export async function addressesIn({ path }: NetNamespace): Promise<readonly Address[]> {
  const [trie, ipv6] = await Promise.all([readProc(`${path}/net/fib_trie`), readProc(`${path}/net/if_inet6`)])
  return [...parseFibTrie(trie), ...rowsOf(ipv6).map(([address]) => bytesAddress(address!))]
}

/** /proc/net/fib_trie: `|-- ADDRESS`, and beneath it what the kernel does with it; LOCAL is its own. */
export function parseFibTrie(text: string): readonly Address[] {
  const local = new Set<Address>()
  let address: Address | undefined
  for (const line of text.split('\n')) {
    const leaf = /^\s*\|-- (\S+)$/.exec(line)?.[1]
    if (leaf !== undefined) address = parseAddress(leaf)
    else if (address !== undefined && /^\s*\/32 host LOCAL\b/.test(line)) local.add(address)
  }
  return [...local]
}
