import type { SysctlChange } from '../change.ts'

/** Read after what a distribution brings along. */
export const OWN_SETTINGS = '/etc/sysctl.d/60-peerway.conf'

/** Read last of all; what it sets, no other file can. */
export const LAST_SETTINGS = '/etc/sysctl.conf'

/** The text of a file of settings with one more at its end; `text` is null for a file that is not there yet. */
export function withSetting(text: string | null, { name, to }: SysctlChange): string {
  const before = text ?? '# Written by peerway fix. peerway undo takes it out again.\n'
  return `${before}${before.endsWith('\n') || before === '' ? '' : '\n'}${name} = ${to}\n`
}

/**
 * Does a file of settings set this one, or one for all interfaces, which the kernel copies to each? Dots and slashes are
 * the same there.
 */
export function setsIt(text: string, { name }: SysctlChange): boolean {
  const plain = (word: string) => word.replaceAll('/', '.')
  const names = [plain(name), ...forAll(name).map(plain)]
  return text.split('\n').some((line) => {
    const [, key] = /^\s*-?\s*([^#;=\s]+)\s*=/.exec(line) ?? []
    return key !== undefined && names.includes(plain(key))
  })
}

/** `ip_forward` is another name of IPv4's `forwarding` for all. */
function forAll(name: string): readonly string[] {
  const [, family, setting] = /^net\.(ipv[46])\.conf\.[^.]+\.(\w+)$/.exec(name) ?? []
  if (family === undefined) return []
  const isForwarding = family === 'ipv4' && setting === 'forwarding'
  return [`net.${family}.conf.all.${setting}`, ...(isForwarding ? ['net.ipv4.ip_forward'] : [])]
}
