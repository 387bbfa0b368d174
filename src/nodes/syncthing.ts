import { parseAddress } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { type Json, member, objectOf, text } from '../ruleset/json.ts'
import { byHand } from './by-hand.ts'
import { type NodeKind, type NodeTold, type PeersTold, tcp, told, udp } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Syncthing. Its peers are the devices that its user has named, so no number of them is usual. */
export const syncthing: NodeKind = {
  name: 'syncthing',
  processes: ['syncthing'],
  images: /^(?:syncthing|linuxserver)\/syncthing$/,
  ports: [tcp(22000), udp(22000)],
  adminPorts: [{ port: 8384, service: 'web-ui' }],
  protocols: ['quic'],
  reconfiguring: byHand({
    port: (port) => message('step.syncthing-port', { port }),
    tcp: () => message('step.syncthing-tcp'),
    relay: () => message('step.syncthing-relay'),
  }),
  ask: askSyncthing,
}

const GUI_PORT = 8384

async function askSyncthing(place: NodePlace): Promise<NodeTold> {
  const key = await apiKey(place)
  const candidates = place.askable(GUI_PORT)
  if (key === undefined) {
    const isOurs = (json: Json) => text(member(json, 'status')) === 'OK'
    const found = await place.firstJson(candidates, { path: '/rest/noauth/health' }, isOurs)
    return told({ access: typeof found === 'string' ? found : 'refused' })
  }
  const fields = [['X-API-Key', key]] as const
  const isOurs = (json: Json) => text(member(json, 'version')) !== undefined
  const found = await place.firstJson(candidates, { path: '/rest/system/version', fields }, isOurs)
  if (typeof found === 'string') return told({ access: found })
  const { at } = found
  const connections = await place.json(at, { path: '/rest/system/connections', fields })
  const peers = connections.access === 'answered' ? readConnections(connections.json) : undefined
  return told({
    access: 'answered',
    asked: urlOf(at, '/rest/'),
    version: printable(text(member(found.json, 'version'))),
    // In a container its own number may be another than the one that it was asked at.
    adminPorts: place.container === null ? [{ port: at.port, service: 'web-ui' }] : [],
    peers: peers === undefined ? [] : [peers],
  })
}

/** The devices that are connected, out of `system/connections`; `*-server` are those that dialled. Undefined where it is no such answer. */
export function readConnections(json: Json): PeersTold | undefined {
  const devices = objectOf(member(json, 'connections'))
  if (devices === undefined) return undefined
  const connected = Object.values(devices).filter((device) => member(device, 'connected') === true)
  const cameIn = connected.filter((device) => /^(?:tcp|quic)-server$/.test(text(member(device, 'type')) ?? ''))
  const inboundFrom = cameIn.flatMap((device) => {
    const address = hostIn(text(member(device, 'address')) ?? '')
    if (address === undefined || member(device, 'isLocal') === true) return []
    const transport = text(member(device, 'type'))!.startsWith('tcp') ? ('tcp' as const) : ('udp' as const)
    return [{ transport, address }]
  })
  const nothing = { part: null, wanted: null, outboundQuota: null, from: 'api' } as const
  return { ...nothing, peers: connected.length, inbound: cameIn.length, inboundFrom }
}

/** `203.0.113.7:22000`, `[2001:db8::1%eth0]:22000` */
function hostIn(text: string): string | undefined {
  return parseAddress(text.replace(/:\d+$/, '').replace(/^\[|(?:%[^\]]*)?\]$/g, ''))
}

/** The key of its own API, which goes no further than into the question. */
async function apiKey(place: NodePlace): Promise<string | undefined> {
  const [home, named, words] = await Promise.all([
    place.variable('HOME'),
    place.variable('STHOMEDIR'),
    place.arguments(),
  ])
  const flag = words.flatMap(
    (word, index) =>
      /^--?(?:home|config)=(.+)$/.exec(word)?.[1] ??
      (/^--?(?:home|config)$/.test(word) ? (words[index + 1] ?? []) : []),
  )
  const folders = [
    ...flag,
    named,
    home && `${home}/.local/state/syncthing`,
    home && `${home}/.config/syncthing`,
    '/var/syncthing/config',
  ]
  for (const folder of folders) {
    const config = folder ? await place.ownSecret(`${folder}/config.xml`) : undefined
    const key = config === undefined ? undefined : /<apikey>([A-Za-z0-9_-]{1,128})<\/apikey>/.exec(config)?.[1]
    if (key !== undefined) return key
  }
  return undefined
}
