import type { Diagnosis } from '../model/diagnosis.ts'
import type { Address } from '../model/endpoint.ts'
import { parseAddress, prefixOf } from '../model/ip.ts'
import { en } from './messages/en.ts'
import { hideSecrets } from './secrets.ts'

/** What names the people and machines of a report; everything of it is replaced wherever it stands. */
export interface Names {
  readonly hosts: readonly string[]
  readonly users: readonly string[]
}

/**
 * Makes values fit to be shown to strangers: addresses, names, identities of peers and Ethernet addresses become others of
 * their kind, the same everywhere, one redactor long. Structure stays: the family; private, a carrier's, public; which
 * addresses share a network. Public ones come out of the documentation's prefixes (RFC 5737, RFC 3849). Keys of objects,
 * numbers, and what is no text stay as they are. Pure but for what it remembers.
 */
export class Redactor {
  readonly #replaced = new Map<string, string>()
  readonly #networks = new Map<string, number>()
  readonly #hosts = new Map<string, number>()
  readonly #counts = new Map<string, number>()
  readonly #names: readonly (readonly [RegExp, string])[]

  constructor({ hosts, users }: Names) {
    const wanted = [
      ...numbered(hosts.filter(namesSomebody), (n) => `host${n}.example`),
      ...numbered(users.filter(namesSomebody), (n) => `user${n}`),
    ]
    // The longest first, so that a name does not break another that contains it.
    this.#names = wanted
      .sort(([a], [b]) => b.length - a.length)
      .map(([name, instead]) => [new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}])`, 'giu'), instead])
  }

  /** The same value with every text in it redacted. */
  value<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((each) => this.value(each)) as T
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, each]) => [key, isWord(key, each) ? each : this.value(each)])
    return Object.fromEntries(entries) as T
  }

  text(text: string): string {
    const named = this.#names.reduce((shown, [name, instead]) => shown.replace(name, instead), hideSecrets(text))
    return named
      .replace(USER_FOLDERS, (_, before: string, user: string) => before + this.#numbered('user', user))
      .replace(URL_HOSTS, (_, before: string, host: string) => before + this.#urlHost(host))
      .replace(COMMENTS, (all: string, before: string, said: string) =>
        said.startsWith('peerway:') ? all : `${before}"..."`,
      )
      .replace(ETHERNET, (mac: string) => this.#ethernet(mac))
      .replace(ETHERNET_NAMES, (_, mac: string) => `enx${this.#ethernet(mac).replaceAll(':', '')}`)
      .replace(IDENTITIES, (identity: string) => this.#identity(identity))
      .replace(IPV6, (address: string) => this.#address(address))
      .replace(IPV4, (address: string) => this.#address(address))
  }

  #numbered(kind: string, original: string): string {
    if (new RegExp(`^${kind}[0-9]+$`).test(original)) return original
    return this.#once(`${kind}\0${original.toLowerCase()}`, () => `${kind}${this.#next(kind)}`)
  }

  #urlHost(host: string): string {
    const isOurs = /^host[0-9]+\.example$/.test(host)
    return isOurs || parseAddress(host) !== undefined
      ? host
      : this.#once(`url\0${host.toLowerCase()}`, () => `site${this.#next('site')}.example`)
  }

  /** A locally administered address; group and broadcast addresses name nobody. */
  #ethernet(mac: string): string {
    const plain = mac.toLowerCase().replaceAll(/[:-]/g, '')
    if (/^(?:0{12}|f{12}|01005e|3333)/.test(plain)) return mac
    return this.#once(`mac\0${plain}`, () => `02:00:00:00:${pair(this.#next('mac'))}`)
  }

  #identity(identity: string): string {
    return this.#once(`id\0${identity}`, () => `identity-${this.#next('identity')}`)
  }

  #address(text: string): string {
    const address = parseAddress(text)
    if (address === undefined) return text
    return this.#once(`ip\0${address}`, () => (address.includes(':') ? this.#ipv6(address) : this.#ipv4(address)))
  }

  #ipv4(address: Address): string {
    const [a = 0, b = 0] = address.split('.').map(Number)
    // Loopback, unspecified, multicast and broadcast are the same for everybody.
    if (a === 0 || a === 127 || a >= 224) return address
    const network = address.slice(0, address.lastIndexOf('.'))
    if (a === 192 && b === 168) return this.#within('192.168', network, address, '192.168.%n')
    if (a === 10) return this.#within('10', network, address, '10.0.%n')
    if (a === 172 && b >= 16 && b <= 31) return this.#within(`172.${b}`, network, address, `172.${b}.%n`)
    if (a === 169 && b === 254) return this.#within('169.254', network, address, '169.254.%n')
    if (a === 100 && b >= 64 && b <= 127) return this.#within('100.64', network, address, '100.64.%n')
    const index = this.#index(this.#networks, 'public', network)
    const prefix = DOCUMENTATION[Math.min(index, DOCUMENTATION.length) - 1]!
    return `${prefix}.${this.#hostPart(prefix, address)}`
  }

  #within(range: string, network: string, address: Address, pattern: string): string {
    const index = this.#index(this.#networks, range, network) % 256
    return `${pattern.replace('%n', String(index))}.${this.#hostPart(`${range} ${network}`, address)}`
  }

  /** The address of a network, and the last in one, which many take for its broadcast, stay what they are. */
  #hostPart(network: string, address: Address): number {
    const last = Number(address.slice(address.lastIndexOf('.') + 1))
    if (last === 0 || last === 255) return last
    return ((this.#index(this.#hosts, network, address) - 1) % 254) + 1
  }

  #ipv6(address: Address): string {
    const mapped = /^(::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
    if (mapped !== null) return mapped[1]! + this.#address(mapped[2]!)
    if (address === '::' || address === '::1' || /^ff/i.test(address)) return address
    const network = prefixOf(address, 64)
    if (/^fe[89ab]/i.test(address)) return `fe80::${this.#hex('fe80', address)}`
    const base = /^f[cd]/i.test(address) ? 'fd00' : '2001:db8'
    const index = this.#index(this.#networks, base, network).toString(16)
    return `${base}:${base === 'fd00' ? '0:0' : '0'}:${index}::${this.#hex(`${base} ${network}`, address)}`
  }

  #hex(network: string, address: Address): string {
    if (prefixOf(address, 64) === `${address}/64`) return ''
    return this.#index(this.#hosts, network, address).toString(16)
  }

  /** The how-manieth of its group `item` is, from 1. */
  #index(memory: Map<string, number>, group: string, item: string): number {
    const key = `${group}\0${item}`
    const known = memory.get(key)
    if (known !== undefined) return known
    const index = this.#next(`${memory === this.#hosts ? 'host' : 'network'} ${group}`)
    memory.set(key, index)
    return index
  }

  #once(key: string, make: () => string): string {
    const known = this.#replaced.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#replaced.set(key, made)
    return made
  }

  #next(kind: string): number {
    const next = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, next)
    return next
  }
}

const DOCUMENTATION = ['203.0.113', '198.51.100', '192.0.2'] as const

const IPV4 = /(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w]|\.\d)/g
const IPV6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?!\w|\.\d)/gi
const ETHERNET = /(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])/gi
const ETHERNET_NAMES = /\benx([0-9a-f]{12})\b/gi
/** Keys and hashes of peers, in hexadecimal, base32, base58 or base64url: nothing else in a report is so long a word. */
const IDENTITIES = /(?<![\w-])(?:0x[0-9a-f]{40,}|[A-Z2-7]{7}(?:-[A-Z2-7]{7}){7}|[A-Za-z0-9]{40,}=*)(?![\w-])/g
const USER_FOLDERS = /(\/(?:home|Users)\/)([^/\s"'`:]+)/g
const URL_HOSTS = /(https?:\/\/)([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)/gi
const COMMENTS = /(comment )"([^"]*)"/g

/** What is one of a few words of the format, and no text. */
const WORDS = ['id', 'probe', 'stage', 'state', 'kind', 'outcome', 'answer', 'verdict', 'certainty', 'reachable']

function isWord(key: string, value: unknown): boolean {
  return typeof value === 'string' && WORDS.includes(key)
}

/** Words that reports say anyway name nobody, and a machine called `node` shall not make them unreadable. */
const VOCABULARY = new Set(
  [...Object.keys(en), ...Object.values(en)].flatMap((text) => text.toLowerCase().split(/[^a-z0-9]+/)),
)

function namesSomebody(name: string): boolean {
  const isLocal = /^(?:localhost|root|nobody)$/i.test(name)
  return !isLocal && name.length > 1 && parseAddress(name) === undefined && !VOCABULARY.has(name.toLowerCase())
}

function numbered(names: readonly string[], name: (n: number) => string): (readonly [string, string])[] {
  const unique = [...new Set(names.map((each) => each.toLowerCase()))]
  return unique.map((each, index) => [each, name(index + 1)])
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

/** `01:02` */
function pair(number: number): string {
  return (number % 65_536)
    .toString(16)
    .padStart(4, '0')
    .replace(/(..)(..)/, '$1:$2')
}

/** The names of machines outside that a diagnosis tells: those of vantages and servers, as they were typed. */
export function hostNamesIn({ evidence }: Diagnosis): readonly string[] {
  const typed = evidence.flatMap((one) => {
    if (one.probe === 'vantage') return [one.value.name]
    if (one.probe === 'dial-back' || one.probe === 'external-address') return [one.value.vantage]
    return one.probe === 'internet' ? one.value.asked.map(({ server }) => server) : []
  })
  return typed.map((name) => name.replace(/(?<=^[^:]*|\]):[0-9]+$/, '').replace(/^\[(.*)\]$/, '$1'))
}
