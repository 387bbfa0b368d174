import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LineWorker } from './line-worker.ts'

/** Three namespaces in a row: senders `a`, the host `h` whose rules are tried, and `c` behind it. */
const NAMES = { a: `rs-a-${process.pid}`, h: `rs-h-${process.pid}`, c: `rs-c-${process.pid}` }
type Name = keyof typeof NAMES

export const MACS = { a: '020000000a01', h: '020000000801', h1: '020000000802', c: '020000000c01' }

const SENDERS_OBSERVER = `
flush ruleset
table inet seen {
  set icmp4 { typeof ip daddr . icmp code; flags dynamic; size 65535; }
  set icmp6 { typeof ip6 daddr . icmpv6 code; flags dynamic; size 65535; }
  set rst4 { typeof ip daddr; flags dynamic; size 65535; }
  set rst6 { typeof ip6 daddr; flags dynamic; size 65535; }
  chain pre { type filter hook prerouting priority -300; policy drop;
    icmp type destination-unreachable add @icmp4 { ip daddr . icmp code }
    icmpv6 type destination-unreachable add @icmp6 { ip6 daddr . icmpv6 code }
    ip version 4 tcp flags & rst == rst add @rst4 { ip daddr }
    ip6 version 6 tcp flags & rst == rst add @rst6 { ip6 daddr }
  }
}
`

/** Notes whatever comes to a hook, last of all chains, and lets nobody answer. */
function arrivals(hook: string, priority: number): string {
  return `
table inet seen {
  set ports4 { typeof ip id . ip daddr . th dport; flags dynamic; size 65535; }
  set ports6 { typeof ip6 saddr . ip6 daddr . th dport; flags dynamic; size 65535; }
  set icmp4 { typeof ip id . ip daddr; flags dynamic; size 65535; }
  set icmp6 { typeof ip6 saddr . ip6 daddr; flags dynamic; size 65535; }
  chain arrivals { type filter hook ${hook} priority ${priority}; policy drop;
    meta l4proto { tcp, udp } add @ports4 { ip id . ip daddr . th dport }
    meta l4proto { tcp, udp } add @ports6 { ip6 saddr . ip6 daddr . th dport }
    meta l4proto icmp add @icmp4 { ip id . ip daddr }
    meta l4proto ipv6-icmp add @icmp6 { ip6 saddr . ip6 daddr }
  }
}
`
}

const LAST = 2147483646

/** What was seen of the packets that were sent. Keys: `id address port`, `id address`; for IPv6 the source instead of the id. */
export interface Seen {
  readonly here: ReadonlySet<string>
  readonly beyond: ReadonlySet<string>
  /** Senders to whom a TCP reset came. */
  readonly resets: ReadonlySet<string>
  /** `address code` of ICMP destination unreachable. */
  readonly unreachable: ReadonlySet<string>
}

/** The three namespaces, made once; `load`, `send` and `seen` are one try. */
export class Room {
  readonly #sender: LineWorker
  readonly #own: LineWorker
  #hasLegacy = false

  constructor() {
    try {
      this.#build()
    } catch (error) {
      removeNamespaces()
      throw error
    }
    const [a0] = JSON.parse(this.run('a', ['ip', '-j', 'link', 'show', 'a0'])) as [{ ifindex: number }]
    this.#sender = worker('a', 'send-frames.pl', [String(a0.ifindex), MACS.a, '0a080001', '0a080002'])
    this.#own = worker('h', 'send-own.pl', [])
  }

  #build(): void {
    for (const name of Object.values(NAMES)) execFileSync('ip', ['netns', 'add', name])
    link('a', 'a0', MACS.a, 'h', 'h0', MACS.h)
    link('h', 'h1', MACS.h1, 'c', 'c0', MACS.c)
    this.#configure()
    this.run('a', ['nft', '-f', '-'], SENDERS_OBSERVER)
    this.run('c', ['nft', '-f', '-'], arrivals('prerouting', -300))
  }

  #configure(): void {
    const ip = (name: Name, words: string) => this.run(name, ['ip', ...words.split(' ')])
    this.run('h', ['sysctl', '-q', '-w', ...SYSCTLS])
    for (const address of ['10.8.0.2/24', '10.8.0.3/24', 'fd08::2/64', 'fd08::3/64']) {
      ip('h', `addr add ${address} dev h0 ${address.includes(':') ? 'nodad' : ''}`.trim())
    }
    ip('h', 'addr add 10.7.0.1/24 dev h1')
    ip('h', 'addr add fd07::1/64 dev h1 nodad')
    ip('a', 'addr add 10.8.0.1/24 dev a0')
    for (const [name, device] of [
      ['a', 'a0'],
      ['a', 'lo'],
      ['h', 'h0'],
      ['h', 'h1'],
      ['h', 'lo'],
      ['c', 'c0'],
    ] as const) {
      ip(name, `link set ${device} up`)
    }
    for (const [address, mac, device] of [
      ['10.8.0.1', MACS.a, 'h0'],
      ['fd08::1', MACS.a, 'h0'],
      ['10.7.0.2', MACS.c, 'h1'],
      ['fd07::2', MACS.c, 'h1'],
    ]) {
      ip('h', `neigh replace ${address} lladdr ${mac!.match(/../g)!.join(':')} dev ${device} nud permanent`)
    }
    ip('h', 'route add 10.9.0.0/24 via 10.8.0.1')
    ip('h', '-6 route add fd09::/64 via fd08::1')
    ip('h', 'route add 10.7.1.0/24 via 10.7.0.2')
    ip('h', '-6 route add fd07:1::/64 via fd07::2')
  }

  run(name: Name, command: readonly string[], stdin = ''): string {
    const done = this.try(name, command, stdin)
    if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`)
    return done.stdout
  }

  try(name: Name, command: readonly string[], stdin = '') {
    const words = [`--net=/run/netns/${NAMES[name]}`, ...command]
    return spawnSync('nsenter', words, { input: stdin, encoding: 'utf8', maxBuffer: 1 << 28 })
  }

  /** Replaces all nft rules of the host; false when the kernel refuses them. */
  loadNft(rules: string): { readonly ok: boolean; readonly why: string } {
    const done = this.try('h', ['nft', '-f', '-'], `flush ruleset\n${rules}\n${arrivals('input', LAST)}`)
    return { ok: done.status === 0, why: done.stderr }
  }

  /** After `loadNft`, which takes iptables-nft's tables away. False when a rule is refused. */
  loadIptables(backend: 'nft' | 'legacy' | null, ip: string, ip6: string): boolean {
    if (this.#hasLegacy) this.#restore('legacy', EMPTY_TABLES, EMPTY_TABLES)
    this.#hasLegacy = backend === 'legacy'
    return backend === null || this.#restore(backend, ip, ip6)
  }

  #restore(backend: 'nft' | 'legacy', ip: string, ip6: string): boolean {
    return [
      ['iptables', ip],
      ['ip6tables', ip6],
    ].every(([name, rules]) => this.try('h', [`${name}-${backend}-restore`], rules).status === 0)
  }

  /** Sends frames from the neighbour, or, as packets of its own, from the host. */
  async send(frames: readonly Buffer[], from: 'a' | 'h' = 'a'): Promise<void> {
    this.run('h', ['conntrack', '-F'])
    this.run('a', ['nft', '-f', '-'], flush(['icmp4', 'icmp6', 'rst4', 'rst6']))
    this.run('c', ['nft', '-f', '-'], flush(['ports4', 'ports6', 'icmp4', 'icmp6']))
    const ETHERNET_BYTES = 14
    if (from === 'h') await this.#own.work(frames.map((frame) => frame.subarray(ETHERNET_BYTES).toString('hex')))
    await this.#sender.work(from === 'a' ? frames.map((frame) => frame.toString('hex')) : [])
  }

  seen(): Seen {
    const [here, beyond, back] = (['h', 'c', 'a'] as const).map((name) =>
      setsOf(this.run(name, ['nft', '-j', 'list', 'table', 'inet', 'seen'])),
    )
    const all = (sets: Map<string, string[]>, ...names: string[]) =>
      new Set(names.flatMap((name) => sets.get(name) ?? []))
    return {
      here: all(here!, 'ports4', 'ports6', 'icmp4', 'icmp6'),
      beyond: all(beyond!, 'ports4', 'ports6', 'icmp4', 'icmp6'),
      resets: all(back!, 'rst4', 'rst6'),
      unreachable: all(back!, 'icmp4', 'icmp6'),
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#sender.close(), this.#own.close()])
    removeNamespaces()
  }
}

/** What a kernel without such rules would have. */
const EMPTY_TABLES = ['raw', 'mangle', 'nat', 'filter']
  .map((name) => `*${name}\n${name === 'filter' ? ':INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n' : ''}COMMIT\n`)
  .join('')

const SYSCTLS = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv4.icmp_ratemask=0',
  'net.ipv4.icmp_msgs_per_sec=1000000',
  'net.ipv4.icmp_msgs_burst=100000',
  'net.ipv6.icmp.ratelimit=0',
]

function removeNamespaces(): void {
  for (const name of Object.values(NAMES)) spawnSync('ip', ['netns', 'del', name])
}

/** All on one processor: what one sends and what it causes is dealt with in order then. */
function worker(name: Name, script: string, words: readonly string[]): LineWorker {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return new LineWorker('nsenter', [`--net=/run/netns/${NAMES[name]}`, 'taskset', '-c', '0', 'perl', path, ...words])
}

function link(
  left: Name,
  leftDevice: string,
  leftMac: string,
  right: Name,
  rightDevice: string,
  rightMac: string,
): void {
  const colons = (mac: string) => mac.match(/../g)!.join(':')
  const one = ['link', 'add', leftDevice, 'address', colons(leftMac), 'netns', NAMES[left], 'type', 'veth']
  execFileSync('ip', [...one, 'peer', 'name', rightDevice, 'address', colons(rightMac), 'netns', NAMES[right]])
}

function flush(sets: readonly string[]): string {
  return sets.map((set) => `flush set inet seen ${set}\n`).join('')
}

/** Elements of every set of a listing, their parts joined by blanks. ICMP codes come by name or number. */
function setsOf(listing: string): Map<string, string[]> {
  const { nftables } = JSON.parse(listing) as { nftables: { set?: { name: string; elem?: unknown[] } }[] }
  return new Map(
    nftables.flatMap(({ set }) => (set === undefined ? [] : [[set.name, (set.elem ?? []).map(elementText)] as const])),
  )
}

function elementText(element: unknown): string {
  const value = (element as { elem?: { val: unknown } }).elem?.val ?? element
  const parts = typeof value === 'object' ? (value as { concat: unknown[] }).concat : [value]
  return parts.join(' ')
}
