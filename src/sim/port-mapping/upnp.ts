import { familyOf } from '../../model/endpoint.ts'
import { SERVED_OUTSIDE } from '../../topology/topology.ts'
import { hex } from '../../wire/bytes.ts'
import { HttpMessageReader } from '../../wire/http1/message-reader.ts'
import { encodeHttpResponse } from '../../wire/http1/response.ts'
import { encodeDescription } from '../../wire/igd/description.ts'
import { FIREWALL_SERVICE, IGD_TARGETS, type IgdService, ROOT_TARGET } from '../../wire/igd/services.ts'
import { decodeSoapCall, encodeSoapFault, encodeSoapReturn } from '../../wire/igd/soap.ts'
import { decodeSearch, encodeAnswer, SSDP_GROUPS, SSDP_PORT } from '../../wire/ssdp/ssdp.ts'
import type { AddressId } from '../address-book.ts'
import { serve } from '../guests/hold-listener.ts'
import type { Packet } from '../packet.ts'
import type { Prng } from '../prng.ts'
import type { TcpEndpoint } from '../stack/tcp-endpoint.ts'
import type { Owner, UdpBinding } from '../stack/udp-stack.ts'
import type { RouterSite } from './router-site.ts'
import { UpnpTable } from './upnp-table.ts'

const OWNER: Owner = { process: 'upnpd', pid: 1004 }
const [HTTP_PORT] = SERVED_OUTSIDE.tcp
const DESCRIPTION_PATH = '/rootDesc.xml'
const SERVER = 'peerway-sim UPnP/1.1'

const SERVICES: readonly { readonly service: IgdService; readonly controlUrl: string }[] = [
  { service: 'urn:schemas-upnp-org:service:WANIPConnection:2', controlUrl: '/ctl/IPConn' },
  { service: FIREWALL_SERVICE, controlUrl: '/ctl/IP6FCtl' },
]

/** UPnP as miniupnpd serves it: SSDP on every address served and, inside, the group; an IGD:2 device, SOAP on TCP 5000. */
export function holdUpnp(site: RouterSite): void {
  const table = new UpnpTable(site)
  const uuid = uuidOf(site.machine.world.random(`uuid/${site.machine.name}`))
  const description = encodeDescription(2, { model: 'router', services: SERVICES }, uuid)
  for (const address of site.served) {
    holdSsdp(site, address, uuid, site.inside.addresses.includes(address))
    holdHttp(site, address, table, description)
  }
}

/** All but the last digit, which tells the devices of one router apart. */
function uuidOf(random: Prng): string {
  const digits = hex(random.bytes(6)).slice(1)
  return `6e1c0e5c-0000-4000-8000-${digits}`
}

function holdSsdp({ machine }: RouterSite, own: AddressId, uuid: string, withGroup: boolean): void {
  const book = machine.world.addresses
  const text = book.text(own)
  const host = familyOf(text) === 'ipv6' ? `[${text}]` : text
  const location = `http://${host}:${HTTP_PORT}${DESCRIPTION_PATH}`
  const onDatagram = ({ payload, source, sourcePort }: Packet) => {
    const search = decodeSearch(payload)
    if (!search.ok || ![...IGD_TARGETS, ROOT_TARGET].includes(search.value.target)) return
    const { target } = search.value
    const answer = encodeAnswer({ target, location, name: `uuid:${uuid}0::${target}`, server: SERVER })
    machine.udp.send(socket, own, answer, { address: source, port: sourcePort })
  }
  const bind = (address: AddressId): UdpBinding => {
    const binding = machine.udp.bind({ address, port: SSDP_PORT, owner: OWNER, onDatagram })
    if (binding === undefined) throw new RangeError(`${machine.name} has two programs on UDP port ${SSDP_PORT}`)
    return binding
  }
  const socket = bind(own)
  if (withGroup) bind(book.id(SSDP_GROUPS[familyOf(text)]))
}

function holdHttp({ machine }: RouterSite, address: AddressId, table: UpnpTable, description: Uint8Array): void {
  machine.tcp.listen({
    address,
    families: [machine.world.addresses.isIpv6(address) ? 'ipv6' : 'ipv4'],
    port: HTTP_PORT,
    owner: OWNER,
    onConnection: (endpoint) => {
      const reader = new HttpMessageReader({ untilClosed: false })
      serve(endpoint, (data) => {
        const read = reader.push(data)
        if (read.state === 'more' || !endpoint.canWrite) return
        endpoint.write(
          read.state === 'failed'
            ? encodeHttpResponse(400, 'Bad Request', [], new Uint8Array(0))
            : answer(endpoint, table, description, read.head.startLine, read.body),
        )
        endpoint.close()
      })
    },
  })
}

function answer(
  endpoint: TcpEndpoint,
  table: UpnpTable,
  description: Uint8Array,
  startLine: string,
  body: Uint8Array,
): Uint8Array {
  const xml = [['Content-Type', 'text/xml; charset="utf-8"']] as const
  const [method, path] = startLine.split(' ')
  if (method === 'GET' && path === DESCRIPTION_PATH) return encodeHttpResponse(200, 'OK', xml, description)
  const called = SERVICES.find(({ controlUrl }) => controlUrl === path)
  const call = decodeSoapCall(body)
  if (method !== 'POST' || called === undefined || !call.ok) {
    return encodeHttpResponse(404, 'Not Found', [], new Uint8Array(0))
  }
  const { action, values } = call.value
  const result = table.call(action, values, endpoint.ends.remote)
  if (typeof result === 'number') {
    return encodeHttpResponse(500, 'Internal Server Error', xml, encodeSoapFault(result, 'UPnPError'))
  }
  return encodeHttpResponse(200, 'OK', xml, encodeSoapReturn(called.service, action, result))
}
