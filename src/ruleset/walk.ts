import { addressValue } from './address-value.ts'
import type { CompiledBase, CompiledRuleset } from './compile.ts'
import { type Asked, explore, type Run } from './explore.ts'
import type { Decision, Fate } from './fate.ts'
import { type Flight, newFlight, packetNow } from './flight.ts'
import { type Layer, type Station, stationsOf } from './hook-order.ts'
import { CT_STATES } from './names.ts'
import type { Packet, Route, Translated, WalkContext } from './packet.ts'
import type { Hook } from './ruleset.ts'
import { placeOf, type Ruling, traverse } from './traverse.ts'

/** Rules looked at in all walks of one packet together; some 50 ms. */
const BUDGET = 4_000_000

/**
 * Follows one packet through the hooks of the host: ingress, prerouting, routing, then input, or forward and
 * postrouting; or output and postrouting for a packet of the host's own. A drop in any base chain is the end; an accept
 * ends only its own chain. What cannot be judged is tried both ways, and matters only where the ends differ.
 *
 * Pure; never throws for any rule set. At most 256 ways and 4,000,000 rules are followed, then the fate is `unknown`.
 */
export function walkPacket(rules: CompiledRuleset, packet: Packet, context: WalkContext): Fate {
  let budget = BUDGET
  return explore((answers) => {
    const asked: Asked[] = []
    const oracle = {
      budget,
      answer: (question: Asked) => {
        asked.push(question)
        return answers[asked.length - 1] ?? false
      },
    }
    const fate = new Walk(rules, newFlight(packet, context, oracle)).run()
    budget = oracle.budget
    return { fate, asked } satisfies Run
  })
}

/** One way of one packet. Every method answers the fate when the way ends there, else null. */
class Walk {
  readonly #rules: CompiledRuleset
  readonly #f: Flight
  readonly #trail: Decision[] = []
  #by: Decision | null = null

  constructor(rules: CompiledRuleset, flight: Flight) {
    this.#rules = rules
    this.#f = flight
  }

  run(): Fate {
    return this.#f.packet.inInterface === null ? this.#leaving() : this.#arriving()
  }

  #arriving(): Fate {
    const f = this.#f
    const stopped =
      this.#device('ingress', f.iif) ?? this.#bridged(['prerouting', 'input'], 'iif') ?? this.#ip('prerouting')
    if (stopped !== null) return stopped
    const route = this.#route()
    if (typeof route === 'string')
      return route === 'local' ? (this.#ip('input') ?? this.#accepted(null)) : this.#lost(route)
    f.oif = route.out
    if (f.ttl !== undefined && f.ttl <= 1) return this.#lost('expired')
    // The kernel counts the hop before the rules of forward see the packet.
    if (f.ttl !== undefined) f.ttl--
    return this.#ip('forward') ?? this.#sent()
  }

  #leaving(): Fate {
    const f = this.#f
    const before = { daddr: f.daddr, mark: f.mark }
    const stopped = this.#ip('output')
    if (stopped !== null) return stopped
    // A new destination or mark is routed again.
    if (f.daddr !== before.daddr || f.mark !== before.mark) {
      const route = this.#route()
      if (typeof route === 'string' && route !== 'local') return this.#lost(route)
      f.oif = typeof route === 'string' ? 'lo' : route.out
    }
    return this.#sent()
  }

  #sent(): Fate {
    const { oif } = this.#f
    const stopped = this.#ip('postrouting') ?? this.#bridged(['output', 'postrouting'], 'oif')
    return stopped ?? this.#device('egress', oif) ?? this.#accepted(oif)
  }

  #route(): Route {
    if (this.#f.redirected) return 'local'
    const packet = packetNow(this.#f)
    return packet === undefined ? 'unknown' : this.#f.context.route(packet)
  }

  #ip(hook: Hook): Fate | null {
    return this.#hook(this.#f.isIpv4 ? 'ipv4' : 'ipv6', hook)
  }

  #hook(layer: Layer, hook: Hook): Fate | null {
    const f = this.#f
    f.hook = hook
    for (const station of this.#stations(layer, hook)) {
      if (station.kind === 'tracking') f.tracked = true
      else {
        const stopped = station.kind === 'chain' ? this.#chain(station.base) : this.#translation(station.bases)
        if (stopped !== null) return stopped
      }
    }
    return null
  }

  #stations(layer: Layer, hook: Hook): readonly Station[] {
    const { list, other } = stationsOf(this.#rules, layer, hook)
    if (other === null) return list
    const expression = `whether nft's or iptables' chains come first at hook ${hook}`
    return this.#f.oracle.answer({ expression, at: null }) ? other : list
  }

  #chain(base: CompiledBase): Fate | null {
    return this.#ruled(traverse(base, this.#f))
  }

  #ruled(ruling: Ruling): Fate | null {
    if (ruling.kind === 'unknown') return { ...ruling, possible: [] }
    const decision: Decision = { verdict: ruling.kind, at: ruling.at }
    this.#trail.push(decision)
    if (ruling.kind === 'drop') return { kind: 'drop', by: decision, trail: this.#trail }
    if (ruling.kind === 'reject') {
      return { kind: 'reject', rejection: ruling.rejection, by: decision, trail: this.#trail }
    }
    if (DECISIVE.has(this.#f.hook)) this.#by = decision
    return null
  }

  /** The first packet of a connection asks the rules; the others are rewritten as the first one was. */
  #translation(bases: readonly CompiledBase[]): Fate | null {
    const f = this.#f
    if (f.untracked || f.ctState === CT_STATES.invalid) return null
    const isIcmp = f.protocol === 1 || f.protocol === 58
    const { rewrite } = f.context.connection ?? {}
    // Before it is answered a connection is new for more than one packet, and only the first of them asks.
    const asks = f.ctState === CT_STATES.new || (f.ctState === CT_STATES.related && !isIcmp)
    if (asks && rewrite === undefined) {
      const done = f.translations.length
      for (const base of bases) {
        const stopped = this.#chain(base)
        if (stopped !== null || f.translations.length > done) return stopped
      }
      return null
    }
    const isDestination = f.hook === 'prerouting' || f.hook === 'output'
    if (isDestination && rewrite?.destination !== undefined) this.#rewriteDestination(rewrite.destination)
    if (!isDestination && rewrite?.source !== undefined) this.#rewriteSource(rewrite.source)
    return null
  }

  #rewriteDestination(to: Translated): void {
    this.#f.daddr = addressValue(to.address)
    this.#f.dport = to.port ?? this.#f.dport
  }

  #rewriteSource(to: Translated): void {
    this.#f.saddr = addressValue(to.address)
    this.#f.sport = to.port ?? this.#f.sport
  }

  /** Chains bound to a device. Where the listing does not say to which, the packet may or may not meet them. */
  #device(hook: 'ingress' | 'egress', device: string): Fate | null {
    const f = this.#f
    f.hook = hook
    for (const station of this.#stations('device', hook)) {
      if (station.kind !== 'chain') continue
      const { base, chain } = station.base
      const at = placeOf(station.base, chain, null, f)
      const meets =
        base.devices?.includes(device) ?? f.oracle.answer({ expression: `device of chain ${chain.name}`, at })
      const stopped = meets ? this.#chain(station.base) : null
      if (stopped !== null) return stopped
    }
    return null
  }

  /** A bridge's frames meet the rules of family bridge under the name of their port. */
  #bridged(hooks: readonly Hook[], side: 'iif' | 'oif'): Fate | null {
    const f = this.#f
    const bridge = f[side]
    const port = f.context.bridgePort?.(bridge)
    if (port === undefined) return null
    f[side] = port
    let stopped: Fate | null = null
    for (const hook of hooks) stopped ??= this.#hook('bridge', hook)
    f[side] = bridge
    return stopped
  }

  #accepted(out: string | null): Fate {
    const packet = packetNow(this.#f) ?? null
    const { translations } = this.#f
    return { kind: 'accept', packet, out, by: this.#by, trail: this.#trail, translations }
  }

  #lost(why: 'unreachable' | 'expired' | 'unknown'): Fate {
    if (why !== 'unknown') {
      return { kind: 'unroutable', why, packet: packetNow(this.#f) ?? null, trail: this.#trail }
    }
    const last = this.#f.translations.at(-1)
    return { kind: 'unknown', expression: last?.text ?? 'the routing decision', at: null, possible: [] }
  }
}

const DECISIVE: ReadonlySet<Hook> = new Set<Hook>(['input', 'forward', 'output'])
