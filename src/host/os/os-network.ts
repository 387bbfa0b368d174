import { networkInterfaces } from 'node:os'
import type { LocalAddress } from '../../model/evidence.ts'
import type { Network } from '../host.ts'
import { defaultRoutes } from './default-routes.ts'
import { bytesAddress, readProc, rowsOf } from './proc.ts'
import { resolveName } from './resolve-name.ts'
import { configuredResolvers } from './resolvers.ts'
import { canonical } from './socket-address.ts'
import { sourceTowards } from './source-towards.ts'

export const osNetwork: Network = {
  async addresses() {
    const unusable = await unusableIpv6()
    return Object.entries(networkInterfaces())
      .flatMap(([name, entries = []]) =>
        entries.map((entry): LocalAddress => {
          const family = entry.family === 'IPv4' ? 'ipv4' : 'ipv6'
          const prefixLength = Number(entry.cidr?.split('/')[1] ?? (family === 'ipv4' ? 32 : 128))
          return { interface: name, address: canonical(entry.address), family, prefixLength }
        }),
      )
      .filter(({ address }) => !unusable.has(address))
  },
  defaultRoutes,
  sourceTowards,
  resolvers: configuredResolvers,
  resolve: (name, { timeoutMs }) => resolveName(name, timeoutMs),
}

const IFA_F_DADFAILED = 0x08
const IFA_F_DEPRECATED = 0x20
const IFA_F_TENTATIVE = 0x40

/** Addresses that Linux holds and does not use for new flows: tentative, duplicate, deprecated. */
async function unusableIpv6(): Promise<ReadonlySet<string>> {
  const unusable = IFA_F_DADFAILED | IFA_F_DEPRECATED | IFA_F_TENTATIVE
  const rows = rowsOf(await readProc('/proc/net/if_inet6'))
  const marked = rows.filter(([, , , , flags = '0']) => (Number.parseInt(flags, 16) & unusable) !== 0)
  return new Set(marked.map(([address]) => bytesAddress(address!)))
}
