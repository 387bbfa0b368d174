import type { Host, TcpFlow } from '../host/host.ts'
import { type Address, formatEndpoint } from '../model/endpoint.ts'
import { attempt } from './attempt.ts'

/** What this host's connection table showed while a dial was connected. `looked` is false where it cannot be read. */
export interface FlowSighting {
  readonly looked: boolean
  /**
   * Remote address of the dial's flow as this host sees it; differs from the vantage's where a router rewrites
   * sources.
   */
  readonly source: Address | null
}

const LOOK_EVERY_MS = 20

/**
 * Looks for the flow of one dial in the connection table. Make it before the dial, so that flows that were there
 * already are known.
 */
export class ConnectionWatch {
  readonly #host: Host
  readonly #port: number
  readonly #before: Promise<readonly TcpFlow[] | undefined>

  constructor(host: Host, port: number) {
    this.#host = host
    this.#port = port
    this.#before = this.#read()
  }

  /** Resolves when the flows of before are known. */
  async ready(): Promise<void> {
    await this.#before
  }

  /** Looks until a flow from `expected` is there, for at most `forMs`; else a new flow from anybody else is taken. */
  async look(expected: Address | null, forMs: number): Promise<FlowSighting> {
    const { clock } = this.#host
    const before = await this.#before
    if (before === undefined) return { looked: false, source: null }
    const known = new Set(before.map(flowName))
    const deadlineMs = clock.monotonicMs() + forMs
    let stranger: Address | null = null
    for (;;) {
      const flows = (await this.#read()) ?? []
      const fresh = flows.filter((flow) => !known.has(flowName(flow))).map(({ remote }) => remote.address)
      if (expected !== null && fresh.includes(expected)) return { looked: true, source: expected }
      stranger ??= fresh[0] ?? null
      if (clock.monotonicMs() >= deadlineMs) return { looked: true, source: stranger }
      await clock.sleep(LOOK_EVERY_MS)
    }
  }

  #read(): Promise<readonly TcpFlow[] | undefined> {
    return attempt(() => this.#host.listeners.connections(this.#port), undefined)
  }
}

function flowName({ local, remote }: TcpFlow): string {
  return `${formatEndpoint(local)} ${formatEndpoint(remote)}`
}
