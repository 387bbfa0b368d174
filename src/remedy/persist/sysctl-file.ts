import type { SysctlChange } from '../change.ts'

/** The text of a file of settings with one more at its end; `text` is null for a file that is not there yet. */
export function withSetting(text: string | null, { name, to }: SysctlChange): string {
  const before = text ?? '# Written by peerway fix. peerway undo takes it out again.\n'
  return `${before}${before.endsWith('\n') || before === '' ? '' : '\n'}${name} = ${to}\n`
}

/**
 * What a file of settings leaves this one at; undefined where it does not set it. Settings for all interfaces count, which
 * the kernel copies to each, and patterns, as systemd knows them. Dots and slashes are the same there.
 */
export function valueSetBy(text: string, { name }: Pick<SysctlChange, 'name'>): string | undefined {
  const names = [name, ...otherNames(name)].map(plain)
  const values = text.split('\n').flatMap((line) => {
    const [, key, value] = /^\s*-?\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    return key !== undefined && names.some((one) => patternOf(plain(key)).test(one)) ? [value!] : []
  })
  return values.at(-1)
}

function plain(name: string): string {
  return name.replaceAll('/', '.')
}

function patternOf(key: string): RegExp {
  const parts = key.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^.]*')}$`)
}

/** `ip_forward` is another name of IPv4's `forwarding` for all. */
function otherNames(name: string): readonly string[] {
  if (name === 'net.ipv4.ip_forward') return ['net.ipv4.conf.all.forwarding']
  const [, family, setting] = /^net\.(ipv[46])\.conf\.[^.]+\.(\w+)$/.exec(name) ?? []
  if (family === undefined) return []
  const isForwarding = family === 'ipv4' && setting === 'forwarding'
  return [`net.${family}.conf.all.${setting}`, ...(isForwarding ? ['net.ipv4.ip_forward'] : [])]
}
