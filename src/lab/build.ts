import type { DelayTask } from './delay-task.ts'
import { type Cable, ETHERNET_MTU, type LabPlan, type NamespacePlan } from './lab-plan.ts'
import { namespaceFile } from './namespace.ts'
import { runTool, tryTool } from './tool.ts'

/** Names of the namespaces that a lab makes: one for everybody in it, and its own for cables. */
export function namespaceOf(lab: string, name: string): string {
  return `pw-${lab}-${name}`
}

/** Names that nobody in a topology can have, for they hold a capital letter. */
const WIRES = 'Wires'
export const DELAY = 'Delay'
const TUNNELS = 'Tunnels'

export function namespacesOf(lab: string, plan: LabPlan): readonly string[] {
  const own = plan.cables.some(takesTime) ? [WIRES, DELAY, TUNNELS] : [WIRES]
  return [...own, ...plan.namespaces.map((each) => each.name)].map((name) => namespaceOf(lab, name))
}

function takesTime({ delayMs, jitterMs }: Cable): boolean {
  return delayMs > 0 || jitterMs > 0
}

/** `delay`: the work of the process that holds frames back, which must run in the namespace DELAY; null when the kernel does it. */
export interface Built {
  readonly delay: DelayTask | null
}

/**
 * Makes namespaces, cables, addresses, routes and rules of a lab. The kernel does each step in well under a
 * millisecond; what costs is starting programs, so each step is one batch.
 */
export async function build(lab: string, plan: LabPlan): Promise<Built> {
  const namespaces = namespacesOf(lab, plan)
  await runTool(['ip', '-batch', '-'], namespaces.map((name) => `netns add ${name}\n`).join(''))
  const delayed = plan.cables.filter(takesTime)
  const byKernel = delayed.length > 0 && (await kernelDelays(lab))
  // The kernel's jitter puts packets out of order.
  const held = byKernel ? delayed.filter(({ jitterMs }) => jitterMs > 0) : delayed
  await layCables(lab, plan, held)
  if (held.length > 0) await layTunnels(lab, plan, held)
  if (plan.cables.some(({ mtu }) => mtu < ETHERNET_MTU)) await cutBeforeSending(lab, plan)
  await Promise.all([
    ...plan.namespaces.map((each) => furnish(lab, each)),
    ...(byKernel ? [delayByKernel(lab, plan.cables, held)] : []),
  ])
  if (held.length === 0) return { delay: null }
  const lines = held.flatMap(({ delayMs, jitterMs, reorderPercent }, index) => [
    { inPort: 50_001 + 2 * index, outPort: 47_002 + 2 * index, delayMs, jitterMs, reorderPercent },
    { inPort: 50_002 + 2 * index, outPort: 47_001 + 2 * index, delayMs, jitterMs, reorderPercent },
  ])
  return { delay: { address: FAR, target: NEAR, lines } }
}

/** Networks are bridges in a namespace of their own; everybody's interface is the far end of a cable from there. */
async function layCables(lab: string, plan: LabPlan, held: readonly Cable[]): Promise<void> {
  const wires = namespaceOf(lab, WIRES)
  const bridges = plan.networks.flatMap((_, index) => [
    `link add b${index} type bridge mcast_snooping 0`,
    `link set b${index} up`,
  ])
  const ports = plan.cables.flatMap((cable, index) => {
    if (held.includes(cable)) return []
    const far = `peer name ${cable.interface} netns ${namespaceOf(lab, cable.namespace)}`
    return [`link add p${index} type veth ${far}`, ...plug(plan, cable, index)]
  })
  await runTool(['ip', '-n', wires, '-batch', '-'], [...bridges, ...ports, ''].join('\n'))
  const losses = plan.cables.flatMap(({ lossPercent }, index) => (lossPercent > 0 ? lossRules(index, lossPercent) : []))
  if (losses.length > 0) await inside(wires, ['nft', '-f', '-'], lossTable(losses))
}

function plug(plan: LabPlan, cable: Cable, index: number): readonly string[] {
  return [`link set p${index} master b${plan.networks.indexOf(cable.network)} up`]
}

/** Each packet of IP is lost with this chance, each way; what keeps neighbours known is not, as on a real access line. */
function lossRules(index: number, percent: number): readonly string[] {
  const chance = `numgen random mod 10000 < ${Math.round(percent * 100)} drop`
  return [`iifname p${index} ${chance}`, `oifname p${index} ${chance}`]
}

function lossTable(rules: readonly string[]): string {
  return `table bridge peerway-loss {
  chain forward {
    type filter hook forward priority filter
    ether type arp accept
    ether type ip6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    ${rules.join('\n    ')}
  }
}`
}

/** Frames of TCP that the kernel leaves whole until a device cuts them would pass where they are too long. */
async function cutBeforeSending(lab: string, plan: LabPlan): Promise<void> {
  await Promise.all(
    plan.cables.map(({ namespace, interface: name }) =>
      inside(namespaceOf(lab, namespace), ['ethtool', '-K', name, 'tso', 'off', 'gso', 'off', 'gro', 'off']),
    ),
  )
}

async function kernelDelays(lab: string): Promise<boolean> {
  const wires = namespaceFile(namespaceOf(lab, WIRES))
  const tried = await tryTool([
    'nsenter',
    `--net=${wires}`,
    'tc',
    'qdisc',
    'add',
    'dev',
    'lo',
    'root',
    'netem',
    'delay',
    '1ms',
  ])
  return tried.status === 0
}

async function delayByKernel(lab: string, cables: readonly Cable[], held: readonly Cable[]): Promise<void> {
  for (const [index, cable] of cables.entries()) {
    const { namespace, interface: name, delayMs } = cable
    if (delayMs === 0 || held.includes(cable)) continue
    const ends = [[WIRES, `p${index}`] as const, [namespace, name] as const]
    for (const [where, device] of ends) {
      const add = ['tc', 'qdisc', 'add', 'dev', device, 'root', 'netem', 'delay', `${delayMs}ms`, 'limit', '20000']
      await inside(namespaceOf(lab, where), add)
    }
  }
}

const NEAR = '10.67.0.1'
const FAR = '10.67.0.2'

/**
 * Without netem, a delayed cable is a pair of VXLAN devices whose datagrams go through a process that holds each of
 * them back. The devices are made in one namespace, where their sockets stay, and then moved to both ends.
 * The process must not be in that namespace: towards its own address the kernel would take a short cut.
 */
async function layTunnels(lab: string, plan: LabPlan, held: readonly Cable[]): Promise<void> {
  const [wires, delay, tunnels] = [WIRES, DELAY, TUNNELS].map((name) => namespaceOf(lab, name)) as [
    string,
    string,
    string,
  ]
  const ends = held.flatMap((_, index) => [
    { device: `a${index}`, vni: 2 * index + 1, port: 47_001 + 2 * index, to: 50_001 + 2 * index },
    { device: `b${index}`, vni: 2 * index + 1, port: 47_002 + 2 * index, to: 50_002 + 2 * index },
  ])
  const make = [
    `link add far mtu 9000 type veth peer name far netns ${delay} mtu 9000`,
    `addr add ${NEAR}/30 dev far`,
    'link set far up',
    ...ends.map(({ device, vni, port }) => {
      return `link add ${device} mtu 1500 type vxlan id ${vni} local ${NEAR} dstport ${port} nolearning`
    }),
  ]
  await runTool(['ip', '-n', tunnels, '-batch', '-'], `${make.join('\n')}\n`)
  const entries = ends.map(({ device, to }) => `fdb append 00:00:00:00:00:00 dev ${device} dst ${FAR} port ${to}\n`)
  await runTool(['bridge', '-n', tunnels, '-batch', '-'], entries.join(''))
  const moves = held.flatMap((cable, index) => [
    `link set a${index} netns ${namespaceOf(lab, cable.namespace)} name ${cable.interface}`,
    `link set b${index} netns ${wires} name p${plan.cables.indexOf(cable)}`,
  ])
  const plugs = held.flatMap((cable) => plug(plan, cable, plan.cables.indexOf(cable)))
  await Promise.all([
    runTool(['ip', '-n', tunnels, '-batch', '-'], `${moves.join('\n')}\n`),
    runTool(['ip', '-n', delay, '-batch', '-'], `addr add ${FAR}/30 dev far\nlink set far up\n`),
  ])
  await runTool(['ip', '-n', wires, '-batch', '-'], `${plugs.join('\n')}\n`)
  // A frame whose checksum is left to a device that is not there would arrive broken.
  await Promise.all(
    held.flatMap((cable) => {
      const port = `p${plan.cables.indexOf(cable)}`
      return [
        inside(namespaceOf(lab, cable.namespace), ['ethtool', '-K', cable.interface, 'tx', 'off']),
        inside(wires, ['ethtool', '-K', port, 'tx', 'off']),
      ]
    }),
  )
}

/** Settings, addresses, routes and rules of one host or box, by one shell in its namespace. */
async function furnish(lab: string, plan: NamespacePlan): Promise<void> {
  const script = [
    ...plan.sysctls.map(([path, value]) => `[ ! -e /proc/sys/${path} ] || echo ${value} >/proc/sys/${path}`),
    ...input('ip -batch -', plan.ip.join('\n')),
    ...(plan.nft === '' ? [] : input('nft -f -', plan.nft)),
    ...(plan.iptables === '' ? [] : input('iptables-restore', plan.iptables)),
  ]
  await inside(namespaceOf(lab, plan.name), ['sh', '-e'], `${script.join('\n')}\n`)
}

function input(command: string, text: string): readonly string[] {
  return [`${command} <<'END_OF_INPUT'`, text.trimEnd(), 'END_OF_INPUT']
}

/** Runs a tool inside a namespace. */
export async function inside(namespace: string, command: readonly string[], stdin = ''): Promise<string> {
  return runTool(['nsenter', `--net=${namespaceFile(namespace)}`, ...command], stdin)
}
