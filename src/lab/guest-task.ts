import type { Address, Transport } from '../model/endpoint.ts'
import type { ListenerBehavior } from '../topology/topology.ts'

/** What the program inside a host has to do. */
export interface GuestTask {
  readonly listeners: readonly GuestListener[]
  /** Addresses of the router's administration page, port 80. */
  readonly pages: readonly Address[]
  /** Does it answer, on `PORTAL_PORT`, for those whose connections the provider takes? */
  readonly isPortal: boolean
}

export interface GuestListener {
  readonly transport: Transport
  readonly port: number
  /** Null for any address of both families. */
  readonly address: Address | null
  readonly behavior: ListenerBehavior
  readonly contacts: readonly { readonly address: Address; readonly port: number }[]
}
