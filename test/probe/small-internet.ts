import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Evidence } from '../../src/model/evidence.ts'
import type { ObservePlan } from '../../src/model/plan.ts'

export const NODE = '192.168.1.2'
export const ROUTER = '203.0.113.7'
export const FIRST = { primary: '203.0.113.10', alternate: '203.0.113.11' }
export const SECOND = '203.0.113.20'
export const SECOND_ALTERNATE = '203.0.113.21'
export const PORT = 3478

/** `forward`: DNAT rules of the router, from outside to the node. `hostRules`: an nft rule set inside the node's host. */
export interface SmallInternetOptions {
  readonly forward?: readonly string[]
  readonly hostRules?: string
  /** The node has a public address and no router translates. */
  readonly untranslated?: boolean
  /** The router puts its own inside address in the place of strangers'. */
  readonly rewriteSources?: boolean
}

const script = (name: string) => fileURLToPath(new URL(`./real/${name}`, import.meta.url))

/**
 * A node, a router and a piece of Internet out of four network namespaces, with the kernel's own NAT between. `close`
 * ends every process and takes every namespace away.
 */
export class SmallInternet {
  readonly #names: readonly [string, string, string, string]
  readonly #children: ChildProcess[] = []
  readonly #stateFolder = mkdtempSync(join(tmpdir(), 'pr-state-'))

  constructor(options: SmallInternetOptions = {}) {
    const tag = `pr-${process.pid}-${Math.random().toString(36).slice(2, 6)}`
    this.#names = [`${tag}-n`, `${tag}-r`, `${tag}-o`, `${tag}-f`]
    try {
      this.#build(options)
    } catch (error) {
      this.close()
      throw error
    }
  }

  #build(options: SmallInternetOptions): void {
    const [node, router, outside, farther] = this.#names
    for (const name of this.#names) execFileSync('ip', ['netns', 'add', name])
    execFileSync('ip', ['-batch', '-'], { input: links(router, { lan: node, wan1: outside, wan2: farther }) })
    for (const [name, commands] of [
      [node, addressesOf('eth0', [`${NODE}/24`], '192.168.1.1')],
      [router, [...SWITCH, ...addressesOf('lan', ['192.168.1.1/24']), ...addressesOf('wan', [`${ROUTER}/24`])]],
      [outside, addressesOf('eth0', [`${FIRST.primary}/24`, `${FIRST.alternate}/24`], ROUTER)],
      [farther, addressesOf('eth0', [`${SECOND}/24`, `${SECOND_ALTERNATE}/24`], ROUTER)],
    ] as const) {
      execFileSync('ip', ['-n', name, '-batch', '-'], { input: commands.join('\n') })
    }
    execFileSync('ip', ['netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    this.#load(router, options.untranslated ? '' : routerRules(options))
    if (options.hostRules !== undefined) this.#load(node, options.hostRules)
  }

  /** Starts a vantage outside and waits until it listens. */
  async startVantage(options: { addresses: readonly string[]; alternate?: string; token?: string }): Promise<void> {
    const place = options.addresses.includes(SECOND) ? 3 : 2
    await this.#start(this.#names[place]!, [script('vantage.mjs'), JSON.stringify({ ...options, port: PORT })])
  }

  /** Starts a node that listens on the ports given, and waits until it does. It greets as libp2p does. */
  async startNode(listeners: readonly { transport: 'udp' | 'tcp'; port: number; address?: string }[]): Promise<void> {
    await this.#start(this.#names[0], [script('node.mjs'), JSON.stringify(listeners)])
  }

  /** Runs `observe` in the node's namespace; `asUser`: without root. */
  async observe(
    plan: Pick<ObservePlan, 'ports'> & {
      readonly vantages: readonly string[]
      readonly publicStunServers?: readonly string[]
    },
    asUser = false,
  ): Promise<{ readonly evidence: readonly Evidence[]; readonly tookMs: number }> {
    const specs = (hosts: readonly string[] = []) => hosts.map((host) => ({ name: host, host, port: PORT }))
    const whole: ObservePlan = {
      ports: plan.ports,
      vantages: specs(plan.vantages),
      publicStunServers: specs(plan.publicStunServers),
      stateFolder: this.#stateFolder,
    }
    const user = asUser ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'] : []
    if (asUser) execFileSync('chown', ['-R', '65534:65534', this.#stateFolder])
    // Its own process ids too: peerway takes every network namespace that it sees for a container's.
    const alone = ['unshare', '--pid', '--fork', '--mount-proc']
    const inside = ['netns', 'exec', this.#names[0], ...alone, ...user, process.execPath, script('observe.mjs')]
    const output = execFileSync('ip', [...inside, JSON.stringify(whole)], { maxBuffer: 1 << 24 })
    return JSON.parse(output.toString())
  }

  /** From now on, the times in ms since 1970 at which the node sends anything to `address`. */
  async packetsTo(address: string): Promise<readonly number[]> {
    const filter = `src host ${NODE} and dst host ${address}`
    const capture = ['tcpdump', '-i', 'eth0', '-n', '-tt', '-l', '--immediate-mode', filter]
    const child = spawn('ip', ['netns', 'exec', this.#names[0], ...capture], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.push(child)
    const timesMs: number[] = []
    createInterface({ input: child.stdout }).on('line', (line) => timesMs.push(1000 * Number.parseFloat(line)))
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening on')) return timesMs
    throw new Error('tcpdump ended before it listened')
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const name of this.#names) execFileSync('ip', ['netns', 'del', name])
    rmSync(this.#stateFolder, { recursive: true })
  }

  #load(name: string, rules: string): void {
    execFileSync('ip', ['netns', 'exec', name, 'nft', '-f', '-'], { input: rules })
  }

  async #start(name: string, command: readonly string[]): Promise<void> {
    const child = spawn('nsenter', [`--net=/run/netns/${name}`, process.execPath, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#children.push(child)
    for await (const _ready of createInterface({ input: child.stdout! })) return
    throw new Error(`${command[0]} ended before it was ready`)
  }
}

/** One veth pair for each of the router's devices, to the eth0 of a namespace. */
function links(router: string, others: Readonly<Record<string, string>>): string {
  return Object.entries(others)
    .map(([device, other]) => `link add name eth0 netns ${other} type veth peer name ${device} netns ${router}`)
    .join('\n')
}

/** The router's outer device is a switch, to which both places outside are plugged. */
const SWITCH = [
  'link add name wan type bridge',
  ...['wan1', 'wan2'].flatMap((port) => [`link set ${port} master wan`, `link set ${port} up`]),
]

function addressesOf(device: string, addresses: readonly string[], gateway?: string): readonly string[] {
  return [
    'link set lo up',
    `link set ${device} up`,
    ...addresses.map((address) => `address add ${address} dev ${device}`),
    ...(gateway === undefined ? [] : [`route add default via ${gateway}`]),
  ]
}

function routerRules({ forward = [], rewriteSources = false }: SmallInternetOptions): string {
  return `table ip nat {
    chain in { type nat hook prerouting priority dstnat; ${forward.map((rule) => `iifname "wan" ${rule};`).join(' ')} }
    chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade;
      ${rewriteSources ? 'oifname "lan" masquerade;' : ''} }
  }
  table ip filter {
    chain forward { type filter hook forward priority 0; policy drop;
      ct state established,related accept; iifname "lan" accept; ct status dnat accept;
      iifname "wan" oifname "wan" accept; }
    chain input { type filter hook input priority 0; policy accept; iifname "wan" ip protocol != icmp drop; }
  }
  `
}
