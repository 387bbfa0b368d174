import { askPcpOutside } from '../gateway/ask-pcp-outside.ts'
import { discoverIgd } from '../gateway/discover-igd.ts'
import { discoverNatPmp } from '../gateway/discover-nat-pmp.ts'
import { discoverPcp } from '../gateway/discover-pcp.ts'
import type { Discovered, DiscoveryTarget } from '../gateway/discovery.ts'
import type { IgdDevice } from '../gateway/igd-device.ts'
import { CHECK_PATIENCE_MS } from '../gateway/patience.ts'
import type { Host } from '../host/host.ts'
import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import type {
  AddressesFact,
  DefaultRoute,
  GatewayAnswer,
  GatewayProtocol,
  GatewaysFact,
  OuterGatewaysFact,
} from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import type { ContactMemory } from '../vantage/contacted.ts'
import { attempt } from './attempt.ts'
import { type GatewaySelf, uniqueName } from './gateway-self.ts'
import type { Notebook } from './notebook.ts'
import { type OuterRouter, outerRouters } from './outer-routers.ts'

interface Told {
  readonly answer: GatewayAnswer
  readonly discovered: Discovered | null
}

interface Question {
  readonly families: readonly Family[]
  readonly ask: (host: Host, target: DiscoveryTarget | null) => Promise<Told>
}

/** How the protocols are asked for that are questions and answers, the best first; UPnP is a conversation. */
const QUESTIONS: readonly Question[] = [
  { families: ['ipv4', 'ipv6'], ask: askPcp },
  { families: ['ipv4'], ask: askNatPmp },
]

/** Further ones are no home's. */
const MOST_GATEWAYS = 4

/** One that speaks UPnP has begun a conversation, and may go on with it. */
const CONVERSATION_MS = 500

/** Of a router's table: a home's is shorter. */
const MOST_MAPPINGS = 64

/** A gateway that has not answered by then keeps no check waiting that has everything else. */
const LEAST_PATIENCE_MS = 250

interface Context {
  readonly host: Host
  readonly notebook: Notebook
  readonly memory: ContactMemory
  readonly addresses: AddressesFact
}

/**
 * Asks all gateways of both families at once, in every protocol, beside everything else that is asked; a silent one is
 * waited for a second, and less where it is all that is left to wait for.
 *
 * A gateway that knows nothing of it refuses each question by an ICMP error, and Linux tells one address only six such in
 * a row, then one a second. So they are asked once `wayMeasured` says that no hop has to tell of itself any more.
 */
export class GatewayQuestions {
  /** Resolves when nothing is waited for any more, with what the gateways said of themselves. */
  readonly asked: Promise<readonly GatewaySelf[]>
  readonly #host: Host
  readonly #stop = new AbortController()
  #startMs: number

  constructor(context: Context, wayMeasured: Promise<void>) {
    this.#host = context.host
    this.#startMs = context.host.clock.monotonicMs()
    this.asked = this.#ask(context, wayMeasured)
  }

  async #ask(context: Context, wayMeasured: Promise<void>): Promise<readonly GatewaySelf[]> {
    await wayMeasured
    this.#startMs = this.#host.clock.monotonicMs()
    return observeGateways(context, this.#stop.signal)
  }

  /** Nothing else is waited for. */
  async finish(): Promise<readonly GatewaySelf[]> {
    const leftMs = this.#startMs + LEAST_PATIENCE_MS - this.#host.clock.monotonicMs()
    const early = new AbortController()
    const wait = this.#host.clock.sleep(Math.max(0, leftMs), early.signal)
    await Promise.race([wait, this.asked])
    early.abort()
    this.#stop.abort()
    return this.asked
  }
}

async function observeGateways(
  { host, notebook, memory, addresses }: Context,
  signal: AbortSignal,
): Promise<readonly GatewaySelf[]> {
  const gateways = gatewaysOf(addresses).slice(0, MOST_GATEWAYS)
  if (gateways.length === 0) return []
  const outer = outerRouters(notebook.facts('hops'), addresses)
  return notebook.step('gateways', async () => {
    await memory.add(...gateways.map(({ address }) => address), ...outer.map(({ address }) => address))
    const [{ fact, selves }, beyond] = await Promise.all([
      probeGateways(host, gateways, signal),
      probeOuterGateways(host, outer, signal),
    ])
    notebook.add('gateways', fact)
    if (beyond.gateways.length > 0) notebook.add('outer-gateways', beyond)
    return selves
  })
}

export interface AskedGateway {
  readonly family: Family
  readonly address: Address
  /** This host's own address towards it; null where there is none to ask from. */
  readonly local: Address | null
}

/** The gateways of the default routes, each once, with the address that mappings would be asked for. */
export function gatewaysOf({ defaultRoutes, addresses, source }: AddressesFact): readonly AskedGateway[] {
  const localOn = ({ family, interface: name }: DefaultRoute): Address | null => {
    const there = addresses.filter((each) => each.family === family && each.interface === name)
    const best = there.find(({ address }) => address === source[family])
    // A gateway is asked for what strangers dial: of IPv6 never the link-local address.
    return (best ?? there.find(({ address }) => scopeOf(address) !== 'link-local'))?.address ?? null
  }
  const asked = defaultRoutes.flatMap((route) =>
    route.gateway === null ? [] : [{ family: route.family, address: route.gateway, local: localOn(route) }],
  )
  return asked.filter(({ address }, index) => asked.findIndex((each) => each.address === address) === index)
}

/** What every gateway says to every protocol of its family; nothing is mapped. A silent one takes a second. */
export async function probeGateways(
  host: Host,
  gateways: readonly AskedGateway[],
  signal: AbortSignal,
): Promise<{ readonly fact: GatewaysFact; readonly selves: readonly GatewaySelf[] }> {
  const addresses = gateways.map(({ address }) => address)
  const asked = gateways.map(async ({ family, address, local }) => {
    const target = local === null ? null : { gateway: address, local, signal }
    const questions = QUESTIONS.filter(({ families }) => families.includes(family))
    let natPmp: GatewaySelf['natPmp'] = null
    const answers = questions.map(async ({ ask }): Promise<GatewayAnswer> => {
      const { answer, discovered } = await ask(host, target)
      if (answer.protocol === 'nat-pmp') natPmp = toldBy(discovered, host.clock.monotonicMs())
      return answer
    })
    const [told, upnp] = await Promise.all([Promise.all(answers), askUpnp(host, target, addresses)])
    const { answer, device, ...shown } = upnp
    const self: GatewaySelf = {
      gateway: address,
      udn: device === null ? null : uniqueName(device.udn),
      description: device?.location ?? null,
      natPmp,
    }
    return { self, gateway: { family, address, answers: [...told, answer], ...shown } }
  })
  const all = await Promise.all(asked)
  return { fact: { gateways: all.map(({ gateway }) => gateway) }, selves: all.map(({ self }) => self) }
}

async function askPcp(host: Host, target: DiscoveryTarget | null): Promise<Told> {
  if (target === null) return { answer: answerOf('pcp', null), discovered: null }
  const isIpv4 = familyOf(target.gateway) === 'ipv4'
  const [discovered, outside] = await Promise.all([
    attempt(() => discoverPcp(host, target), null),
    isIpv4 ? attempt(() => askPcpOutside(host, target), undefined) : undefined,
  ])
  const answer = answerOf('pcp', discovered)
  const { externalAddress = null, seesAnotherAddress = false } = outside ?? {}
  const told = { ...answer, externalAddress, ...(seesAnotherAddress && ({ seesAnotherAddress } as const)) }
  return { answer: told, discovered }
}

async function askNatPmp(host: Host, target: DiscoveryTarget | null): Promise<Told> {
  const discovered = target && (await attempt(() => discoverNatPmp(host, target), null))
  return { answer: answerOf('nat-pmp', discovered), discovered }
}

/** The same questions to routers further out, which know best what lies on both their sides. */
async function probeOuterGateways(
  host: Host,
  routers: readonly OuterRouter[],
  signal: AbortSignal,
): Promise<OuterGatewaysFact> {
  const asked = routers.map(async ({ address, ttl, local }) => {
    const target = { gateway: address, local, signal }
    const search = { ...target, gateways: [address], multicast: false, patienceMs: CHECK_PATIENCE_MS }
    const [pcp, natPmp, igd] = await Promise.all([
      askPcp(host, target),
      askNatPmp(host, target),
      attempt(() => discoverIgd(host, search), null),
    ])
    return { address, ttl, answers: [pcp.answer, natPmp.answer, answerOf('upnp', igd?.discovered ?? null)] }
  })
  return { gateways: await Promise.all(asked) }
}

type GatewayFact = GatewaysFact['gateways'][number]

interface UpnpSeen extends Pick<GatewayFact, 'mappings' | 'refusedLocations'> {
  readonly answer: GatewayAnswer
  readonly device: IgdDevice | null
}

/** Does it speak UPnP, and what stands in its table? */
async function askUpnp(
  host: Host,
  target: (DiscoveryTarget & { readonly signal: AbortSignal }) | null,
  gateways: readonly Address[],
): Promise<UpnpSeen> {
  if (target === null) return { answer: answerOf('upnp', null), mappings: null, refusedLocations: [], device: null }
  const patience = new AbortController()
  let answered = false
  const onAnswer = () => {
    answered = true
  }
  const giveUp = async () => {
    if (answered) await host.clock.sleep(CONVERSATION_MS, patience.signal)
    patience.abort()
  }
  target.signal.addEventListener('abort', giveUp)
  const { signal } = patience
  const search = { ...target, gateways, signal, onAnswer, patienceMs: CHECK_PATIENCE_MS }
  const found = await attempt(() => discoverIgd(host, search), null)
  const listed = found?.mapper && (await found.mapper.glance(MOST_MAPPINGS, signal))
  patience.abort()
  const mappings = listed?.map(({ transport, externalPort, internal, description }) => {
    return { transport, externalPort, internal, description }
  })
  const answer = answerOf('upnp', found?.discovered ?? null)
  return { answer, mappings: mappings ?? null, refusedLocations: found?.refused ?? [], device: found?.device ?? null }
}

function toldBy(discovered: Discovered | null, atMs: number): GatewaySelf['natPmp'] {
  if (discovered?.outcome !== 'speaks') return null
  const { externalAddress, epochSeconds } = discovered
  return externalAddress === null || epochSeconds === null ? null : { externalAddress, epochSeconds, atMs }
}

function answerOf(protocol: GatewayProtocol, discovered: Discovered | null): GatewayAnswer {
  const nothing = { protocol, externalAddress: null, epochSeconds: null, model: null, detail: null }
  if (discovered === null) return { ...nothing, outcome: 'not-asked' }
  if (discovered.outcome === 'refuses') return { ...nothing, outcome: 'refuses', detail: discovered.detail }
  if (discovered.outcome !== 'speaks') return { ...nothing, outcome: discovered.outcome }
  const { outcome, externalAddress, hasNoExternal = false, epochSeconds, model } = discovered
  const none = hasNoExternal ? ({ hasNoExternal } as const) : {}
  return { ...nothing, outcome, externalAddress, ...none, epochSeconds, model }
}
