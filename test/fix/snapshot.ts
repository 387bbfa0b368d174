import { runInside } from '../../src/lab/lab.ts'
import type { LabState } from '../../src/lab/lab-state.ts'

const NODE_COMMANDS = [
  'nft --stateless list ruleset',
  // Reading makes an older table; one that is not there yet is not read.
  'for t in $(cat /proc/net/ip_tables_names 2>/dev/null); do iptables-legacy-save -t $t; done',
  'for t in $(cat /proc/net/ip6_tables_names 2>/dev/null); do ip6tables-legacy-save -t $t; done',
  'sysctl -a 2>/dev/null | grep -E "forward|rp_filter|accept_ra "',
  "find /etc -type f ! -name '*.old' -printf '%p %m %U %G\\n' | sort",
  "find /etc -type f ! -name '*.old' -exec sha256sum {} + | sort",
] as const

/**
 * All that a repair may change, as text: rules of both back ends, settings, all of /etc but for a firewall tool's own
 * backup copies, and the rules of the router.
 */
export async function snapshot(lab: LabState): Promise<Readonly<Record<string, string>>> {
  const router = lab.namespaces.some((name) => name.endsWith('-box'))
  const entries = await Promise.all([
    ...NODE_COMMANDS.map(async (command) => [command, await say(lab, 'node', command)] as const),
    ...(router ? [say(lab, 'box', 'nft --stateless list ruleset').then((text) => ['router', text] as const)] : []),
  ])
  return Object.fromEntries(entries)
}

async function say(lab: LabState, host: string, command: string): Promise<string> {
  const { stdout } = await runInside(lab, host, ['sh', '-c', command])
  // Comments of a save tell the time; counters go up with every packet.
  return stdout.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '[0:0]')
}
