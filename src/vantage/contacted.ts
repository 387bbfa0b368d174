import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { parseAddress } from '../model/ip.ts'

const MOST_ADDRESSES = 10_000
/** The longest line has 45 characters and its end. */
const MAX_FILE_BYTES = (MOST_ADDRESSES + 1) * 46
const HEADER = /^peerway-contacted 1 ([0-9]{1,15})$/
/** No filter remembers an address for longer: by then what has been forgotten does no harm. */
const FILTER_MEMORY_MS = 24 * 3600 * 1000

/**
 * The addresses that this host has ever sent anything to: a dial from one of them proves nothing against a filter that
 * remembers addresses. At most 10,000; the oldest are dropped.
 *
 * Where the memory does not reach back (no file, or one that could not be read or written), `isReliable` is false, and
 * nothing counts as never contacted. A lost file is written anew and becomes reliable after a day; one that was not there
 * yet is a beginning, and reliable.
 */
export class ContactMemory {
  readonly #host: Host
  readonly #path: string | null
  readonly #addresses = new Set<Address>()
  #reliableFromMs = 0
  #unwritable = false
  /** Somebody on this host has a memory that we may not read. */
  #isOthersHidden = false
  #lastWrite: Promise<void> = Promise.resolve()

  private constructor(host: Host, path: string | null) {
    this.#host = host
    this.#path = path
  }

  /**
   * Keeps the file `contacted` in `stateFolder`; null: in memory alone. What the same file in `others` names counts as
   * contacted, too: those who run peerway on one host share its routers, and what these remember.
   */
  static async open(host: Host, stateFolder: string | null, others: readonly string[] = []): Promise<ContactMemory> {
    const memory = new ContactMemory(host, stateFolder === null ? null : `${stateFolder}/contacted`)
    for (const folder of others) await memory.#readOther(`${folder}/contacted`)
    await memory.#load()
    return memory
  }

  get isReliable(): boolean {
    if (this.#path === null || this.#unwritable || this.#isOthersHidden) return false
    return this.#host.clock.nowMs() >= this.#reliableFromMs
  }

  has(address: Address): boolean {
    return this.#addresses.has(address)
  }

  /** Resolves when it is written down; only then may the first packet go out. Never rejects for a file. */
  async add(...addresses: readonly Address[]): Promise<void> {
    const fresh = addresses.filter((address) => !this.#addresses.has(address))
    this.#remember(addresses)
    if (fresh.length > 0) this.#lastWrite = this.#lastWrite.then(() => this.#write())
    await this.#lastWrite
  }

  async #readOther(path: string): Promise<void> {
    try {
      const text = await this.#host.files.read(path, { maxBytes: MAX_FILE_BYTES })
      const addresses = (text ?? '').split('\n').map(parseAddress)
      this.#remember(addresses.filter((address) => address !== undefined))
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      this.#isOthersHidden = true
    }
  }

  /** Another run may have written meanwhile, so what the file holds is kept. */
  async #load(): Promise<void> {
    if (this.#path === null) return
    try {
      const text = await this.#host.files.read(this.#path, { maxBytes: MAX_FILE_BYTES })
      if (text !== undefined) this.#read(text)
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      this.#doubt()
    }
  }

  #read(text: string): void {
    const [header, ...lines] = text.split('\n')
    const reliableFrom = HEADER.exec(header!)?.[1]
    const addresses = lines.slice(0, -1).map(parseAddress)
    const isWhole = lines.at(-1) === '' && !addresses.includes(undefined)
    if (reliableFrom === undefined || !isWhole) this.#doubt()
    else this.#reliableFromMs = Math.max(this.#reliableFromMs, Number(reliableFrom))
    const newer = [...this.#addresses]
    this.#remember([...addresses.filter((address) => address !== undefined), ...newer])
  }

  #doubt(): void {
    this.#reliableFromMs = this.#host.clock.nowMs() + FILTER_MEMORY_MS
  }

  #remember(addresses: readonly Address[]): void {
    for (const address of addresses) {
      // A set keeps the order of insertion: the oldest stands first.
      this.#addresses.delete(address)
      this.#addresses.add(address)
    }
    for (const oldest of this.#addresses) {
      if (this.#addresses.size <= MOST_ADDRESSES) break
      this.#addresses.delete(oldest)
    }
  }

  async #write(): Promise<void> {
    if (this.#path === null) return
    await this.#load()
    const lines = [`peerway-contacted 1 ${Math.ceil(this.#reliableFromMs)}`, ...this.#addresses]
    try {
      await this.#host.files.replace(this.#path, lines.map((line) => `${line}\n`).join(''))
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      this.#unwritable = true
    }
  }
}
