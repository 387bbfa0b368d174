import type { Host, UdpSocket } from '../host/host.ts'
import { type Endpoint, familyOf, formatEndpoint } from '../model/endpoint.ts'
import { attempt } from '../probe/attempt.ts'
import { stunBinding } from '../vantage/stun-binding.ts'
import type { SeenByFamily, SeenOutside } from './core/outside-watch.ts'

interface Flow {
  readonly socket: UdpSocket
  readonly id: number
}

/** Asks STUN servers where this host is seen, by one Binding each; on request always on the same flow. */
export class OutsideFlows {
  readonly #host: Host
  readonly #kept = new Map<string, Flow>()
  #lastId = 0

  constructor(host: Host) {
    this.#host = host
  }

  /** One server of each family. Flows that are not wanted any more are closed. */
  async ask(servers: readonly Endpoint[], isKept: boolean): Promise<SeenByFamily> {
    const wanted = new Set(isKept ? servers.map(formatEndpoint) : [])
    for (const name of this.#kept.keys()) if (!wanted.has(name)) await this.#close(name)
    const seen = await Promise.all(
      servers.map(async (server) => {
        const said = await attempt(() => (isKept ? this.#onKept(server) : this.#onNew(server)), null)
        return [familyOf(server.address), said] as const
      }),
    )
    return Object.fromEntries(seen)
  }

  async close(): Promise<void> {
    for (const name of [...this.#kept.keys()]) await this.#close(name)
  }

  async #onNew(server: Endpoint): Promise<SeenOutside | null> {
    await using socket = await this.#host.udp.open({ toward: server })
    return await this.#seenOn(socket, server, null)
  }

  /** A flow that fails is closed, and the next question opens another one. */
  async #onKept(server: Endpoint): Promise<SeenOutside | null> {
    const name = formatEndpoint(server)
    try {
      const { socket, id } = this.#kept.get(name) ?? (await this.#open(name, server))
      return await this.#seenOn(socket, server, id)
    } catch (error) {
      await this.#close(name)
      throw error
    }
  }

  async #open(name: string, server: Endpoint): Promise<Flow> {
    this.#lastId++
    const flow = { socket: await this.#host.udp.open({ toward: server }), id: this.#lastId }
    this.#kept.set(name, flow)
    return flow
  }

  async #seenOn(socket: UdpSocket, server: Endpoint, flow: number | null): Promise<SeenOutside | null> {
    const result = await stunBinding(this.#host, socket, server)
    return typeof result === 'object' && result.outcome === 'answered' ? { mapped: result.mapped, flow } : null
  }

  async #close(name: string): Promise<void> {
    const flow = this.#kept.get(name)
    this.#kept.delete(name)
    await flow?.socket[Symbol.asyncDispose]()
  }
}
