import type { Transport } from '../../model/endpoint.ts'
import type { Filter } from '../../topology/topology.ts'
import { type PacketState, Tracker, type TrackerOptions } from '../conntrack/tracker.ts'
import type { Guard } from '../guard.ts'
import { answerError, answerReset } from '../icmp-error.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import { type Packet, RST, TCP, UDP } from '../packet.ts'
import { note } from '../trace.ts'
import { FlowMemory } from './flow-memory.ts'
import { PORTAL } from './portal.ts'
import { SynProxy } from './syn-proxy.ts'
import { Throttle } from './throttle.ts'

/**
 * One line of a provider's access list. `reset` tells both ends of a TCP connection that it is over, as filters do that only
 * listen in; everything else of the packet is as in a topology file.
 */
export interface PolicyRule {
  readonly direction: 'in' | 'out'
  readonly transports: readonly Transport[] | 'any'
  /** Destination ports. */
  readonly ports: 'any' | { readonly only: readonly number[] } | { readonly except: readonly number[] }
  /** Bytes that the payload must begin with; null: whatever it is. */
  readonly pattern: Uint8Array | null
  readonly action: Filter['action']
  /** Judge every packet, not only those that open a flow. A pattern is looked for in every packet anyway. */
  readonly everyPacket: boolean
  readonly firstPacket: boolean
  readonly wholeFlow: boolean
  readonly kilobitsPerSecond: number | null
  readonly payloadBytes: number | null
}

/** A provider's filters. They stand where packets come in, before routing: see `lab/provider-rules.ts`. */
export class ProviderGuard implements Guard {
  readonly #machine: Machine
  readonly #inside: Interface
  readonly #rules: readonly PolicyRule[]
  readonly #portals: readonly PolicyRule[]
  /** Flows of which anything was seen to be said. */
  readonly #heard = new FlowMemory()
  /** Flows in which a rule has found its pattern. */
  readonly #found: ReadonlyMap<PolicyRule, FlowMemory>
  readonly #throttles: ReadonlyMap<PolicyRule, Throttle>
  readonly #looksAtFirst: boolean
  readonly #proxy: SynProxy | null
  readonly tracker: Tracker
  /** Of the packet that is being handled. */
  #state: PacketState = 'invalid'

  constructor(machine: Machine, inside: Interface, rules: readonly PolicyRule[], options: TrackerOptions) {
    this.#machine = machine
    this.#inside = inside
    this.#rules = rules.filter(({ action }) => action !== 'syn-proxy' && action !== 'portal')
    this.#portals = rules.filter(({ action }) => action === 'portal')
    const picksFlows = ({ pattern, wholeFlow, action }: PolicyRule) =>
      pattern !== null && (wholeFlow || action === 'throttle')
    this.#found = new Map(this.#rules.filter(picksFlows).map((rule) => [rule, new FlowMemory()]))
    this.#throttles = new Map(
      this.#rules.flatMap((rule) => {
        const { kilobitsPerSecond: rate } = rule
        return rate === null ? [] : [[rule, new Throttle(rate)] as const]
      }),
    )
    this.#looksAtFirst = this.#rules.some(({ firstPacket }) => firstPacket)
    const proxied = rules.filter(({ action }) => action === 'syn-proxy')
    this.tracker = new Tracker(options)
    this.#proxy =
      proxied.length === 0 ? null : new SynProxy(machine, (packet, from) => this.#isFor(proxied, packet, from))
  }

  arriving(packet: Packet, from: Interface): boolean {
    if (this.#rules.length + this.#portals.length === 0 && this.#proxy === null) return true
    this.#state = this.tracker.see(packet, this.#machine.world.nowMs)
    if (packet.protocol === TCP && this.#isFor(this.#portals, packet, from)) {
      if (this.#machine.world.trace !== null) note(this.#machine, 'policy', packet, 'answered by a portal')
      this.#machine.tcp.intercept(packet, PORTAL)
      return false
    }
    const { nowMs } = this.#machine.world
    const isFirst = !this.#looksAtFirst || packet.payload.length === 0 || !this.#heard.add(packet, nowMs)
    const rule = this.#rules.find((each) => this.#decides(each, packet, from, isFirst))
    return rule === undefined || this.#stop(packet, rule)
  }

  /** Does this rule stop the packet? One that only slows passes what is slow enough. */
  #decides(rule: PolicyRule, packet: Packet, from: Interface, isFirst: boolean): boolean {
    const { nowMs } = this.#machine.world
    const found = this.#found.get(rule)
    const throttle = this.#throttles.get(rule)
    const isKnown = found?.has(packet, nowMs) ?? false
    if (!isKnown) {
      if (!this.#matches(rule, packet, from) || (rule.firstPacket && !isFirst)) return false
      found?.add(packet, nowMs)
      // The packet by which a flow is recognised to be slowed passes.
      if (found !== undefined && throttle !== undefined) return false
    }
    const each = found !== undefined ? 'flow' : rule.transports === 'any' ? 'everything' : 'transport'
    return throttle === undefined || throttle.isTooFast(packet, each, nowMs)
  }

  entering(): boolean {
    return true
  }

  passing(packet: Packet, from: Interface): boolean {
    return this.#proxy === null || this.#proxy.passing(packet, from, this.#state)
  }

  leaving(packet: Packet, from: Interface | null): boolean {
    const { flow } = packet
    if (from === null || flow === null || flow.reply !== null || packet.isIcmpError) return true
    // A provider's list does not depend on its memory: where that is full, packets pass unremembered.
    this.tracker.confirm(packet, this.#machine.world.nowMs)
    return true
  }

  #isFor(rules: readonly PolicyRule[], packet: Packet, from: Interface): boolean {
    return rules.some((rule) => this.#fits(rule, packet, from))
  }

  #matches(rule: PolicyRule, packet: Packet, from: Interface): boolean {
    if (!this.#fits(rule, packet, from)) return false
    if (rule.pattern !== null) return begins(packet.payload, rule.pattern)
    return rule.everyPacket || rule.action === 'throttle' || this.#state === 'new'
  }

  #fits({ direction, transports, ports }: PolicyRule, packet: Packet, from: Interface): boolean {
    if ((direction === 'out') !== (from === this.#inside)) return false
    if (transports === 'any') return true
    const transport = packet.protocol === TCP ? 'tcp' : packet.protocol === UDP ? 'udp' : null
    if (transport === null || !transports.includes(transport)) return false
    if (ports === 'any') return true
    return 'only' in ports
      ? ports.only.includes(packet.destinationPort)
      : !ports.except.includes(packet.destinationPort)
  }

  /** What is cut goes on, and so does IPv6. */
  #stop(packet: Packet, { action, payloadBytes }: PolicyRule): boolean {
    if (action === 'truncate') {
      if (!packet.isIpv6) packet.payload = packet.payload.subarray(0, payloadBytes!)
      return true
    }
    if (this.#machine.world.trace !== null) note(this.#machine, 'policy', packet, `stopped by the provider: ${action}`)
    if (action === 'drop' || action === 'throttle') return false
    if (packet.protocol === TCP) answerReset(this.#machine, packet)
    else answerError(this.#machine, packet, 'admin-prohibited', this.#ownAddress(packet))
    if (action === 'reset' && packet.protocol === TCP) this.#resetOnward(packet)
    return false
  }

  /** The packet's own end is told as if by the sender. */
  #resetOnward(packet: Packet): void {
    packet.flags = RST
    packet.payload = new Uint8Array(0)
    packet.flow = null
    this.#machine.send(packet)
  }

  #ownAddress(packet: Packet): number {
    return this.#machine.sourceTowards(packet.source)
  }
}

function begins(payload: Uint8Array, pattern: Uint8Array): boolean {
  return payload.length >= pattern.length && pattern.every((byte, index) => byte === payload[index])
}
