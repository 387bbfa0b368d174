import type { Host } from '../host/host.ts'
import type { Address, Family } from '../model/endpoint.ts'
import type { AddressesFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { attempt } from './attempt.ts'
import type { Candidate } from './servers.ts'

/**
 * In which families the endpoints are asked about: wherever this host has a source that could reach the Internet and,
 * where vantages are given, one of that family. Where that leaves none, those of the vantages; at last IPv4. Never
 * empty.
 */
export async function askedFamilies(
  host: Host,
  { source }: AddressesFact,
  candidates: readonly Candidate[],
): Promise<readonly Family[]> {
  const usable = await Promise.all(
    candidates.map(async ({ address }) => {
      const local = await attempt(() => host.network.sourceTowards(address), undefined)
      return local !== undefined && canTalk(local, address)
    }),
  )
  const inFamilies = (chosen: readonly Family[]) => (['ipv4', 'ipv6'] as const).filter((one) => chosen.includes(one))
  const familiesOf = (some: readonly Candidate[]) => inFamilies(some.map(({ family }) => family))

  const choices: readonly (readonly Family[])[] =
    candidates.length > 0
      ? [familiesOf(candidates.filter((_, index) => usable[index])), familiesOf(candidates)]
      : [(['ipv4', 'ipv6'] as const).filter((family) => isOutward(source[family]))]
  return choices.find(({ length }) => length > 0) ?? ['ipv4']
}

function isOutward(source: Address | null): boolean {
  return source !== null && canTalk(source, source.includes(':') ? '2001:db8::' : '192.0.2.0')
}

/** Private IPv4 comes out behind a NAT; private IPv6 is not translated, and reaches private IPv6 alone. */
function canTalk(local: Address, remote: Address): boolean {
  const scope = scopeOf(local)
  if (scope === 'global' || scope === scopeOf(remote)) return true
  return !local.includes(':') && (scope === 'private' || scope === 'shared')
}
