import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Host } from '../../src/host/host.ts'

/** What is missing here for tests in network namespaces; undefined when nothing is. On a build server it is an error. */
export function missingForNamespaces(...programs: readonly string[]): string | undefined {
  const missing = programs.find((program) => spawnSync('which', [program]).status !== 0)
  const reason = process.geteuid?.() !== 0 ? 'needs root' : missing === undefined ? undefined : `needs ${missing}`
  if (reason !== undefined && process.env.CI === 'true') throw new Error(`the build server ${reason} for these tests`)
  return reason
}

export function sh(script: string): string {
  return execFileSync('sh', ['-ec', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The operating system's host, compiled, so that programs in a namespace can open it. */
export class CompiledHost {
  readonly #folder = mkdtempSync(join(tmpdir(), 'peerway-ho-'))

  constructor() {
    const root = resolve(import.meta.dirname, '../..')
    const config = {
      extends: `${root}/tsconfig.build.json`,
      compilerOptions: { outDir: this.#folder, rootDir: `${root}/src`, typeRoots: [`${root}/node_modules/@types`] },
      files: [`${root}/src/host/os/os-host.ts`],
      include: [],
    }
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }')
    chmodSync(this.#folder, 0o755)
    execFileSync(`${root}/node_modules/.bin/tsc`, ['-p', this.#folder], { stdio: 'inherit' })
  }

  /**
   * Starts `body` in a program of its own, with a host, behind `prefix` (`ip netns exec ...`). `body` stands alone: it
   * sees nothing of its test but `input`. What it gives to `say` comes out of `heard`, and so does its result.
   */
  start<Input>(
    prefix: readonly string[],
    body: (host: Host, input: Input, say: (value: unknown) => void) => Promise<unknown>,
    input: Input,
  ): Running {
    const code = `
      import { openOsHost } from '${this.#folder}/host/os/os-host.js'
      const say = (value) => console.log(JSON.stringify(value ?? null))
      say(await (${body.toString()})(openOsHost(), ${JSON.stringify(input)}, say))`
    const [program, ...args] = [...prefix, process.execPath, '--input-type=module', '-e', code]
    return new Running(spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] }))
  }

  /** The result of `body`. */
  async run<Input, Result>(
    prefix: readonly string[],
    body: (host: Host, input: Input) => Promise<Result>,
    input: Input,
  ): Promise<Result> {
    const running = this.start(prefix, body, input)
    try {
      return (await running.heard()) as Result
    } finally {
      await running.stop()
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

export class Running {
  readonly child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<void>

  constructor(child: ChildProcess) {
    this.child = child
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    this.#ended = new Promise((done) => child.once('close', () => done()))
  }

  /** The next value that the program said. */
  async heard(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the program ended and said nothing')
    return JSON.parse(value)
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#ended
  }
}

/**
 * Three hosts in a row: `a` (10.91.1.2, 2001:db8:1::2), the router `r`, `b` (10.91.2.2, 2001:db8:2::2); each link is
 * `eth0` at the host, and `left` and `right` at the router.
 */
export class Row {
  readonly a: string
  readonly r: string
  readonly b: string

  constructor() {
    const id = process.pid
    ;[this.a, this.r, this.b] = [`ho-a-${id}`, `ho-r-${id}`, `ho-b-${id}`]
    const { a, r, b } = this
    sh(`
      for n in ${a} ${r} ${b}; do ip netns add $n; ip -n $n link set lo up; done
      ip link add eth0 netns ${a} type veth peer name left netns ${r}
      ip link add right netns ${r} type veth peer name eth0 netns ${b}
      ip -n ${a} addr add 10.91.1.2/24 dev eth0; ip -n ${a} addr add 2001:db8:1::2/64 dev eth0 nodad
      ip -n ${r} addr add 10.91.1.1/24 dev left; ip -n ${r} addr add 2001:db8:1::1/64 dev left nodad
      ip -n ${r} addr add 10.91.2.1/24 dev right; ip -n ${r} addr add 2001:db8:2::1/64 dev right nodad
      ip -n ${b} addr add 10.91.2.2/24 dev eth0; ip -n ${b} addr add 2001:db8:2::2/64 dev eth0 nodad
      # A link-local address in doubt would hold neighbour discovery up for a second.
      for n in ${a} ${r} ${b}; do
        ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
      done
      for d in left right; do ip netns exec ${r} sysctl -qw net.ipv6.conf.$d.accept_dad=0; done
      for n in ${a} ${b}; do ip netns exec $n sysctl -qw net.ipv6.conf.eth0.accept_dad=0; done
      ip netns exec ${r} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      ip -n ${a} link set eth0 up; ip -n ${b} link set eth0 up; ip -n ${r} link set left up; ip -n ${r} link set right up
      ip -n ${a} route add default via 10.91.1.1 metric 100; ip -n ${b} route add default via 10.91.2.1
      ip -n ${a} -6 route add default via 2001:db8:1::1; ip -n ${b} -6 route add default via 2001:db8:2::1
      for to in 10.91.2.2 2001:db8:2::2; do ip netns exec ${a} ping -n -i 0.1 -c 1 -w 5 $to; done
    `)
  }

  in(namespace: 'a' | 'r' | 'b'): string[] {
    return ['ip', 'netns', 'exec', this[namespace]]
  }

  /** Replaces the rule set of a namespace. */
  rules(namespace: 'a' | 'r' | 'b', text: string): void {
    // This nft wants an end of line before some closing braces.
    const input = `flush ruleset\n${text.replaceAll('}', '}\n')}\n`
    execFileSync('ip', ['netns', 'exec', this[namespace], 'nft', '-f', '-'], { input })
  }

  /** The packets of a named counter of `table inet t`. */
  packets(namespace: 'a' | 'r' | 'b', counter: string): number {
    const text = sh(`ip netns exec ${this[namespace]} nft list counter inet t ${counter}`)
    return Number(/packets (\d+)/.exec(text)?.[1])
  }

  remove(): void {
    for (const namespace of [this.a, this.r, this.b]) spawnSync('ip', ['netns', 'del', namespace])
  }
}
