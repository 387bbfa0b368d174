import type { Host } from '../host/host.ts'
import type { Endpoint, Transport } from '../model/endpoint.ts'
import type { Message } from '../model/message.ts'

/** Where strangers get in to the node, as a dial from outside showed. */
export interface OpenPlace {
  readonly transport: Transport
  readonly external: Endpoint
}

/** How one kind of node is made to announce an address. */
export interface Announcing {
  /** What the operator does by hand, restart included. */
  readonly steps: (places: readonly OpenPlace[]) => readonly Message[]
  /** The setting by which peerway does it, where it can be taken back exactly. */
  readonly setting: AnnounceSetting | null
}

/** A list in the node's settings. */
export interface AnnounceSetting {
  readonly key: string
  /** What is added to the list for these places. */
  readonly entries: (places: readonly OpenPlace[]) => readonly string[]
  /**
   * What the list holds; null where it is there and holds nothing at all, undefined where the node cannot be asked, or has
   * no such key yet, so that it could not be taken back to what it was.
   */
  readonly read: (host: Host, at: Endpoint) => Promise<readonly string[] | null | undefined>
  /** Did it take the list? What the node does with it shows after its next start. */
  readonly write: (host: Host, at: Endpoint, value: readonly string[] | null) => Promise<boolean>
}
