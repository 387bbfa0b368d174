import type { Host } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import type { EndpointName } from '../model/endpoint.ts'
import type { Teller } from './teller.ts'

/** What a watch that starts again knows of the one before it. */
export interface Remembered {
  /** The boot in which all rules of ours were last there; null where it is not known. */
  readonly bootId: string | null
  readonly stated: ReadonlyMap<EndpointName, { readonly answer: Answer; readonly sinceMs: number }>
}

const MOST_BYTES = 1024 * 1024
const NOTHING: Remembered = { bootId: null, stated: new Map() }

/** Keeps it in a file of the folder for state; what cannot be read is not known. */
export class Memory {
  readonly #host: Host
  readonly #path: string
  readonly #teller: Teller
  #remembered = NOTHING

  constructor(host: Host, stateFolder: string, teller: Teller) {
    this.#host = host
    this.#path = `${stateFolder}/watch.json`
    this.#teller = teller
  }

  get remembered(): Remembered {
    return this.#remembered
  }

  async read(): Promise<void> {
    const { files } = this.#host
    const text = await this.#teller.calmly('read-memory', () => files.read(this.#path, { maxBytes: MOST_BYTES }))
    if (text !== undefined) this.#remembered = parseRemembered(text)
  }

  async remember(changed: Partial<Remembered>): Promise<void> {
    this.#remembered = { ...this.#remembered, ...changed }
    const { bootId, stated } = this.#remembered
    const text = `${JSON.stringify({ bootId, stated: [...stated] })}\n`
    await this.#teller.calmly('remember', () => this.#host.files.replace(this.#path, text))
  }
}

/** Strict, and never throws. */
function parseRemembered(text: string): Remembered {
  try {
    const { bootId, stated } = JSON.parse(text) as { bootId: unknown; stated: unknown }
    const isWhole = Array.isArray(stated) && stated.every(isStated)
    return { bootId: typeof bootId === 'string' ? bootId : null, stated: new Map(isWhole ? stated : []) }
  } catch {
    return NOTHING
  }
}

function isStated(value: unknown): value is [EndpointName, { answer: Answer; sinceMs: number }] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const { answer, sinceMs } = (value[1] ?? {}) as { answer: unknown; sinceMs: unknown }
  return ['yes', 'no', 'unknown'].includes(String(answer)) && typeof sinceMs === 'number'
}
