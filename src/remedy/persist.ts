import type { Host } from '../host/host.ts'
import type { BootSource } from '../model/evidence.ts'
import { attempt } from '../probe/attempt.ts'
import { findBootSources } from '../probe/host-rules/boot-sources.ts'
import type {
  Change,
  ChangeContent,
  FileChange,
  FirewalldChange,
  IptablesRuleChange,
  NftRuleChange,
  SysctlChange,
} from './change.ts'
import { isOpen, zoneFile } from './changes/firewalld-port.ts'
import { tagOf } from './changes/tag.ts'
import { withNftLine } from './persist/nft-file.ts'
import { withSavedLine } from './persist/save-file.ts'
import { settingsAtBoot } from './persist/settings-at-boot.ts'
import { withSetting } from './persist/sysctl-file.ts'
import { placeOfSetting } from './persist/sysctl-place.ts'

/** What makes a change last over a reboot, beside what keeps it already. */
export interface Persistence {
  readonly change: Change
  /**
   * `by-itself`: what keeps the rules keeps this one too. `with`: after `content` is made. `until-reboot`: nothing that
   * this host loads at boot makes the chain or the setting, or nobody can tell.
   */
  readonly lasts: 'by-itself' | 'with' | 'until-reboot'
  readonly content: ChangeContent | null
}

/** The journal holds such a file's text twice. */
const MOST_BYTES = 256 * 1024
const TIMEOUT_MS = 10_000

type Texts = Map<string, string | null>

/**
 * How changes that were made stay after a reboot, in the way in which this host keeps its rules and settings, each to be
 * journalled and made like any other, in this order. Changes nothing.
 */
export async function planPersistence(host: Host, made: readonly Change[]): Promise<readonly Persistence[]> {
  const atBoot = await findBootSources(host)
  // Several changes may go into one file; each stands on the text that the one before it leaves.
  const texts: Texts = new Map()
  const plans: Persistence[] = []
  for (const change of made) {
    const content = await lastingContent(host, change, atBoot, texts)
    if (content === 'by-itself') plans.push({ change, lasts: 'by-itself', content: null })
    else plans.push({ change, lasts: content === null ? 'until-reboot' : 'with', content })
    if (content !== 'by-itself' && content?.kind === 'file') texts.set(content.path, content.to)
  }
  return plans
}

async function lastingContent(
  host: Host,
  change: Change,
  atBoot: readonly BootSource[],
  texts: Texts,
): Promise<ChangeContent | 'by-itself' | null> {
  switch (change.kind) {
    case 'nft-rule':
      return nftFile(host, change, atBoot, texts)
    case 'iptables-rule':
      return savedFile(host, change, atBoot, texts)
    case 'sysctl':
      return settingsFile(host, change, atBoot, texts)
    case 'firewalld-port':
      return permanentPort(host, change)
    default:
      return 'by-itself'
  }
}

async function nftFile(
  host: Host,
  change: NftRuleChange & Change,
  atBoot: readonly BootSource[],
  texts: Texts,
): Promise<FileChange | null> {
  for (const path of filesOf(atBoot, ['nftables'])) {
    const from = await textOf(host, path, texts)
    const to = from === null ? undefined : withNftLine(from, change, tagOf(change))
    if (from !== null && to !== undefined && (await isTakenByNft(host, to))) return { kind: 'file', path, from, to }
  }
  return null
}

/** A file that nft refuses would leave the host without its rules at the next boot. */
async function isTakenByNft(host: Host, text: string): Promise<boolean> {
  const command = ['nft', '--check', '--file', '-']
  const result = await attempt(() => host.services.run(command, { timeoutMs: TIMEOUT_MS, stdin: text }), undefined)
  return result?.exitCode === 0
}

async function savedFile(
  host: Host,
  change: IptablesRuleChange & Change,
  atBoot: readonly BootSource[],
  texts: Texts,
): Promise<FileChange | null> {
  const isOfFamily = (path: string) => path.endsWith('.v6') === (change.family === 'ipv6')
  for (const path of filesOf(atBoot, ['netfilter-persistent', 'iptables']).filter(isOfFamily)) {
    const from = await textOf(host, path, texts)
    const to = from === null ? undefined : withSavedLine(from, change)
    if (from !== null && to !== undefined) return { kind: 'file', path, from, to }
  }
  return null
}

async function settingsFile(
  host: Host,
  change: SysctlChange & Change,
  atBoot: readonly BootSource[],
  texts: Texts,
): Promise<FileChange | 'by-itself' | null> {
  const files = await settingsAtBoot(host, atBoot, [...texts.keys()], (path) => textOf(host, path, texts))
  const place = placeOfSetting(files, change)
  if (place === null || place === 'by-itself') return place
  const from = await textOf(host, place, texts)
  return { kind: 'file', path: place, from, to: withSetting(from, change) }
}

async function permanentPort(
  host: Host,
  { zone, port }: FirewalldChange,
): Promise<FirewalldChange | 'by-itself' | null> {
  const ownFile = (await host.files.read(zoneFile(zone), { maxBytes: MOST_BYTES })) !== undefined
  const change: FirewalldChange = { kind: 'firewalld-port', zone, port, configuration: 'permanent', ownFile }
  const open = await attempt(() => isOpen(host, change), 'unknown')
  return open === 'yes' ? 'by-itself' : open === 'no' ? change : null
}

/** Where nobody can tell whether it is loaded, the file's own words decide: it makes the chain, or it is left alone. */
function filesOf(atBoot: readonly BootSource[], names: readonly BootSource['name'][]): readonly string[] {
  return atBoot.filter(({ name, enabled }) => names.includes(name) && enabled !== 'no').map(({ file }) => file)
}

/** Null where there is none, or it is none that could be put back byte for byte. */
async function textOf(host: Host, path: string, texts: Texts): Promise<string | null> {
  const known = texts.get(path)
  if (known !== undefined) return known
  const text = await attempt(() => host.files.read(path, { maxBytes: MOST_BYTES }), undefined)
  return text === undefined || text.includes('\uFFFD') ? null : text
}
