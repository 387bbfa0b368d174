import type { Clock } from '../host/host.ts'
import { decodeReply, encodeRequest } from '../wire/control/codec.ts'
import type { ControlReply, ControlRequest, ReplyOf } from '../wire/control/messages.ts'
import type { ControlLink } from './control-link.ts'

/** The vantage never speaks unasked, so this only bounds how long a reader waits between looks. */
const READ_MS = 60_000

export type Reply = Exclude<ControlReply, { type: 'hello' | 'connected' | 'error' }> | ReplyOf<'error'>
export type NoReply = 'link-lost' | 'timed-out' | 'violated-protocol'

type Asked = Extract<ControlRequest, { id: number }>
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type Question = WithoutId<Exclude<Asked, { type: 'release' }>>

interface Waiting {
  readonly resolve: (reply: Reply | NoReply) => void
  readonly onConnected: ((reply: ReplyOf<'connected'>) => void) | undefined
}

/**
 * The asker's end of a control connection after the hello: many questions at once, each answered under its own id. The
 * first line that is no message of the protocol ends it: nothing that such a peer says is worth anything.
 */
export class ControlExchange {
  readonly #link: ControlLink
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #ended: NoReply | undefined

  constructor(link: ControlLink, clock: Clock) {
    this.#link = link
    this.#clock = clock
    void this.#read()
  }

  /** Resolves with the answer, or why there is none. `id` is that of the request, for a later release. Never rejects. */
  async ask(
    question: Question,
    options: { readonly timeoutMs: number; readonly onConnected?: (reply: ReplyOf<'connected'>) => void },
  ): Promise<{ readonly id: number; readonly reply: Reply | NoReply }> {
    this.#lastId += 1
    const id = this.#lastId
    if (this.#ended !== undefined) return { id, reply: this.#ended }
    const answered = new AbortController()
    const reply = new Promise<Reply | NoReply>((resolve) => {
      this.#waiting.set(id, { resolve, onConnected: options.onConnected })
    })
    this.#link.send(encodeRequest({ ...question, id }))
    void this.#clock.sleep(options.timeoutMs, answered.signal).then(() => this.#settle(id, 'timed-out'))
    const settled = await reply
    answered.abort()
    return { id, reply: settled }
  }

  release(id: number): void {
    if (this.#ended === undefined) this.#link.send(encodeRequest({ type: 'release', id }))
  }

  async close(): Promise<void> {
    this.#end('link-lost')
    await this.#link.close()
  }

  async #read(): Promise<void> {
    while (this.#ended === undefined) {
      const read = await this.#link.readLine(READ_MS)
      if (read.outcome === 'timed-out') continue
      if (read.outcome === 'too-long') return this.#breakOff()
      if (read.outcome !== 'line') return this.#end('link-lost')
      const reply = decodeReply(read.line)
      if (!reply.ok || reply.value.type === 'hello') return this.#breakOff()
      this.#take(reply.value)
    }
  }

  #take(reply: Exclude<ControlReply, { type: 'hello' }>): void {
    if (reply.type === 'connected') this.#waiting.get(reply.id)?.onConnected?.(reply)
    else if (reply.id !== null) this.#settle(reply.id, reply)
  }

  #settle(id: number, reply: Reply | NoReply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.resolve(reply)
  }

  #breakOff(): void {
    this.#end('violated-protocol')
    this.#link.connection.reset()
  }

  #end(why: NoReply): void {
    this.#ended ??= why
    for (const id of [...this.#waiting.keys()]) this.#settle(id, this.#ended)
  }
}
