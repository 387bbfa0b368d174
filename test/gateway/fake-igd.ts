import type { Host } from '../../src/host/host.ts'
import { serve } from '../../src/sim/guests/hold-listener.ts'
import type { Packet } from '../../src/sim/packet.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import type { TcpEndpoint } from '../../src/sim/stack/tcp-endpoint.ts'
import { HttpMessageReader } from '../../src/wire/http1/message-reader.ts'
import { encodeHttpResponse } from '../../src/wire/http1/response.ts'
import { encodeDescription } from '../../src/wire/igd/description.ts'
import { FIREWALL_SERVICE, type IgdService } from '../../src/wire/igd/services.ts'
import { decodeSoapCall, encodeSoapFault, encodeSoapReturn, type SoapArguments } from '../../src/wire/igd/soap.ts'
import { decodeSearch, encodeAnswer, SSDP_GROUPS } from '../../src/wire/ssdp/ssdp.ts'
import { OWNER, SmallWorld } from '../sim/small-world.ts'

export const GATEWAY = '192.168.1.1'
export const NODE = '192.168.1.10'
export const NEIGHBOUR = '192.168.1.11'
export const OUTSIDE = '203.0.113.1'

export const WAN_IP_1 = 'urn:schemas-upnp-org:service:WANIPConnection:1'
export const WAN_IP_2 = 'urn:schemas-upnp-org:service:WANIPConnection:2'
export const WAN_PPP = 'urn:schemas-upnp-org:service:WANPPPConnection:1'
export { FIREWALL_SERVICE }

export interface Entry {
  readonly client: string
  readonly internalPort: number
  readonly description: string
  readonly lease: number
}

type Values = ReadonlyMap<string, string>
/** What an action returns, a fault's code, a whole HTTP response as bytes, or how it never ends. */
export type Returned = SoapArguments | number | Uint8Array | 'endless' | 'slow'
export type Action = (values: Values, router: FakeIgd) => Returned

/** How this router departs from a good one. Every field says which real ones do the same where it is used. */
export interface Quirks {
  readonly services?: readonly { readonly service: IgdService; readonly controlUrl: string }[]
  /** Which of its two sockets hear questions. */
  readonly hears?: 'both' | 'multicast' | 'unicast'
  /** Answers from this port. */
  readonly answersFrom?: number
  readonly location?: (router: FakeIgd) => string
  /** The whole answer to a GET, in the place of the description. */
  readonly page?: Uint8Array | 'endless' | 'slow'
  readonly urlBase?: string
  readonly status?: (controlUrl: string) => string
  readonly external?: string
  readonly actions?: Readonly<Record<string, Action>>
}

/**
 * A router that speaks UPnP as badly as it is told to, over the simulated network of `SmallWorld`: a table of
 * mappings, and whatever quirks real routers have. `calls` are the actions that it was asked for.
 */
export class FakeIgd {
  readonly world = new SmallWorld()
  readonly node: Host = openSimHost(this.world.a)
  readonly neighbour: Host = openSimHost(this.world.b)
  readonly calls: string[] = []
  readonly table = new Map<string, Entry>()
  readonly quirks: Quirks
  httpPort = 5000
  #listening: ReturnType<SmallWorld['box']['tcp']['listen']>

  constructor(quirks: Quirks = {}) {
    this.quirks = quirks
    this.#holdSsdp()
    this.#listen()
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.world.world.run(work)
  }

  /** Power was off: the table is empty, and the web server is on another port. */
  restart(): void {
    this.table.clear()
    this.world.box.tcp.unlisten(this.#listening!)
    this.httpPort += 1
    this.#listen()
  }

  get description(): Uint8Array {
    const services = this.quirks.services ?? [{ service: WAN_IP_1, controlUrl: '/ctl' }]
    const text = new TextDecoder().decode(encodeDescription(1, { model: 'fake', services }, 'fake'))
    const base = this.quirks.urlBase
    return bytes(base === undefined ? text : text.replace('<specVersion>', `<URLBase>${base}</URLBase><specVersion>`))
  }

  #holdSsdp(): void {
    const { box, a } = this.world
    const { hears = 'both', answersFrom = 1900 } = this.quirks
    const own = this.world.id(GATEWAY)
    const onDatagram = ({ payload, source, sourcePort }: Packet) => {
      const search = decodeSearch(payload)
      if (!search.ok || source !== a.sourceTowards(own)) return
      const { target } = search.value
      if (target.endsWith(':2')) return
      const location = this.quirks.location?.(this) ?? `http://${GATEWAY}:${this.httpPort}/desc.xml`
      const answer = encodeAnswer({ target, location, name: 'uuid:fake', server: 'fake' })
      box.udp.send(socket!, own, answer, { address: source, port: sourcePort })
    }
    const bind = (address: string, port: number, isDeaf: boolean) =>
      box.udp.bind({ address: this.world.id(address), port, owner: OWNER, onDatagram: isDeaf ? () => {} : onDatagram })
    const unicast = bind(GATEWAY, 1900, hears === 'multicast')
    bind(SSDP_GROUPS.ipv4, 1900, hears === 'unicast')
    const socket = answersFrom === 1900 ? unicast : bind(GATEWAY, answersFrom, true)
  }

  #listen(): void {
    this.#listening = this.world.box.tcp.listen({
      address: this.world.id(GATEWAY),
      families: ['ipv4'],
      port: this.httpPort,
      owner: OWNER,
      onConnection: (endpoint) => {
        const reader = new HttpMessageReader({ untilClosed: false })
        serve(endpoint, (data) => {
          const read = reader.push(data)
          if (read.state === 'done' && endpoint.canWrite) this.#answer(endpoint, read.head.startLine, read.body)
        })
      },
    })
  }

  #answer(endpoint: TcpEndpoint, startLine: string, body: Uint8Array): void {
    const page = this.quirks.page ?? encodeHttpResponse(200, 'OK', [], this.description)
    this.#finish(endpoint, startLine.startsWith('GET') ? page : this.#call(startLine.split(' ')[1]!, body))
  }

  #finish(endpoint: TcpEndpoint, response: Uint8Array | 'endless' | 'slow'): void {
    if (response === 'slow') return this.#drip(endpoint)
    if (response === 'endless') return this.#flood(endpoint)
    endpoint.write(response)
    endpoint.close()
  }

  /** A byte a second, for ever. */
  #drip(endpoint: TcpEndpoint): void {
    if (!endpoint.canWrite) return
    endpoint.write(bytes('H'))
    this.world.world.timer(1000, () => this.#drip(endpoint))
  }

  /** As fast as it is taken, for ever. */
  #flood(endpoint: TcpEndpoint): void {
    if (!endpoint.canWrite) return
    endpoint.write(bytes('HTTP/1.1 200 OK\r\n\r\n'))
    const more = () => {
      if (!endpoint.canWrite) return
      endpoint.write(new Uint8Array(Math.min(1000, endpoint.room)).fill(0x41))
      this.world.world.timer(1, more)
    }
    more()
  }

  #call(path: string, body: Uint8Array): Uint8Array | 'endless' | 'slow' {
    const services = this.quirks.services ?? [{ service: WAN_IP_1, controlUrl: '/ctl' }]
    const called = services.find(({ controlUrl }) => new URL(controlUrl, 'http://x/').pathname === path)
    const call = decodeSoapCall(body)
    if (called === undefined || !call.ok) return encodeHttpResponse(404, 'Not Found', [], bytes(''))
    const { action, values } = call.value
    this.calls.push(action)
    if (action === 'GetStatusInfo' && this.quirks.status !== undefined) {
      const status = this.quirks.status(called.controlUrl)
      return ok(encodeSoapReturn(called.service, action, [['NewConnectionStatus', status]]))
    }
    const perform = this.quirks.actions?.[action] ?? ACTIONS[action]
    const returned = perform?.(values, this) ?? 401
    if (returned instanceof Uint8Array || typeof returned === 'string') return returned
    if (typeof returned === 'number') {
      return encodeHttpResponse(500, 'Internal Server Error', [], encodeSoapFault(returned, 'fault'))
    }
    return ok(encodeSoapReturn(called.service, action, returned))
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function ok(body: Uint8Array): Uint8Array {
  return encodeHttpResponse(200, 'OK', [], body)
}

export function keyOf(values: Values): string {
  return `${values.get('NewProtocol')} ${values.get('NewExternalPort')}`
}

export function entryIn(values: Values): Entry {
  return {
    client: values.get('NewInternalClient')!,
    internalPort: Number(values.get('NewInternalPort')),
    description: values.get('NewPortMappingDescription')!,
    lease: Number(values.get('NewLeaseDuration')),
  }
}

export function shown({ client, internalPort, description, lease }: Entry): SoapArguments {
  return [
    ['NewInternalPort', String(internalPort)],
    ['NewInternalClient', client],
    ['NewEnabled', '1'],
    ['NewPortMappingDescription', description],
    ['NewLeaseDuration', String(lease)],
  ]
}

/** What a good version 1 router does. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  GetStatusInfo: () => [['NewConnectionStatus', 'Connected']],
  GetExternalIPAddress: (_values, { quirks }) => [['NewExternalIPAddress', quirks.external ?? OUTSIDE]],
  GetSpecificPortMappingEntry: (values, { table }) => {
    const entry = table.get(keyOf(values))
    return entry === undefined ? 714 : shown(entry)
  },
  GetGenericPortMappingEntry: (values, { table }) => {
    const found = [...table][Number(values.get('NewPortMappingIndex'))]
    if (found === undefined) return 713
    const [protocol, port] = found[0].split(' ')
    return [['NewRemoteHost', ''], ['NewExternalPort', port!], ['NewProtocol', protocol!], ...shown(found[1])]
  },
  AddPortMapping: (values, { table }) => {
    const there = table.get(keyOf(values))
    if (there !== undefined && there.client !== values.get('NewInternalClient')) return 718
    table.set(keyOf(values), entryIn(values))
    return []
  },
  DeletePortMapping: (values, { table }) => (table.delete(keyOf(values)) ? [] : 714),
}
