import { exchangeHttp } from '../gateway/http-exchange.ts'
import type { Host } from '../host/host.ts'
import { type Endpoint, formatEndpoint, type PortSpec } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { Container, NodeAccess } from '../model/evidence.ts'
import { isLoopback } from '../model/ip.ts'
import { type Json, objectOf } from '../ruleset/json.ts'
import { decodeContainerLog, logLines } from '../wire/docker/log.ts'
import type { NodeSocket } from './node-kind.ts'

/** A node on the same machine answers in milliseconds, a busy one in a second. */
const PATIENCE_MS = 2500
/** A thousand peers with all that is told of each. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024
const MOST_FILE_BYTES = 1024 * 1024
const LOG_LINES = 400
/** Sockets that a question is tried at where it is not known which one answers it. */
const MOST_TRIED = 6

export interface HttpQuestion {
  readonly method?: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

export type HttpAnswer =
  | {
      readonly access: 'answered'
      readonly status: number
      readonly fields: ReadonlyMap<string, string>
      readonly body: string
    }
  | { readonly access: Exclude<NodeAccess, 'answered' | 'refused'> }

export type JsonAnswer =
  | { readonly access: 'answered'; readonly json: Json }
  | { readonly access: Exclude<NodeAccess, 'answered'> }

/** Where a found node lives, and how it is asked there: over loopback or its container's address, and by its files. */
export interface NodePlaceOptions {
  readonly host: Host
  readonly pid: number | null
  readonly container: Container | null
  readonly sockets: readonly NodeSocket[]
}

/** Asks one node. Nothing goes further than this host and its containers, and everything is bounded. */
export class NodePlace {
  readonly sockets: readonly NodeSocket[]
  readonly container: Container | null
  readonly pid: number | null
  readonly #host: Host

  constructor({ host, pid, container, sockets }: NodePlaceOptions) {
    this.#host = host
    this.pid = pid
    this.container = container
    this.sockets = sockets
  }

  get nowSeconds(): number {
    return this.#host.clock.nowMs() / 1000
  }

  /** Where its TCP listeners can be asked from this host, the `preferred` ports first; at most six. */
  askable(...preferred: readonly number[]): readonly Endpoint[] {
    const known = this.sockets.filter(({ transport }) => transport === 'tcp').map(({ port }) => port)
    // Whose sockets are hidden may still answer where such a node does when it is left as installed.
    const ports = [...new Set([...preferred.filter((port) => known.length === 0 || known.includes(port)), ...known])]
    return ports.flatMap((port) => this.askAt(port) ?? []).slice(0, MOST_TRIED)
  }

  /** The same for these ports alone, for what no other listener should be asked. */
  askableAt(ports: readonly number[]): readonly Endpoint[] {
    const known = this.sockets.filter(({ transport }) => transport === 'tcp').map(({ port }) => port)
    return ports.filter((port) => known.length === 0 || known.includes(port)).flatMap((port) => this.askAt(port) ?? [])
  }

  /** The address by which one of its TCP ports is asked from this host; undefined where there is none. */
  askAt(port: number): Endpoint | undefined {
    const socket = this.sockets.find((one) => one.transport === 'tcp' && one.port === port)
    if (this.container !== null && !isOnHost(this.container)) return insideContainer(this.container, port, socket)
    if (socket === undefined) return { address: '127.0.0.1', port }
    return { address: loopbackFor(socket), port }
  }

  async http(to: Endpoint, question: HttpQuestion): Promise<HttpAnswer> {
    const { method = 'GET', path, fields = [], body } = question
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body)
    const request = { method, path, to, fields, ...(bytes !== undefined && { body: bytes }) }
    try {
      const limits = { timeoutMs: PATIENCE_MS, mostBodyBytes: MOST_ANSWER_BYTES }
      const exchange = await exchangeHttp(this.#host, request, limits)
      if (exchange.outcome === 'garbage') return { access: 'unreadable' }
      if (exchange.outcome !== 'answered') return { access: 'silent' }
      const { status, fields: got, body: text } = exchange.response
      return { access: 'answered', status, fields: got, body: new TextDecoder().decode(text) }
    } catch (error) {
      return { access: accessOf(error) }
    }
  }

  async json(to: Endpoint, question: HttpQuestion): Promise<JsonAnswer> {
    const answer = await this.http(to, question)
    if (answer.access !== 'answered') return answer
    if (answer.status === 401 || answer.status === 403) return { access: 'refused' }
    const json = answer.status === 200 ? parseJson(answer.body) : undefined
    return json === undefined ? { access: 'unreadable' } : { access: 'answered', json }
  }

  /**
   * Puts the same question to several sockets at once, and returns the first in their order whose answer `isOurs`; else
   * the best that came: one that refuses, one that cannot be read, or nothing.
   */
  async firstJson(
    candidates: readonly Endpoint[],
    question: HttpQuestion,
    isOurs: (json: Json) => boolean,
  ): Promise<{ readonly at: Endpoint; readonly json: Json } | Exclude<NodeAccess, 'answered'>> {
    const answers = await Promise.all(candidates.map((at) => this.json(at, question)))
    for (const [index, answer] of answers.entries()) {
      if (answer.access === 'answered' && isOurs(answer.json)) return { at: candidates[index]!, json: answer.json }
    }
    const worse = ['refused', 'not-permitted', 'unreadable', 'silent'] as const
    // At a port where it speaks something else it is no wonder that the answer cannot be read.
    const first = answers[0]?.access === 'answered' ? 'unreadable' : answers[0]?.access
    return (
      worse.find((access) => answers.some((answer) => answer.access === access) && access !== 'unreadable') ??
      first ??
      'not-asked'
    )
  }

  /** A file as the node itself sees it: in its container where it has one. Undefined where there is none, or none that we may read. */
  async file(path: string): Promise<string | undefined> {
    return this.#read(`${this.#root()}${path}`, MOST_FILE_BYTES)
  }

  /**
   * The same of a file whose secret is then shown to the node: the file must be its own user's. Else anybody who gives a program
   * the node's name would be shown what root alone can read.
   */
  async ownSecret(path: string): Promise<string | undefined> {
    if (this.pid === null) return undefined
    return this.#read(`${this.#root()}${path}`, MOST_FILE_BYTES, this.pid)
  }

  /** Its command line, word by word; empty where it is hidden from us. */
  async arguments(): Promise<readonly string[]> {
    if (this.pid === null) return []
    return ((await this.#read(`/proc/${this.pid}/cmdline`, MOST_FILE_BYTES)) ?? '').split('\0').slice(0, -1)
  }

  /** A variable of its environment; undefined where it is not set, or hidden from us. */
  async variable(name: string): Promise<string | undefined> {
    if (this.pid === null) return undefined
    const all = (await this.#read(`/proc/${this.pid}/environ`, MOST_FILE_BYTES)) ?? ''
    return all
      .split('\0')
      .find((entry) => entry.startsWith(`${name}=`))
      ?.slice(name.length + 1)
  }

  /** The last lines of its log, both streams, without colours: from its container's engine, or from the system's journal. Empty where there are none that we may read. */
  async log(): Promise<readonly string[]> {
    try {
      return this.container === null ? await this.#journal() : await this.#containerLog(this.container.id)
    } catch (error) {
      if (error instanceof PeerwayError) return []
      throw error
    }
  }

  async #containerLog(id: string): Promise<readonly string[]> {
    const path = `/containers/${id}/logs?stdout=1&stderr=1&tail=${LOG_LINES}`
    for (const engine of await this.#host.services.engines()) {
      const reply = await engine.get(path, { timeoutMs: PATIENCE_MS })
      if (reply.outcome === 'answered' && reply.status === 200) return decodeContainerLog(reply.body)
    }
    return []
  }

  async #journal(): Promise<readonly string[]> {
    if (this.pid === null) return []
    const command = ['journalctl', '--no-pager', '--output=cat', `--lines=${LOG_LINES}`, `_PID=${this.pid}`] as const
    const { exitCode, stdout } = await this.#host.services.run(command, { timeoutMs: PATIENCE_MS })
    return exitCode === 0 ? logLines(stdout) : []
  }

  #root(): string {
    return this.pid === null || this.container === null ? '' : `/proc/${this.pid}/root`
  }

  async #read(path: string, maxBytes: number, ownerOf?: number): Promise<string | undefined> {
    try {
      return await this.#host.files.read(path, ownerOf === undefined ? { maxBytes } : { maxBytes, ownerOf })
    } catch (error) {
      if (error instanceof PeerwayError) return undefined
      throw error
    }
  }
}

export function urlOf(at: Endpoint, path: string): string {
  return `http://${formatEndpoint(at)}${path}`
}

/** Does it live in this host's own network? Then its ports are the host's. */
export function isOnHost({ networkMode }: Container): boolean {
  return networkMode === 'host'
}

/** The port of this host that leads to a container's; the same number where it is not published, or lives in the host's network. */
export function hostPortOf(container: Container | null, { transport, port }: PortSpec): PortSpec {
  const published = container?.published.find((one) => one.port === port && one.transport === transport)
  return { transport, port: published?.hostPort ?? port }
}

function insideContainer(container: Container, port: number, socket: NodeSocket | undefined): Endpoint | undefined {
  const published = container.published.find((one) => one.transport === 'tcp' && one.port === port)
  if (published !== undefined && ['0.0.0.0', '127.0.0.1'].includes(published.address)) {
    return { address: '127.0.0.1', port: published.hostPort }
  }
  const address = container.networks.flatMap(({ addresses }) => addresses)[0]
  const isHidden = socket !== undefined && isLoopback(socket.address)
  return address === undefined || isHidden ? undefined : { address, port }
}

function loopbackFor({ address, families }: NodeSocket): string {
  if (address !== '0.0.0.0' && address !== '::') return address.replace(/^::ffff:(?=\d+\.)/, '')
  return families.includes('ipv4') ? '127.0.0.1' : '::1'
}

function accessOf(error: unknown): 'not-permitted' | 'silent' {
  if (!(error instanceof PeerwayError)) throw error
  return error.code === 'not-permitted' ? 'not-permitted' : 'silent'
}

/** Undefined for what is no JSON; an answer is an object or a list. */
export function parseJson(text: string): Json {
  try {
    const json: unknown = JSON.parse(text)
    return objectOf(json) === undefined && !Array.isArray(json) ? undefined : json
  } catch {
    return undefined
  }
}
