import type { Host } from '../host/host.ts'
import type { Endpoint, Transport } from '../model/endpoint.ts'
import type { Message } from '../model/message.ts'
import type { Json } from '../ruleset/json.ts'

/** What a node can be told to do otherwise, where strangers do not reach it as it is. */
export type Wish =
  /** `port`: one that strangers got in to; null where none was seen. */
  | { readonly want: 'port'; readonly port: number | null; readonly transports: readonly Transport[] }
  | { readonly want: 'tcp' }
  | { readonly want: 'hole-punching' }
  | { readonly want: 'relay' }

/** How one kind of node is told so. */
export interface Reconfiguring {
  /** What this kind cannot be told, for it has no such thing. */
  readonly cannot: readonly Wish['want'][]
  /** What the operator does by hand, without the restart; empty where that is not known. */
  readonly steps: (wish: Wish) => readonly Message[]
  /** By which peerway does it, where it can be taken back exactly; null where there is none. */
  readonly settings: NodeSettings | null
}

/** A node's settings, by its own interface. It takes them at its next start. */
export interface NodeSettings {
  /** All of them as they are; undefined where the node cannot be asked. */
  readonly read: (host: Host, at: Endpoint) => Promise<Json>
  /** Did it take the value? `null` takes the key away. */
  readonly write: (host: Host, at: Endpoint, key: string, value: NodeValue | null) => Promise<boolean>
  /** What a wish comes to, by key; those that are so already are left out by whoever asks. */
  readonly values: (wish: Wish, settings: Json) => Readonly<Record<string, NodeValue>>
}

/** What a setting holds. */
export type NodeValue = boolean | number | string | readonly string[]
