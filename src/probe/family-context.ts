import type { Host, ListenerList } from '../host/host.ts'
import type { Family, PortSpec } from '../model/endpoint.ts'
import type { AddressesFact, ListenersFact, NodeAdminPort, VantageFact } from '../model/evidence.ts'
import type { EarlierRun, ExternalPort } from '../model/plan.ts'
import type { ContactMemory } from '../vantage/contacted.ts'
import type { Notebook } from './notebook.ts'
import type { Candidate } from './servers.ts'

/** All that the questions of one address family share. */
export interface FamilyContext {
  readonly host: Host
  readonly notebook: Notebook
  readonly memory: ContactMemory
  readonly family: Family
  readonly ports: readonly PortSpec[]
  readonly externalPorts: readonly ExternalPort[]
  /** Of the node's administration, which nobody outside should reach. */
  readonly adminPorts: readonly NodeAdminPort[]
  /** Names of `wire/first-packet/protocols.ts`: those that somebody on the way may filter. */
  readonly protocols: readonly string[]
  /** Are the questions asked too that take minutes? */
  readonly deep: boolean
  readonly addresses: AddressesFact
  /** Of this family alone, one for each port asked for. */
  readonly listeners: readonly ListenersFact[]
  readonly listenerList: ListenerList | undefined
  /** Vantages of this family, in the user's order. */
  readonly candidates: readonly Candidate[]
  /** Resolves when no answer of a gateway is waited for any more: what counts datagrams must not count those. */
  readonly gatewaysAsked: Promise<void>
  /** To be called once nothing more is to be learnt from the ICMP errors of boxes on the way; twice does no harm. */
  readonly onWayMeasured: () => void
  /** Are the vantages' other addresses to be left alone? */
  readonly sparing: boolean
  /** Undefined where no earlier run saw anything. */
  readonly earlier: EarlierRun | undefined
  /** Told of every contact as soon as it has ended. */
  readonly onContact: (fact: VantageFact) => void
}
