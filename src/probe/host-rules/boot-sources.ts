import type { Host } from '../../host/host.ts'
import type { Answer } from '../../model/answer.ts'
import { PeerwayError } from '../../model/error.ts'
import type { BootSource } from '../../model/evidence.ts'

interface Known {
  readonly name: BootSource['name']
  /** Rules or settings; any of them shows that it is here. */
  readonly files: readonly string[]
  /** systemd's link to its unit, in one of `WANTS`. */
  readonly unit: string
  /** A setting that switches it off all the same, in its first file. */
  readonly setting?: RegExp
}

const KNOWN: readonly Known[] = [
  { name: 'nftables', files: ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'], unit: 'nftables' },
  {
    name: 'netfilter-persistent',
    files: ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6'],
    unit: 'netfilter-persistent',
  },
  { name: 'iptables', files: ['/etc/sysconfig/iptables', '/etc/iptables/iptables.rules'], unit: 'iptables' },
  { name: 'ufw', files: ['/etc/ufw/ufw.conf'], unit: 'ufw', setting: /^\s*ENABLED\s*=\s*"?yes\b/im },
  { name: 'firewalld', files: ['/etc/firewalld/firewalld.conf'], unit: 'firewalld' },
  // It puts rules of its own before those of others, whenever it starts.
  { name: 'docker', files: ['/run/docker.pid', '/lib/systemd/system/docker.service'], unit: 'docker' },
]

const WANTS = ['sysinit', 'basic', 'multi-user', 'network-pre'].map(
  (target) => `/etc/systemd/system/${target}.target.wants`,
)

const MOST_BYTES = 1024 * 1024

/** Everything known that may load rules when this host starts, by the files that it has. Needs no root. */
export async function findBootSources(host: Host): Promise<readonly BootSource[]> {
  const found = await Promise.all(KNOWN.map((known) => lookFor(host, known)))
  return found.flat()
}

async function lookFor(host: Host, { name, files, unit, setting }: Known): Promise<readonly BootSource[]> {
  const texts = await Promise.all(files.map((file) => textOf(host, file)))
  const here = files.filter((_, index) => texts[index] !== undefined)
  if (here.length === 0) return []
  const isOn = setting === undefined || setting.test(texts[0] ?? '')
  const enabled = isOn ? await isStarted(host, unit) : 'no'
  return here.map((file) => ({ name, file, enabled }))
}

/** `unknown` on a host without systemd. */
async function isStarted(host: Host, unit: string): Promise<Answer> {
  const links = await Promise.all(WANTS.map((folder) => textOf(host, `${folder}/${unit}.service`)))
  if (links.some((text) => text !== undefined)) return 'yes'
  return (await textOf(host, '/proc/1/comm'))?.trim() === 'systemd' ? 'no' : 'unknown'
}

/** Undefined where there is no such file, or it may not be read; empty where it is too long. */
async function textOf(host: Host, path: string): Promise<string | undefined> {
  try {
    return await host.files.read(path, { maxBytes: MOST_BYTES })
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return error.code === 'bad-input' ? '' : undefined
  }
}
