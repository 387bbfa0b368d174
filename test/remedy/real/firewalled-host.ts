import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { EndpointKey } from '../../../src/model/endpoint.ts'
import type { Change, ChangeContent, ChangeState, UndoResult } from '../../../src/remedy/change.ts'
import type { Persistence } from '../../../src/remedy/persist.ts'
import type { AcceptPlan, AcceptRequest } from '../../../src/remedy/plan-accept.ts'
import { missingForNamespaces, Running, sh } from '../../host/in-namespace.ts'

const AGENT = resolve(import.meta.dirname, 'agent.mjs')

export function missingForChanges(...programs: readonly string[]): string | undefined {
  const missing = missingForNamespaces('ip', 'nft', 'nc', 'nsenter', ...programs)
  return missing ?? (existsSync('dist/remedy/persist.js') ? undefined : 'needs npm run build')
}

export const HOST4 = '203.0.113.10'
export const HOST6 = '2001:db8:77::10'
export const GUEST = '172.29.0.2'
export const GUEST6 = 'fd00:77::2'
export const TCP4: EndpointKey = { transport: 'tcp', family: 'ipv4', port: 4001 }

/** Answers on TCP and UDP, of both families. */
const LISTEN = `
  import { createServer } from 'node:net'
  import { createSocket } from 'node:dgram'
  createServer((socket) => socket.on('error', () => {}).end('hello')).listen({ port: 4001, host: '::' }, () => {
    const udp = createSocket({ type: 'udp6' })
    udp.on('message', (_, from) => udp.send('hello', from.port, from.address)).bind(4001, () => console.log('"up"'))
  })`

/**
 * A host (203.0.113.10, 2001:db8:77::10) with folders /etc and /run of its own, a guest behind it (172.29.0.2), and a
 * stranger in front of it. A program on the host waits to change it.
 */
export class FirewalledHost {
  readonly #stranger: string
  readonly #host: string
  readonly #guest: string
  readonly #agent: Running
  readonly #others: ChildProcess[] = []

  private constructor(id: string) {
    ;[this.#stranger, this.#host, this.#guest] = [`hc-s-${id}`, `hc-h-${id}`, `hc-g-${id}`]
    const [s, h, g] = [this.#stranger, this.#host, this.#guest]
    sh(`
      for n in ${s} ${h} ${g}; do ip netns add $n; ip -n $n link set lo up; done
      ip link add eth0 netns ${h} type veth peer name eth0 netns ${s}
      ip link add guest0 netns ${h} type veth peer name eth0 netns ${g}
      for n in ${s} ${h} ${g}; do ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0; done
      ip -n ${s} addr add 203.0.113.1/24 dev eth0; ip -n ${s} addr add 2001:db8:77::1/64 dev eth0 nodad
      ip -n ${h} addr add ${HOST4}/24 dev eth0; ip -n ${h} addr add ${HOST6}/64 dev eth0 nodad
      ip -n ${h} addr add 172.29.0.1/24 dev guest0; ip -n ${g} addr add ${GUEST}/24 dev eth0
      ip -n ${h} addr add fd00:77::1/64 dev guest0 nodad; ip -n ${g} addr add ${GUEST6}/64 dev eth0 nodad
      for n in ${s} ${h} ${g}; do ip -n $n link set eth0 up; done
      ip -n ${h} link set guest0 up
      ip -n ${h} route add default via 203.0.113.1; ip -n ${h} -6 route add default via 2001:db8:77::1
      ip -n ${g} route add default via 172.29.0.1; ip -n ${g} -6 route add default via fd00:77::1
      for d in eth0 guest0; do
        timeout 10 sh -c "until ip -n ${h} -o link show $d | grep -q 'state UP'; do sleep 0.05; done"
      done
    `)
    // The kernel removes the mounts with the last program in them.
    const mounts = `
      mount -t tmpfs tmpfs /mnt; mkdir /mnt/upper /mnt/work
      mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
      mount -t tmpfs tmpfs /run; mkdir /run/dbus
      mkdir -p /etc/iptables /etc/sysctl.d; rm -f /etc/nftables.conf /etc/sysctl.conf
      exec ${process.execPath} ${AGENT}`
    this.#agent = new Running(
      spawn('ip', ['netns', 'exec', h, 'unshare', '--mount', 'sh', '-ec', mounts], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
  }

  static async open(id: string): Promise<FirewalledHost> {
    const host = new FirewalledHost(`${id}-${process.pid}`)
    await host.#agent.heard()
    await host.#listen(host.#host)
    await host.#listen(host.#guest)
    return host
  }

  async #listen(namespace: string): Promise<void> {
    const args = ['netns', 'exec', namespace, process.execPath, '--input-type=module', '-e', LISTEN]
    await this.#until(spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] }))
  }

  /** A program on the host, for as long as the host is there; resolves with its first line. */
  async start(...command: readonly string[]): Promise<void> {
    await this.#until(spawn('nsenter', [...this.#inside(), ...command], { stdio: ['ignore', 'pipe', 'inherit'] }))
  }

  async #until(child: ChildProcess): Promise<void> {
    this.#others.push(child)
    await once(createInterface({ input: child.stdout! }), 'line')
    child.stdout!.resume()
  }

  #inside(): readonly string[] {
    return [`--net=/run/netns/${this.#host}`, `--mount=/proc/${this.#agent.child.pid}/ns/mnt`]
  }

  /** A script on the host. */
  sh(script: string): string {
    const { status, stdout, stderr } = spawnSync('nsenter', [...this.#inside(), 'sh', '-ec', script], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${script}\n${stdout}${stderr}`)
    return stdout
  }

  /** The host without any rules and with forwarding off. */
  reset(): void {
    this.sh(`
      nft flush ruleset
      for t in iptables-legacy ip6tables-legacy; do
        for c in INPUT FORWARD OUTPUT; do $t -P $c ACCEPT; done; $t -F; $t -X
      done
      iptables-legacy -t raw -F; iptables-legacy -t nat -F; ip6tables-legacy -t nat -F
      sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
      rm -f /etc/nftables.conf /etc/iptables/* /etc/sysctl.d/60-peerway.conf /etc/sysctl.conf`)
  }

  nft(rules: string): void {
    // This nft wants an end of line before some closing braces.
    this.sh(`nft -f - <<'END'\n${rules.replaceAll('}', '}\n')}\nEND`)
  }

  /** Does a stranger's netcat get in, within `withinSeconds`? */
  getsIn(address = HOST4, transport: 'tcp' | 'udp' = 'tcp', withinSeconds = 2): boolean {
    const udp = transport === 'udp' ? ['-u'] : []
    const netcat = ['timeout', `${withinSeconds}`, 'nc', ...udp, '-w', '1', address, '4001']
    const command = ['netns', 'exec', this.#stranger, ...netcat]
    return spawnSync('ip', command, { input: 'x', encoding: 'utf8' }).stdout.includes('hello')
  }

  /** All that a change may touch, without counters and the firewall tools' own backup copies. */
  snapshot(): string {
    return this.sh(`
      nft --stateless list ruleset 2>/dev/null
      for t in iptables-nft-save ip6tables-nft-save iptables-legacy-save ip6tables-legacy-save; do
        echo "== $t"; $t 2>/dev/null | grep -v '^#' | sed 's/\\[[0-9:]*\\]//' || true
      done
      sysctl -a 2>/dev/null | grep -E 'forward|accept_ra '
      for f in /etc/nftables.conf /etc/iptables /etc/sysctl.conf /etc/sysctl.d /etc/ufw /etc/firewalld; do
        [ -e $f ] && find -L $f -type f ! -name '*.old' -exec sh -c 'stat -c "%a %U %n" $1; cat $1' - {} \\;
      done
      true`)
  }

  async plan(
    ...requests: readonly AcceptRequest[]
  ): Promise<{ plans: readonly AcceptPlan[]; changes: readonly Change[] }> {
    const { plans, settings } = (await this.#ask({ do: 'plan', requests })) as {
      plans: readonly AcceptPlan[]
      settings: readonly ChangeContent[]
    }
    const contents = plans.flatMap((plan) => (plan.kind === 'planned' ? plan.changes : []))
    return { plans, changes: tagged([...contents, ...settings], 'real') }
  }

  async apply(changes: readonly Change[]): Promise<readonly Change[]> {
    return (await this.#ask({ do: 'apply', changes })) as readonly Change[]
  }

  async persist(changes: readonly Change[]): Promise<readonly Persistence[]> {
    return (await this.#ask({ do: 'persist', changes })) as readonly Persistence[]
  }

  async state(changes: readonly Change[]): Promise<readonly ChangeState[]> {
    return (await this.#ask({ do: 'state', changes })) as readonly ChangeState[]
  }

  async undo(changes: readonly Change[]): Promise<readonly UndoResult[]> {
    return (await this.#ask({ do: 'undo', changes })) as readonly UndoResult[]
  }

  /** In a program of its own, which is killed at its call number `killAt` of the host. False where it came to its end before. */
  async killed(what: 'apply' | 'undo', changes: readonly Change[], killAt: number, before: boolean): Promise<boolean> {
    const { status, signal } = spawnSync('nsenter', [...this.#inside(), process.execPath, AGENT], {
      input: `${JSON.stringify({ do: what, changes, killAt, before })}\n`,
    })
    return signal === 'SIGKILL' || status === 137
  }

  async #ask(question: object): Promise<unknown> {
    this.#agent.child.stdin!.write(`${JSON.stringify(question)}\n`)
    const answer = (await this.#agent.heard()) as { result: unknown } | { error: string; message: string }
    if ('error' in answer) throw Object.assign(new Error(answer.message), { code: answer.error })
    return answer.result
  }

  async close(): Promise<void> {
    for (const child of this.#others.toReversed()) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    await this.#agent.stop()
    for (const namespace of [this.#stranger, this.#host, this.#guest]) spawnSync('ip', ['netns', 'del', namespace])
  }
}

export function tagged(contents: readonly ChangeContent[], prefix: string): readonly Change[] {
  return contents.map((content, index) => ({ id: `${prefix}${String(index).padStart(4, '0')}`, ...content }))
}

/** What a repair does, from an unreachable port to a host that is as it was. Returns the changes that were made. */
export async function repairAndUndo(
  host: FirewalledHost,
  options: {
    readonly requests?: readonly AcceptRequest[]
    readonly getsIn?: (withinSeconds?: number) => boolean
    /** What shall hold while strangers get in. */
    readonly meanwhile?: (made: readonly Change[]) => void
  } = {},
): Promise<{ readonly made: readonly Change[]; readonly lasting: readonly Persistence['lasts'][] }> {
  const { requests = [{ key: TCP4 }], getsIn = (within?: number) => host.getsIn(HOST4, 'tcp', within) } = options
  const before = host.snapshot()
  // Silence cannot be told from slowness; those who get in do so in milliseconds here.
  if (getsIn(0.5)) throw new Error('the stranger got in before anything was changed')
  const { plans, changes } = await host.plan(...requests)
  const refused = plans.find((plan) => plan.kind === 'not-planned')
  if (refused !== undefined) throw new Error(`no plan: ${JSON.stringify(refused)}`)
  const planned = host.snapshot()
  if (planned !== before) throw new Error(`planning changed something:\n${difference(before, planned)}`)
  const made = await host.apply(changes)
  if (!getsIn()) throw new Error(`the stranger does not get in: ${JSON.stringify(made)}\n${host.snapshot()}`)
  const kept = await host.persist(made)
  const lasting = tagged(
    kept.flatMap(({ content }) => content ?? []),
    'last',
  )
  await host.apply(lasting)
  const repaired = host.snapshot()
  await host.apply([...made, ...lasting])
  if (host.snapshot() !== repaired) throw new Error('making it twice changed something')
  options.meanwhile?.([...made, ...lasting])
  const results = await host.undo([...made, ...lasting])
  const left = results.find(({ outcome }) => outcome !== 'undone')
  if (left !== undefined) throw new Error(`not undone: ${JSON.stringify(results)}`)
  const after = host.snapshot()
  if (after !== before) throw new Error(`not as it was:\n${difference(before, after)}`)
  return { made: [...made, ...lasting], lasting: kept.map(({ lasts }) => lasts) }
}

function difference(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const gone = old.filter((line) => !now.includes(line)).map((line) => `- ${line}`)
  return [...gone, ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)].join('\n')
}
