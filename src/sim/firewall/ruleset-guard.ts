import { PeerwayError } from '../../model/error.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import type { Fate } from '../../ruleset/fate.ts'
import type { Connection, Packet as RulePacket, WalkContext } from '../../ruleset/packet.ts'
import { walkPacket } from '../../ruleset/walk.ts'
import { KERNEL_TIMEOUTS, type PacketState, Tracker } from '../conntrack/tracker.ts'
import type { Guard } from '../guard.ts'
import { answerError, answerReset } from '../icmp-error.ts'
import { icmpNumbers } from '../icmp-numbers.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import { ICMP, type Packet, TCP } from '../packet.ts'
import { note } from '../trace.ts'

const MOST_FLOWS = 262_144

/** A host's own netfilter rules: each packet to it and from it walks them; one to itself walks them twice. */
export class RulesetGuard implements Guard {
  readonly #machine: Machine
  readonly #rules: CompiledRuleset
  readonly #tracker = new Tracker({ timeouts: KERNEL_TIMEOUTS, maxFlows: MOST_FLOWS })
  #state: PacketState = 'invalid'

  constructor(machine: Machine, rules: CompiledRuleset) {
    this.#machine = machine
    this.#rules = rules
  }

  arriving(packet: Packet): boolean {
    this.#state = this.#tracker.see(packet, this.#machine.world.nowMs)
    return true
  }

  entering(packet: Packet, from: Interface): boolean {
    return this.#judge(packet, { inInterface: from.name })
  }

  passing(): boolean {
    return true
  }

  leaving(packet: Packet, from: Interface | null, to: Interface): boolean {
    if (from !== null) return true
    this.#state = this.#tracker.see(packet, this.#machine.world.nowMs)
    return this.#judge(packet, { inInterface: null, outInterface: to.name })
  }

  returning(packet: Packet, side: 'out' | 'in'): boolean {
    this.#state = this.#tracker.see(packet, this.#machine.world.nowMs)
    if (side === 'in') return this.#judge(packet, { inInterface: 'lo' })
    return this.#passes(packet, { inInterface: null, outInterface: 'lo' })
  }

  /** Does it go on? Then its connection is one that is known. */
  #judge(packet: Packet, on: Pick<RulePacket, 'inInterface' | 'outInterface'>): boolean {
    return this.#passes(packet, on) && this.#accept(packet)
  }

  #passes(packet: Packet, on: Pick<RulePacket, 'inInterface' | 'outInterface'>): boolean {
    const context: WalkContext = { route: () => 'local', connection: this.#connection(packet) }
    const fate = walkPacket(this.#rules, { ...this.#seen(packet), ...on }, context)
    if (fate.kind === 'accept') return true
    if (fate.kind === 'unknown') {
      const why = `the simulator cannot judge "${fate.expression}" in the firewall of ${this.#machine.name}`
      throw new PeerwayError('bad-input', why)
    }
    if (this.#machine.world.trace !== null) note(this.#machine, 'filter', packet, `${fate.kind} by ${whoOf(fate)}`)
    if (fate.kind === 'reject') this.#refuse(packet, fate)
    return false
  }

  #accept(packet: Packet): boolean {
    const { flow } = packet
    if (flow === null || flow.reply !== null || packet.isIcmpError) return true
    return this.#tracker.confirm(packet, this.#machine.world.nowMs)
  }

  #connection(packet: Packet): Connection {
    return { state: this.#state, direction: packet.isReply ? 'reply' : 'original', ...NOT_TRANSLATED }
  }

  #seen(packet: Packet): Omit<RulePacket, 'inInterface'> {
    const { addresses } = this.#machine.world
    const { protocol, isIpv6 } = packet
    const ends = {
      family: isIpv6 ? ('ipv6' as const) : ('ipv4' as const),
      source: addresses.text(packet.source),
      destination: addresses.text(packet.destination),
      ttl: packet.ttl,
      lengthBytes: packet.lengthBytes,
      packetType: 'host' as const,
    }
    if (protocol !== ICMP) {
      const ports = { sourcePort: packet.sourcePort, destinationPort: packet.destinationPort }
      return { ...ends, protocol, ...ports, ...(protocol === TCP ? { tcpFlags: packet.flags } : {}) }
    }
    const [type, code] = icmpNumbers(packet.icmp!, isIpv6)
    return { ...ends, protocol: isIpv6 ? 58 : 1, icmpType: type, icmpCode: code }
  }

  #refuse(packet: Packet, { rejection }: Extract<Fate, { kind: 'reject' }>): void {
    if (rejection.kind === 'tcp-reset') return answerReset(this.#machine, packet)
    const name = rejection.kind === 'icmp' ? rejection.name : 'port-unreachable'
    const kind = name.endsWith('prohibited') ? 'admin-prohibited' : (REJECTIONS[name] ?? 'port-unreachable')
    answerError(this.#machine, packet, kind, packet.destination)
  }
}

const NOT_TRANSLATED = { sourceTranslated: false, destinationTranslated: false } as const

const REJECTIONS: Readonly<Record<string, 'net-unreachable' | 'host-unreachable'>> = {
  'net-unreachable': 'net-unreachable',
  'no-route': 'net-unreachable',
  'host-unreachable': 'host-unreachable',
  'addr-unreachable': 'host-unreachable',
}

function whoOf(fate: Exclude<Fate, { kind: 'accept' | 'unknown' }>): string {
  if (fate.kind === 'unroutable') return 'routing'
  const { table, chain, rule } = fate.by.at
  return `${table} ${chain}: ${rule?.text ?? 'its policy'}`
}
