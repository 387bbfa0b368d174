import { openMapper } from '../gateway/discover.ts'
import { hasMappingEnded } from '../gateway/mapping-end.ts'
import type { MapResult, PortMapping } from '../gateway/port-mapper.ts'
import type { Host } from '../host/host.ts'
import { type Address, familyOf, formatEndpoint } from '../model/endpoint.ts'
import { parseAddress } from '../model/ip.ts'
import type { MessageParams } from '../model/message.ts'
import { SOMEWHERE } from '../probe/addresses.ts'
import type { ChangeTag, PortMappingChange } from '../remedy/change.ts'
import { kindOf } from '../remedy/change-kinds.ts'
import { Journal, type JournalEntry } from '../remedy/journal.ts'
import { takeBack } from '../remedy/make-change.ts'
import { lockRepairs } from '../remedy/repair-lock.ts'
import { type Happening, happening } from './core/happening.ts'
import type { Lease } from './core/lease.ts'
import type { RenewalOutcome } from './core/watcher-io.ts'

/** An entry of the journal that is a mapping which was granted and is to be kept. */
export interface HeldMapping extends JournalEntry {
  readonly change: ChangeTag & PortMappingChange & { readonly mapping: PortMapping }
}

export interface Renewal {
  readonly id: string
  readonly outcome: RenewalOutcome
  /** The mapping as it is now, for whoever tells of it. */
  readonly about: MessageParams
  readonly told: readonly Happening[]
}

/**
 * Keeps what the journal says was made: renews mappings, and makes again what a reboot has lost. Every step that changes
 * something takes the lock that repairs take, reads the journal anew, and leaves it whole.
 *
 * Its methods reject with a `PeerwayError` where the host cannot, `busy` while a repair runs; nothing is half done then.
 */
export class Keeper {
  readonly #host: Host
  readonly #folder: string
  /** Mappings whose router refused the last renewal, so that it is told once. */
  readonly #refused = new Set<string>()

  constructor(host: Host, folder: string) {
    this.#host = host
    this.#folder = folder
  }

  async entries(): Promise<readonly JournalEntry[]> {
    return (await Journal.open(this.#host, this.#folder)).entries
  }

  /** Takes back what a program that was killed left unproven. */
  async recover(): Promise<void> {
    await using _lock = await lockRepairs(this.#host, this.#folder)
    const journal = await Journal.open(this.#host, this.#folder)
    const unproven = journal.entries.filter(({ state }) => state !== 'kept')
    for (const entry of unproven.toReversed()) await takeBack(this.#host, journal, entry)
  }

  /** The mappings of `entries` as the watcher wants them. */
  async leases(entries: readonly JournalEntry[]): Promise<readonly Lease[]> {
    const own = await this.#ownAddresses()
    return entries.filter(isHeld).map(({ change: { id, mapping, request } }) => ({
      id,
      grantor: grantorOf(mapping),
      lifetimeSeconds: mapping.lifetimeSeconds,
      grantedAtMs: mapping.grantedAtMs,
      epochSeconds: mapping.epochSeconds ?? null,
      isHome: own.includes(request.internal.address),
    }))
  }

  /** Asks for one mapping again: the same one; or, where this host has another address by now, one for that. */
  async renew(id: string): Promise<Renewal> {
    await using _lock = await lockRepairs(this.#host, this.#folder)
    const journal = await Journal.open(this.#host, this.#folder)
    const entry = journal.entries.find(({ change }) => change.id === id)
    if (entry === undefined || !isHeld(entry)) return { id, outcome: 'ended', about: {}, told: [] }
    const own = await this.#ownAddresses()
    const internal = entry.change.mapping.internal
    const address = own.includes(internal.address) ? internal.address : await this.#sourceLike(internal.address)
    if (address === undefined) return { id, outcome: 'failed', about: {}, told: [] }
    return this.#ask(journal, entry, address)
  }

  /** Forgets entries that `heirOf` has found doubled: the router knows one mapping, and the later entry keeps it. */
  async dropDoubles(ids: readonly string[]): Promise<void> {
    await using _lock = await lockRepairs(this.#host, this.#folder)
    const journal = await Journal.open(this.#host, this.#folder)
    for (const id of ids) {
      const entry = journal.entries.find(({ change }) => change.id === id)
      const heir = entry === undefined ? undefined : heirOf(entry, journal.entries)
      if (entry === undefined || heir === undefined) continue
      await journal.remove(id)
      // What a person has asked for stays when the watch ends.
      const { leased, ...asked } = heir
      if (leased === true && entry.leased !== true) await journal.write(asked)
    }
  }

  /** Changes of this host that should be there, and are not. */
  async gone(entries: readonly JournalEntry[]): Promise<readonly string[]> {
    const gone: string[] = []
    for (const { change, state } of entries) {
      if (state !== 'kept' || change.kind === 'port-mapping' || change.kind === 'file') continue
      if ((await kindOf(change).state(this.#host, change)) === 'absent') gone.push(change.id)
    }
    return gone
  }

  /** Makes one change of this host again, which was lost at a reboot. */
  async restore(id: string): Promise<void> {
    await using _lock = await lockRepairs(this.#host, this.#folder)
    const entry = (await this.entries()).find(({ change }) => change.id === id)
    if (entry === undefined) return
    // It finds out by itself whether it is there already.
    await kindOf(entry.change).apply(this.#host, entry.change)
  }

  /** Takes back the mappings that `watch` made, as nobody renews them from now on. Returns their ids. */
  async release(): Promise<readonly string[]> {
    await using _lock = await lockRepairs(this.#host, this.#folder)
    const journal = await Journal.open(this.#host, this.#folder)
    const leased = journal.entries.filter((entry) => entry.leased === true)
    const released: string[] = []
    for (const entry of leased.toReversed()) {
      const { outcome } = await takeBack(this.#host, journal, entry)
      if (outcome !== 'left') released.push(entry.change.id)
    }
    return released
  }

  async #ask(journal: Journal, entry: HeldMapping, address: Address): Promise<Renewal> {
    const { change } = entry
    const { id, mapping, request } = change
    const isMoved = address !== mapping.internal.address
    const gateway = isMoved ? await this.#gatewayFor(mapping.gateway) : mapping.gateway
    const mapper = await openMapper(this.#host, { gateway, local: address }, mapping.protocol)
    if (mapper === null) return { id, outcome: 'failed', about: describe(mapping), told: [] }
    const internal = { address, port: mapping.internal.port }
    const { lifetimeSeconds, nonce } = request
    const asked = { ...mapping, internal, suggestedPort: mapping.externalPort, lifetimeSeconds, nonce }
    const result = isMoved ? await mapper.map(asked) : await mapper.renew(mapping, lifetimeSeconds)
    if (result.outcome !== 'mapped') return this.#refusal(journal, entry, result)
    this.#refused.delete(id)
    const renewed = result.mapping
    await journal.write({
      ...entry,
      change: { ...change, request: { ...request, internal, gateway }, mapping: renewed },
    })
    if (!isMoved && isSameOutside(mapping, renewed))
      return { id, outcome: 'renewed', about: describe(renewed), told: [] }
    const told = happening('mapping-moved', { ...describe(renewed), from: outsideOf(mapping) })
    return { id, outcome: 'changed', about: describe(renewed), told: [told] }
  }

  async #refusal(
    journal: Journal,
    entry: HeldMapping,
    result: Exclude<MapResult, { outcome: 'mapped' }>,
  ): Promise<Renewal> {
    const { id, mapping } = entry.change
    const told: Happening[] = []
    if (result.outcome === 'refused' && !this.#refused.has(id)) {
      this.#refused.add(id)
      told.push(happening('mapping-refused', { ...describe(mapping), why: result.detail }))
    }
    const isOver = hasMappingEnded(mapping, this.#host.clock.nowMs())
    // What has ended and is refused is no more; whatever opens the way next is a new one.
    if (!isOver || result.outcome !== 'refused') return { id, outcome: 'failed', about: describe(mapping), told }
    await journal.remove(id)
    this.#refused.delete(id)
    return {
      id,
      outcome: 'ended',
      about: describe(mapping),
      told: [...told, happening('mapping-ended', describe(mapping))],
    }
  }

  async #ownAddresses(): Promise<readonly Address[]> {
    return (await this.#host.network.addresses()).map(({ address }) => address)
  }

  /** The address that this host would use now in the family of one that it had. */
  async #sourceLike(address: Address): Promise<Address | undefined> {
    return this.#host.network.sourceTowards(SOMEWHERE[familyOf(address)])
  }

  /** The router of now, in the family of one that was. */
  async #gatewayFor(before: Address): Promise<Address> {
    const routes = await this.#host.network.defaultRoutes()
    const route = routes.find(({ family, gateway }) => family === familyOf(before) && gateway !== null)
    return route?.gateway ?? before
  }
}

export function isHeld(entry: JournalEntry): entry is HeldMapping {
  return entry.state === 'kept' && entry.change.kind === 'port-mapping' && entry.change.mapping !== null
}

/** The last of the entries after this one that is the same mapping for the router; undefined where there is none. */
export function heirOf(entry: JournalEntry, entries: readonly JournalEntry[]): HeldMapping | undefined {
  if (!isHeld(entry)) return undefined
  const { mapping } = entry.change
  const later = entries.slice(entries.indexOf(entry) + 1).filter(isHeld)
  return later.findLast(({ change }) => {
    const isSameAsked =
      grantorOf(change.mapping) === grantorOf(mapping) && change.mapping.transport === mapping.transport
    return isSameAsked && formatEndpoint(change.mapping.internal) === formatEndpoint(mapping.internal)
  })
}

/** Mappings of one router and protocol stand and fall together. */
export function grantorOf({ gateway, protocol }: Pick<PortMapping, 'gateway' | 'protocol'>): string {
  return `${gateway} ${protocol}`
}

/** `203.0.113.7:4001`; without the address where the router does not tell it. */
export function outsideOf({ externalAddress, externalPort }: PortMapping): string {
  if (externalAddress === null || parseAddress(externalAddress) === undefined) return `:${externalPort}`
  return formatEndpoint({ address: externalAddress, port: externalPort })
}

export function describe(mapping: PortMapping): MessageParams {
  const { gateway, transport, internal } = mapping
  return { address: gateway, transport, external: outsideOf(mapping), internal: formatEndpoint(internal) }
}

/** An address that was not told this time has not changed. */
function isSameOutside(before: PortMapping, after: PortMapping): boolean {
  const addresses = [before.externalAddress, after.externalAddress]
  const isSameAddress = addresses.includes(null) || addresses[0] === addresses[1]
  return isSameAddress && before.externalPort === after.externalPort
}
