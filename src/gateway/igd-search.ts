import type { Host } from '../host/host.ts'
import { type Address, type Endpoint, familyOf } from '../model/endpoint.ts'
import type { RefusedLocation } from '../model/evidence.ts'
import { printable } from '../wire/igd/description.ts'
import { IGD_TARGETS, ROOT_TARGET, WAN_SERVICES } from '../wire/igd/services.ts'
import { MAX_WAIT_SECONDS, type SsdpSearchAction, SsdpSearchSchedule } from '../wire/ssdp/search.ts'
import { decodeAnswer, encodeSearch, SSDP_GROUPS, SSDP_PORT } from '../wire/ssdp/ssdp.ts'
import type { DiscoveryTarget } from './discovery.ts'
import type { HttpSource } from './http-exchange.ts'
import { describeDevice, type IgdDevice, locateOn } from './igd-device.ts'
import { isLinkLocalIpv6, linkTowards, ownLinkLocal } from './link-towards.ts'

export interface IgdSearch extends DiscoveryTarget {
  /** All gateways of this host: what they say is no lie, though not this search's matter. */
  readonly gateways: readonly Address[]
  /** How long silence is waited for; without it as long as a device may take to answer a group, and some more. */
  readonly patienceMs?: number
  /** Is its whole network asked as well, by multicast? Left out: yes. A router that is not on it hears the first alone. */
  readonly multicast?: boolean
  /** Told when the gateway itself has answered: what follows is a conversation. */
  readonly onAnswer?: () => void
}

export interface IgdFound {
  /** The best device that the gateway describes; undefined where it describes none. */
  readonly device: IgdDevice | undefined
  /** From the first question to the gateway's first answer; null where it gave none. */
  readonly rttMs: number | null
  /** URLs that were named and not followed, at most 8. */
  readonly refused: readonly RefusedLocation[]
}

/** Three transmissions, the second that a device may take after the last, and the way to it and back. */
const SEARCH_PATIENCE_MS = 1800
const MOST_DESCRIPTIONS = 4
const MOST_REFUSED = 8
/** A device of version 1 is taken when nothing better has answered in this time: some have a description for each version. */
const BETTER_COMES_MS = 150

const SEARCHED_FOR: readonly string[] = [...IGD_TARGETS, ROOT_TARGET]

/**
 * Looks for an Internet gateway device on one gateway: asks it and, by multicast, its whole network, for some devices answer
 * only one of the two. What answers counts only if it bears the gateway's own address (from any port, as some devices
 * answer from another), and is followed only to that address. Ends with the first good device, else after the patience
 * and what a description takes that came late. `PeerwayError` when this host cannot send from `local`.
 */
export async function searchIgd(host: Host, search: IgdSearch): Promise<IgdFound> {
  const unicast = { address: search.gateway, port: SSDP_PORT }
  const link = await linkTowards(host, search.gateway)
  // Asked from a global address, a router answers from one of its own that nobody here knows to be the gateway's.
  const address = (await ownLinkLocal(host, link)) ?? search.local
  await using open = await host.udp.open({ local: { address, port: 0 }, ...link })
  const collector = new Collector(host, search, { local: search.local, ...link })
  open.onEvent((event) => {
    if (event.kind === 'datagram') collector.take(event.from, event.data)
  })
  const group = { address: SSDP_GROUPS[familyOf(search.gateway)], port: SSDP_PORT }
  const ask = async () => {
    for (const [to, targets] of [
      [unicast, SEARCHED_FOR],
      ...(search.multicast === false ? [] : [[group, IGD_TARGETS] as const]),
    ] as const) {
      for (const target of targets) await open.send(encodeSearch({ target, maxWaitSeconds: MAX_WAIT_SECONDS }, to), to)
    }
  }
  const schedule = new SsdpSearchSchedule({ patienceMs: search.patienceMs ?? SEARCH_PATIENCE_MS })
  await runSchedule(host, schedule, ask, collector.enough)
  return collector.finish()
}

async function runSchedule(
  host: Host,
  schedule: SsdpSearchSchedule,
  ask: () => Promise<void>,
  enough: AbortSignal,
): Promise<void> {
  const now = () => host.clock.monotonicMs()
  let actions: readonly SsdpSearchAction[] = schedule.step({ kind: 'start' }, now())
  while (!enough.aborted) {
    let wakeAtMs = now()
    for (const action of actions) {
      if (action.kind === 'done') return
      if (action.kind === 'wake') wakeAtMs = action.atMs
      else await ask()
    }
    await host.clock.sleep(Math.max(0, wakeAtMs - now()), enough)
    actions = schedule.step({ kind: 'timer' }, now())
  }
}

/** What answers come to, as they come. */
class Collector {
  readonly #host: Host
  readonly #search: IgdSearch
  readonly #from: HttpSource
  readonly #enough = new AbortController()
  readonly #asked = new Set<string>()
  readonly #pending: Promise<void>[] = []
  readonly #devices: IgdDevice[] = []
  readonly #refused = new Map<string, RefusedLocation>()
  readonly #startedAtMs: number
  readonly #stop = () => this.#enough.abort()
  #rttMs: number | null = null

  constructor(host: Host, search: IgdSearch, from: HttpSource) {
    this.#host = host
    this.#search = search
    this.#from = from
    this.#startedAtMs = host.clock.monotonicMs()
    search.signal?.addEventListener('abort', this.#stop)
    if (search.signal?.aborted) this.#stop()
  }

  /** Fires when nothing better is to be expected. */
  get enough(): AbortSignal {
    return this.#enough.signal
  }

  take(from: Endpoint, datagram: Uint8Array): void {
    const answer = decodeAnswer(datagram)
    if (!answer.ok || !SEARCHED_FOR.includes(answer.value.target)) return
    const { location, target } = answer.value
    const { gateway, gateways } = this.#search
    if (from.address !== gateway) {
      // Other root devices are a television's good right; another "gateway" is a lie, or one that nobody routes by.
      if (gateways.includes(from.address) || target === ROOT_TARGET) return
      // That may be another address of the gateway: of one that is known by its link-local address nobody can tell.
      if (isLinkLocalIpv6(gateway) && !isLinkLocalIpv6(from.address)) return
      this.#refuse({ from: from.address, url: printable(location, 128), why: 'not-a-gateway' })
      return
    }
    this.#rttMs ??= this.#host.clock.monotonicMs() - this.#startedAtMs
    this.#search.onAnswer?.()
    const located = locateOn(gateway, location)
    if ('refused' in located) return this.#refuse(located.refused)
    const { port, path } = located.at
    const key = `${port} ${path}`
    if (this.#asked.has(key) || this.#asked.size === MOST_DESCRIPTIONS || this.enough.aborted) return
    this.#asked.add(key)
    this.#pending.push(
      describeDevice(this.#host, located.at, this.#from, this.enough, (refused) => this.#refuse(refused)).then(
        (device) => this.#note(device),
      ),
    )
  }

  async finish(): Promise<IgdFound> {
    await Promise.all(this.#pending)
    this.#enough.abort()
    this.#search.signal?.removeEventListener('abort', this.#stop)
    const [device] = this.#devices.toSorted((a, b) => rankOf(a) - rankOf(b))
    const rttMs = this.#rttMs
    return { device, rttMs, refused: [...this.#refused.values()] }
  }

  #note(device: IgdDevice | undefined): void {
    if (device === undefined) return
    this.#devices.push(device)
    if (rankOf(device) === 0) this.#enough.abort()
    else void this.#host.clock.sleep(BETTER_COMES_MS, this.enough).then(() => this.#enough.abort())
  }

  #refuse(refused: RefusedLocation): void {
    if (this.#refused.size < MOST_REFUSED) this.#refused.set(`${refused.from} ${refused.url} ${refused.why}`, refused)
  }
}

function rankOf({ wan }: IgdDevice): number {
  return WAN_SERVICES.indexOf(wan.service as (typeof WAN_SERVICES)[number])
}
