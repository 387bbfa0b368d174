import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ContainerOptions {
  readonly name: string
  /** What its one program listens on; see `real/node.mjs`. */
  readonly listen: readonly { transport: 'udp' | 'tcp'; port: number; address?: string }[]
  /** `4001/tcp` to host ports; an address may stand before the port. */
  readonly publish?: Readonly<Record<string, string>>
  readonly network?: string
}

const IMAGE = 'peerway-test:1'
const START_MS = 20_000

/** A real dockerd in a network namespace, with folders and a control group of its own. `close` leaves nothing behind. */
export class DockerDaemon {
  readonly socket: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'peerway-docker-'))
  readonly #group = `peerway-docker-${process.pid}`
  readonly #namespace: string
  #child: ChildProcess | undefined
  #hasImage = false

  constructor(namespace: string) {
    this.#namespace = namespace
    this.socket = join(this.#folder, 'docker.sock')
    // Whoever may not ask shall fail at the socket.
    chmodSync(this.#folder, 0o711)
    mkdirSync(join(this.#folder, 'root', 'bin'), { recursive: true })
    copyFileSync('/bin/busybox', join(this.#folder, 'root', 'bin', 'busybox'))
    symlinkSync('busybox', join(this.#folder, 'root', 'bin', 'chroot'))
  }

  /** Starts it, or starts it again with other flags; containers of before are gone then. */
  async start(...flags: readonly string[]): Promise<void> {
    await this.stop()
    const folders = ['--data-root', join(this.#folder, 'data'), '--exec-root', join(this.#folder, 'exec')]
    const own = ['-H', `unix://${this.socket}`, '--pidfile', join(this.#folder, 'pid')]
    const quick = ['--storage-driver', 'vfs', '--shutdown-timeout', '1', '--cgroup-parent', `/${this.#group}`]
    // Not by `ip netns exec`, whose /sys lacks the control groups.
    const command = [`--net=/run/netns/${this.#namespace}`, 'dockerd', ...folders, ...own, ...quick, ...flags]
    this.#child = spawn('nsenter', command, { stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    this.#child.stderr!.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
    })
    const deadline = performance.now() + START_MS
    while (!(await this.#answers())) {
      if (this.#child.exitCode !== null || performance.now() > deadline) throw new Error(`dockerd is not up:\n${log}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    if (!this.#hasImage) await this.#import()
  }

  async run({ name, listen, publish = {}, network }: ContainerOptions): Promise<void> {
    const script = new URL('./real/node.mjs', import.meta.url).pathname
    const bindings = Object.entries(publish).map(([inside, outside]) => {
      const [port, address = ''] = outside.split(':').toReversed()
      return [inside, [{ HostIp: address, HostPort: port }]]
    })
    const body = {
      Image: IMAGE,
      Cmd: ['/bin/chroot', '/host', process.execPath, script, JSON.stringify(listen)],
      Env: ['WALLET_SECRET=hunter2'],
      ExposedPorts: Object.fromEntries(Object.keys(publish).map((inside) => [inside, {}])),
      HostConfig: {
        Binds: ['/:/host:ro'],
        PortBindings: Object.fromEntries(bindings),
        ...(network === undefined ? {} : { NetworkMode: network }),
      },
    }
    await this.post(`/containers/create?name=${name}`, body)
    await this.post(`/containers/${name}/start`)
    // Its program is up when it has said so.
    while (!(await this.#request('GET', `/containers/${name}/logs?stdout=1`)).includes('ready')) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async post(path: string, body?: unknown): Promise<void> {
    await this.#request('POST', path, body)
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    if (child.exitCode !== null) return
    for (const { Id } of JSON.parse(await this.#request('GET', '/containers/json?all=1'))) {
      await this.#request('DELETE', `/containers/${Id}?force=1`)
    }
    child.kill('SIGTERM')
    await once(child, 'close')
  }

  async close(): Promise<void> {
    await this.stop()
    // It leaves its own namespace mounted there.
    spawnSync('umount', [join(this.#folder, 'exec', 'netns', 'default')])
    rmSync(this.#folder, { recursive: true, force: true })
    spawnSync('sh', ['-c', `find /sys/fs/cgroup -depth -path '*/${this.#group}*' -type d -exec rmdir {} +`])
  }

  async #import(): Promise<void> {
    const tar = execFileSync('tar', ['-C', join(this.#folder, 'root'), '-c', '.'], { maxBuffer: 1 << 26 })
    const [repo, tag] = IMAGE.split(':')
    await this.#request('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, tar)
    this.#hasImage = true
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.#request('GET', '/_ping')) === 'OK'
    } catch {
      return false
    }
  }

  #request(method: string, path: string, body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const isTar = body instanceof Uint8Array
      const headers = { host: 'docker', 'content-type': isTar ? 'application/x-tar' : 'application/json' }
      const asking = request({ socketPath: this.socket, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode! < 400) resolve(text)
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))
        })
      })
      asking.on('error', reject)
      asking.end(isTar ? body : body === undefined ? undefined : JSON.stringify(body))
    })
  }
}
