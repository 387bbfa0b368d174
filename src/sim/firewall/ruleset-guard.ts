import { errorText, PeerwayError } from '../../model/error.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import type { Fate } from '../../ruleset/fate.ts'
import type { Connection, Packet as RulePacket, WalkContext } from '../../ruleset/packet.ts'
import { walkPacket } from '../../ruleset/walk.ts'
import { rewriteDestination, rewriteError, rewriteErrorSource, rewriteSource } from '../conntrack/rewrite.ts'
import { KERNEL_TIMEOUTS, type PacketState, Tracker } from '../conntrack/tracker.ts'
import type { Guard } from '../guard.ts'
import { answerError, answerReset } from '../icmp-error.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import type { Packet } from '../packet.ts'
import type { Prng } from '../prng.ts'
import { note } from '../trace.ts'
import { translateFirst } from './flow-translation.ts'
import { knownConnection } from './known-connection.ts'
import { rulePacket } from './rule-packet.ts'
import { surroundingsOf } from './surroundings.ts'

const MOST_FLOWS = 262_144

type Side = Pick<RulePacket, 'inInterface' | 'outInterface'>
type Passed = Extract<Fate, { kind: 'accept' | 'unroutable' }>

/**
 * A host's own netfilter rules. Each packet that comes in walks all hooks at once, from ingress to where it ends or
 * leaves; so does each of the host's own, from output on. One to the host itself walks twice.
 */
export class RulesetGuard implements Guard {
  readonly #machine: Machine
  #rules: CompiledRuleset
  readonly #tracker = new Tracker({ timeouts: KERNEL_TIMEOUTS, maxFlows: MOST_FLOWS })
  readonly #random: Prng
  readonly #surroundings: WalkContext

  constructor(machine: Machine, rules: CompiledRuleset) {
    this.#machine = machine
    this.#rules = rules
    this.#surroundings = surroundingsOf(machine)
    this.#random = machine.world.random(`firewall/${machine.name}`)
  }

  /** Other rules from now on. Connections stay known, as the kernel keeps them too. */
  replaceRules(rules: CompiledRuleset): void {
    this.#rules = rules
  }

  get rules(): CompiledRuleset {
    return this.#rules
  }

  arriving(packet: Packet, from: Interface): boolean {
    const state = this.#tracker.see(packet, this.#machine.world.nowMs)
    return this.#follow(packet, state, { inInterface: from.name })
  }

  entering(): boolean {
    return true
  }

  passing(): boolean {
    return true
  }

  leaving(packet: Packet, from: Interface | null, to: Interface): boolean {
    return from !== null || this.#leave(packet, to.name)
  }

  returning(packet: Packet, side: 'out' | 'in'): boolean {
    if (side === 'out') return this.#leave(packet, 'lo')
    // It comes back as the packet that it left as, and is translated already.
    const { flow } = packet
    const state = packet.isIcmpError ? 'related' : flow?.sawReply ? 'established' : 'new'
    return this.#judgeAsIs(packet, flow === null ? 'invalid' : state, { inInterface: 'lo' })
  }

  #leave(packet: Packet, device: string): boolean {
    const on = { inInterface: null, outInterface: device }
    const { nowMs } = this.#machine.world
    if (packet.quote !== null) {
      // It quotes a packet as that came in.
      const about = this.#tracker.table.find(packet.quote, nowMs)
      packet.flow = about?.flow ?? null
      packet.isReply = about?.isReply === false
      return this.#judgeAsIs(packet, about === null ? 'invalid' : 'related', on)
    }
    if (packet.flow !== null) return this.#judgeAsIs(packet, 'related', on)
    return this.#follow(packet, this.#tracker.see(packet, nowMs), on)
  }

  /** For a packet that bears its last addresses already. */
  #judgeAsIs(packet: Packet, state: PacketState, on: Side): boolean {
    const known = knownConnection(this.#machine.world.addresses, packet, state)
    return this.#judge(packet, this.#walk(packet, on, { ...known, rewrite: {} }))
  }

  /** Does it go on? Then it is rewritten as it leaves, and its connection is one that is known. */
  #follow(packet: Packet, state: PacketState, on: Side): boolean {
    const fate = this.#walk(packet, on, knownConnection(this.#machine.world.addresses, packet, state))
    if (!this.#judge(packet, fate)) return false
    const { flow } = packet
    if (flow === null) return true
    if (packet.isIcmpError) {
      rewriteError(packet)
      rewriteErrorSource(packet)
      return true
    }
    if (flow.reply === null) return this.#begin(packet, fate)
    rewriteDestination(packet)
    rewriteSource(packet)
    return true
  }

  /** A flow's first packet: translated as the rules say. What goes nowhere begins nothing. */
  #begin(packet: Packet, fate: Passed): boolean {
    const { world } = this.#machine
    const translations = fate.kind === 'accept' ? fate.translations : []
    const around = {
      addresses: world.addresses,
      table: this.#tracker.table,
      random: this.#random,
      nowMs: world.nowMs,
    }
    const done = translateFirst(
      packet,
      fate,
      translations.map(({ translation }) => translation),
      around,
    )
    if (!done) throw this.#unknown(translations.at(-1)?.text ?? 'a translation')
    if (translations.length > 0 && world.trace !== null) note(this.#machine, 'nat', packet, translations.at(-1)!.text)
    if (fate.kind === 'unroutable' || this.#tracker.confirm(packet, world.nowMs)) return true
    if (world.trace !== null) note(this.#machine, 'filter', packet, 'dropped: the table of connections is full')
    return false
  }

  #walk(packet: Packet, on: Side, connection: Connection): Fate {
    const { addresses } = this.#machine.world
    return walkPacket(this.#rules, { ...rulePacket(addresses, packet), ...on }, { ...this.#surroundings, connection })
  }

  /** What cannot be routed is left to the machine, which knows what to say to whom. */
  #judge(packet: Packet, fate: Fate): fate is Passed {
    if (fate.kind === 'accept' || fate.kind === 'unroutable') return true
    if (fate.kind === 'unknown') throw this.#unknown(fate.expression)
    if (this.#machine.world.trace !== null) note(this.#machine, 'filter', packet, `${fate.kind} by ${whoOf(fate)}`)
    if (fate.kind === 'reject') this.#refuse(packet, fate)
    return false
  }

  #refuse(packet: Packet, { rejection }: Extract<Fate, { kind: 'reject' }>): void {
    if (rejection.kind === 'tcp-reset') return answerReset(this.#machine, packet)
    const name = rejection.kind === 'icmp' ? rejection.name : 'port-unreachable'
    const kind = name.endsWith('prohibited') ? 'admin-prohibited' : (REJECTIONS[name] ?? 'port-unreachable')
    answerError(this.#machine, packet, kind, this.#speaker(packet))
  }

  /** Errors about what was for this host come from the address that it was for. */
  #speaker({ destination, source }: Packet): number {
    return this.#machine.routes.way(destination) === 'local' ? destination : this.#machine.sourceTowards(source)
  }

  #unknown(expression: string): PeerwayError {
    return new PeerwayError('bad-input', errorText('error.sim-judge', { expression, host: this.#machine.name }))
  }
}

const REJECTIONS: Readonly<Record<string, 'net-unreachable' | 'host-unreachable'>> = {
  'net-unreachable': 'net-unreachable',
  'no-route': 'net-unreachable',
  'host-unreachable': 'host-unreachable',
  'addr-unreachable': 'host-unreachable',
}

function whoOf(fate: Extract<Fate, { kind: 'drop' | 'reject' }>): string {
  const { table, chain, rule } = fate.by.at
  return `${table} ${chain}: ${rule?.text ?? 'its policy'}`
}
