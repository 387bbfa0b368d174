import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Host } from '../../src/host/host.ts'
import type { Endpoint } from '../../src/model/endpoint.ts'
import type { contactVantage } from '../../src/vantage/contact.ts'
import type { ContactMemory } from '../../src/vantage/contacted.ts'
import type { startVantage, VantageOptions } from '../../src/vantage/server.ts'
import type { stunBinding } from '../../src/vantage/stun-binding.ts'
import type { signGrant } from '../../src/wire/control/grant.ts'
import { Running, sh } from '../host/in-namespace.ts'

/** What a program in a namespace has of peerway. */
export interface Kit {
  readonly host: Host
  readonly contactVantage: typeof contactVantage
  readonly startVantage: typeof startVantage
  readonly stunBinding: typeof stunBinding
  readonly openMemory: (path: string | null) => Promise<ContactMemory>
  readonly say: (value: unknown) => void
  /** Speaks the control protocol by hand. */
  readonly talk: (to: Endpoint) => Promise<Talk>
  readonly signGrant: typeof signGrant
}

export interface Talk {
  send(message: object | string): Promise<void>
  /** The next message, `connected` lines left out; the string says why there is none. */
  next(): Promise<Record<string, unknown> | string>
  close(): Promise<void>
}

/** Part of every program, as text: it sees nothing but its arguments. */
async function talkOver(host: Host, to: Endpoint): Promise<Talk> {
  const result = await host.tcp.connect({ to, timeoutMs: 2000 })
  if (result.outcome !== 'connected') throw new Error(`no connection: ${result.outcome}`)
  const { connection } = result
  let text = ''
  return {
    async send(message) {
      const line = typeof message === 'string' ? message : `${JSON.stringify(message)}\n`
      await connection.write(Buffer.from(line), 5000)
    },
    async next() {
      for (;;) {
        const end = text.indexOf('\n')
        if (end !== -1) {
          const message = JSON.parse(text.slice(0, end)) as Record<string, unknown>
          text = text.slice(end + 1)
          if (message.type !== 'connected') return message
          continue
        }
        const read = await connection.read(8000)
        if (read.outcome !== 'data') return read.outcome
        text += Buffer.from(read.data).toString()
      }
    },
    close: () => connection.close(),
  }
}

export type HostName = 'v1' | 'v2' | 'nat' | 'asker' | 'open'

/**
 * A small internet on one wire, both families: vantages at `v1` (203.0.113.10 and .11) and `v2` (.20 and .21), a host `open`
 * without NAT (.5), and `asker` (192.168.7.2) behind the router `nat` (.7). IPv6 the same: 2001:db8::10 and so on, and
 * 2001:db8:7::2 behind the router, untranslated.
 */
export class Internet {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerway-va-'))
  readonly #id = process.pid
  readonly #running: Running[] = []

  constructor() {
    const root = resolve(import.meta.dirname, '../..')
    const config = {
      extends: `${root}/tsconfig.build.json`,
      compilerOptions: { outDir: this.folder, rootDir: `${root}/src`, typeRoots: [`${root}/node_modules/@types`] },
      files: ['host/os/os-host', 'vantage/server', 'vantage/contact'].map((name) => `${root}/src/${name}.ts`),
      include: [],
    }
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    execFileSync(`${root}/node_modules/.bin/tsc`, ['-p', this.folder], { stdio: 'inherit' })
    try {
      this.#build()
    } catch (error) {
      this.#takeDown()
      throw error
    }
  }

  /** The namespace of a host. */
  name(host: HostName | 'wire'): string {
    return `va-${host}-${this.#id}`
  }

  #build(): void {
    const n = (host: HostName | 'wire') => this.name(host)
    const plug = (host: HostName, device: string) => `
      ip link add ${device} netns ${n(host)} type veth peer name ${host} netns ${n('wire')}
      ip -n ${n('wire')} link set ${host} master hub up`
    sh(`
      for n in ${['wire', 'v1', 'v2', 'nat', 'asker', 'open'].map((host) => n(host as HostName)).join(' ')}; do
        ip netns add $n; ip -n $n link set lo up
        ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv4.icmp_ratelimit=0
      done
      ip -n ${n('wire')} link add name hub type bridge; ip -n ${n('wire')} link set hub up
      ${(['v1', 'v2', 'nat', 'open'] as const).map((host) => plug(host, 'eth0')).join('')}
      ip link add eth1 netns ${n('nat')} type veth peer name eth0 netns ${n('asker')}
      addr() { ip -n $1 addr add $2/24 dev $4; ip -n $1 addr add $3/64 dev $4 nodad; }
      addr ${n('v1')} 203.0.113.10 2001:db8::10 eth0; addr ${n('v1')} 203.0.113.11 2001:db8::11 eth0
      addr ${n('v2')} 203.0.113.20 2001:db8::20 eth0; addr ${n('v2')} 203.0.113.21 2001:db8::21 eth0; addr ${n('open')} 203.0.113.5 2001:db8::5 eth0
      addr ${n('nat')} 203.0.113.7 2001:db8::7 eth0; addr ${n('nat')} 192.168.7.1 2001:db8:7::1 eth1
      addr ${n('asker')} 192.168.7.2 2001:db8:7::2 eth0
      for n in ${n('v1')} ${n('v2')} ${n('open')} ${n('nat')} ${n('asker')}; do ip -n $n link set eth0 up; done
      ip -n ${n('nat')} link set eth1 up
      ip netns exec ${n('nat')} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      ip -n ${n('asker')} route add default via 192.168.7.1; ip -n ${n('asker')} route add default via 2001:db8:7::1
      for n in ${n('v1')} ${n('v2')} ${n('open')}; do ip -n $n route add 2001:db8:7::/64 via 2001:db8::7; done
    `)
  }

  /** Replaces the rule set of a host. */
  rules(host: HostName, text: string): void {
    // This nft wants an end of line before some closing braces.
    const input = `flush ruleset\n${text.replaceAll('}', '}\n')}\n`
    execFileSync('ip', ['netns', 'exec', this.name(host), 'nft', '-f', '-'], { input })
  }

  sh(host: HostName, script: string): string {
    return sh(`ip netns exec ${this.name(host)} ${script}`)
  }

  /** Starts `body` as a program of its own on a host; it sees nothing of its test but `input`. */
  start<Input>(host: HostName, body: (kit: Kit, input: Input) => Promise<unknown>, input: Input): Running {
    const from = (path: string, name: string) => `import { ${name} } from '${this.folder}/${path}.js'\n`
    const code = `${from('host/os/os-host', 'openOsHost')}${from('vantage/server', 'startVantage')}${from(
      'vantage/contact',
      'contactVantage',
    )}${from('vantage/stun-binding', 'stunBinding')}${from('vantage/contacted', 'ContactMemory')}${from('wire/control/grant', 'signGrant')}
      ${talkOver.toString()}
      const host = openOsHost()
      const say = (value) => console.log(JSON.stringify(value ?? null))
      const kit = {
        host, contactVantage, startVantage, stunBinding, say, signGrant,
        openMemory: (path) => ContactMemory.open(host, path), talk: (to) => talkOver(host, to),
      }
      say(await (${body.toString()})(kit, ${JSON.stringify(input)}))`
    const args = ['netns', 'exec', this.name(host), process.execPath, '--input-type=module', '-e', code]
    const running = new Running(spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] }))
    this.#running.push(running)
    return running
  }

  /** The result of `body`. */
  async run<Input, Result>(
    host: HostName,
    body: (kit: Kit, input: Input) => Promise<Result>,
    input: Input,
  ): Promise<Result> {
    const running = this.start(host, body, input)
    try {
      return (await running.heard()) as Result
    } finally {
      await running.stop()
    }
  }

  /** A vantage that answers by the time this resolves. */
  async vantage(host: HostName, options: Omit<VantageOptions, 'log'>): Promise<Running> {
    const running = this.start(
      host,
      async ({ host, startVantage, say }, options) => {
        const running = await startVantage(host, options)
        say(running.addresses)
        await host.clock.sleep(3_600_000)
      },
      options,
    )
    await running.heard()
    return running
  }

  /** Starts a foreign program on a host. */
  daemon(host: HostName, command: readonly string[]): void {
    const child = spawn('ip', ['netns', 'exec', this.name(host), ...command], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#running.push(new Running(child))
  }

  async remove(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop()))
    this.#takeDown()
  }

  #takeDown(): void {
    for (const host of ['wire', 'v1', 'v2', 'nat', 'asker', 'open'] as const) {
      spawnSync('ip', ['netns', 'del', this.name(host)])
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export const V1 = { public: '203.0.113.10', bind: '203.0.113.10' }
export const V1_SECOND = { public: '203.0.113.11', bind: '203.0.113.11' }
export const V1_IPV6 = { public: '2001:db8::10', bind: '2001:db8::10' }
export const V1_IPV6_SECOND = { public: '2001:db8::11', bind: '2001:db8::11' }
export const V2 = { public: '203.0.113.20', bind: '203.0.113.20' }
export const V2_IPV6 = { public: '2001:db8::20', bind: '2001:db8::20' }

/** What routers do, as nft rules of `nat`; the last one is for IPv6. */
export const NATS = {
  none: '',
  masquerade: 'table ip t { chain c { type nat hook postrouting priority 100; oifname eth0 masquerade; } }',
  random: 'table ip t { chain c { type nat hook postrouting priority 100; oifname eth0 masquerade fully-random; } }',
  'full cone': `table ip t {
    chain c { type nat hook postrouting priority 100; oifname eth0 masquerade; }
    chain d { type nat hook prerouting priority -100; iifname eth0 dnat to 192.168.7.2; } }`,
  stateful: `table ip6 t {
    chain c { type filter hook forward priority 0; policy drop; iifname eth1 accept; ct state established accept; } }`,
} as const
