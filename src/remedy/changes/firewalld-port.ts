import type { Host } from '../../host/host.ts'
import type { Answer } from '../../model/answer.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { ChangeKind, FirewalldChange } from '../change.ts'

const TIMEOUT_MS = 30_000
const MOST_BYTES = 1024 * 1024

/** A port of a zone of firewalld. It bears no tag: that it was not open before is known from the plan alone. */
export const firewalldPort: ChangeKind<FirewalldChange> = {
  async apply(host, change) {
    if ((await isOpen(host, change)) === 'yes') return change
    await runFirewalld(host, change, 'add')
    return change
  },

  async state(host, change) {
    const open = await isOpen(host, change)
    return open === 'unknown' ? 'unknown' : open === 'yes' ? 'present' : 'absent'
  },

  async undo(host, change) {
    const open = await isOpen(host, change)
    if (open === 'unknown') return { outcome: 'left', why: errorText('error.left.firewalld-silent') }
    if (open === 'yes') await runFirewalld(host, change, 'remove')
    await dropOwnFile(host, change)
    return { outcome: open === 'yes' ? 'undone' : 'was-gone' }
  },
}

/** Is the port open in that configuration? Needs no right to change anything. */
export async function isOpen(host: Host, change: FirewalldChange): Promise<Answer> {
  const { exitCode } = await host.services.run(command(change, 'query'), { timeoutMs: TIMEOUT_MS })
  return exitCode === 0 ? 'yes' : exitCode === 1 ? 'no' : 'unknown'
}

function command(change: FirewalldChange, verb: 'query' | 'add' | 'remove'): readonly string[] {
  const { zone, port, configuration } = change
  if (!/^[\w.-]{1,64}$/.test(zone)) throw new RangeError(`not the name of a zone: ${zone}`)
  if (!/^\d{1,5}\/(?:tcp|udp)$/.test(port)) throw new RangeError(`not a port: ${port}`)
  const permanent = configuration === 'permanent' ? ['--permanent'] : []
  return ['firewall-cmd', ...permanent, `--zone=${zone}`, `--${verb}-port=${port}`]
}

async function runFirewalld(host: Host, change: FirewalldChange, verb: 'add' | 'remove'): Promise<void> {
  const { exitCode, stderr } = await host.services.run(command(change, verb), { timeoutMs: TIMEOUT_MS })
  if (exitCode === 0) return
  const said = stderr.trim().split('\n')[0]?.slice(0, 200) ?? ''
  const code = /AUTHORIZATION_FAILED|NotAuthorized/i.test(stderr) ? 'not-permitted' : 'not-available'
  throw new PeerwayError(code, errorText('error.refuses-change', { program: 'firewalld', said }))
}

/** A zone that nobody had changed has a file only because of us: once it says what firewalld brings along, it goes. */
async function dropOwnFile(host: Host, { zone, configuration, ownFile }: FirewalldChange): Promise<void> {
  if (configuration !== 'permanent' || ownFile) return
  const own = zoneFile(zone)
  const [ours, builtIn] = await Promise.all(
    [own, `/usr/lib/firewalld/zones/${zone}.xml`].map((path) => host.files.read(path, { maxBytes: MOST_BYTES })),
  )
  if (ours !== undefined && builtIn !== undefined && plain(ours) === plain(builtIn)) await host.files.remove(own)
}

export function zoneFile(zone: string): string {
  return `/etc/firewalld/zones/${zone}.xml`
}

function plain(xml: string): string {
  const lines = xml.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').join('\n')
}
