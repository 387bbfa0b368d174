import type { Host } from '../host/host.ts'
import type { Address, Endpoint, Family } from '../model/endpoint.ts'
import type { VantageFact } from '../model/evidence.ts'
import type { ReplyOf } from '../wire/control/messages.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import { type ControlContact, contactControl } from './contact-control.ts'
import { contactStun, type StunContact, usableOther } from './contact-stun.ts'
import type { ContactMemory } from './contacted.ts'
import { controlOf } from './control-client.ts'
import { ControlExchange } from './control-exchange.ts'
import type { StunServer, Vantage } from './vantage.ts'

/** A vantage, or what may be one: `name` is what the user typed, `address` what it resolved to. */
export interface VantageSpec {
  readonly name: string
  readonly address: Address
  readonly port: number
  readonly family: Family
  readonly origin: VantageFact['origin']
}

export interface Contacted {
  readonly fact: VantageFact
  /** Null where nothing useful answered. */
  readonly vantage: Vantage | null
}

/**
 * Speaks to a vantage for the first time: its control port and its STUN server at once. The address is in `memory`
 * before the first packet leaves. Whatever the other side does is in the fact; at most 3.5 s when all is silent.
 */
export async function contactVantage(host: Host, spec: VantageSpec, memory: ContactMemory): Promise<Contacted> {
  await memory.add(spec.address)
  const server: Endpoint = { address: spec.address, port: spec.port }
  const startMs = host.clock.monotonicMs()
  const enough = new AbortController()
  let stunAnswered = false
  const asking = contactStun(host, server, enough.signal).then((contact) => {
    stunAnswered = contact.outcome === 'answered'
    return contact
  })
  const control = await contactControl(host, server, () => stunAnswered)
  // With a round trip measured, silence over UDP need not be waited for any longer than it takes.
  const stunEndMs = startMs + (TRANSMISSIONS - 1) * TRANSMISSION_INTERVAL_MS + graceMs(control.rttMs)
  const settled = new AbortController()
  void host.clock.sleep(stunEndMs - host.clock.monotonicMs(), settled.signal).then(() => enough.abort())
  const stun = await asking
  settled.abort()

  // The address that it calls its own is contacted too, whatever stands between.
  if (control.hello !== null) await memory.add(control.hello.address)
  const fact = factOf(spec, control, stun)
  return { fact, vantage: fact.kind === 'unknown' ? null : vantageOf(host, spec, memory, { fact, control, stun }) }
}

function factOf(spec: VantageSpec, control: ControlContact, stun: StunContact): VantageFact {
  const { hello, link } = control
  const { name, family, address, port, origin } = spec
  return {
    name,
    family,
    address,
    port,
    origin,
    kind: hello !== null ? 'peerway' : stun.outcome === 'answered' ? 'stun' : 'unknown',
    control: control.outcome,
    stun: stun.outcome,
    observed: hello?.observed ?? null,
    local: link?.connection.local ?? null,
    rttMs: shortest(control.rttMs, stun.rttMs),
    dialSources: hello?.dialFrom ?? [],
    canGrant: hello?.capabilities.includes('grant') ?? false,
  }
}

function shortest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

function vantageOf(
  host: Host,
  spec: VantageSpec,
  memory: ContactMemory,
  { fact, control, stun }: { fact: VantageFact; control: ControlContact; stun: StunContact },
): Vantage {
  const { hello, link } = control
  const rttMs = fact.rttMs ?? 0
  const exchange = link === null ? null : new ControlExchange(link, host.clock)
  return {
    name: spec.name,
    family: spec.family,
    fact,
    stun: stun.outcome === 'answered' ? stunServerOf(spec, stun.other, hello) : null,
    rttMs,
    control:
      exchange === null || hello === null
        ? null
        : controlOf(host, exchange, { hello, dialSources: inOrder(hello, memory), rttMs }),
    close: async () => exchange?.close(),
  }
}

/** Those that we have sent nothing to stand first, the address contacted last. */
function inOrder({ dialFrom, address }: ReplyOf<'hello'>, memory: ContactMemory): readonly Address[] {
  const others = dialFrom.filter((one) => one !== address)
  return [...others.toSorted((a, b) => Number(memory.has(a)) - Number(memory.has(b))), address]
}

/** What STUN itself announced goes before what the hello says: it is the STUN server that will be asked. */
function stunServerOf(
  { address, port }: VantageSpec,
  announced: Endpoint | null,
  hello: ReplyOf<'hello'> | null,
): StunServer {
  const { alternateAddress = null, alternatePort = null } = hello?.stun ?? {}
  const told = alternateAddress === null ? null : { address: alternateAddress, port: alternatePort ?? port }
  const other = announced ?? usableOther(told, { address, port })
  const secondPort = announced?.port ?? alternatePort
  return {
    primary: { address, port },
    // Some servers announce the address that was asked: that is no second one.
    other: other === null || other.address === address ? null : other,
    alternatePort: secondPort === port ? null : secondPort,
  }
}
