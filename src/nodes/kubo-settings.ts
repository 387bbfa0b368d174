import type { Host } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import { message } from '../model/message.ts'
import { type Json, list, member, objectOf, text } from '../ruleset/json.ts'
import { kuboConfig, kuboSettings } from './kubo-config.ts'
import { parseMultiaddr } from './multiaddr.ts'
import type { NodeValue, Reconfiguring, Wish } from './reconfiguring.ts'
import { valueAt } from './value-at.ts'

const LISTEN = 'Addresses.Swarm'
/** Those of UDP; WebTransport and WebRTC fail to start without QUIC. */
const UDP_TRANSPORTS = ['QUIC', 'WebTransport', 'WebRTCDirect'].map((name) => `Swarm.Transports.Network.${name}`)
const RELAY = 'Swarm.RelayClient.Enabled'
const PUNCHING = 'Swarm.EnableHolePunching'

/** Kubo's settings, which it reads when it starts. */
export const kuboReconfiguring: Reconfiguring = {
  cannot: [],
  steps: (wish) => {
    if (wish.want === 'port') return [message('step.ipfs-port', { port: wish.port })]
    if (wish.want === 'tcp') return [message('step.ipfs-tcp', { command: commands(UDP_TRANSPORTS, false) })]
    return [message('step.node-command', { command: commands(keysFor(wish), true) })]
  },
  settings: { read: kuboSettings, write, values },
}

function keysFor({ want }: Wish): readonly string[] {
  // With hole punching on and no relay to meet at, Kubo does not start.
  return want === 'relay' ? [RELAY] : [RELAY, PUNCHING]
}

function commands(keys: readonly string[], value: boolean): string {
  return keys.map((key) => `ipfs config --json ${key} ${value}`).join(' && ')
}

function values(wish: Wish, settings: Json): Readonly<Record<string, NodeValue>> {
  const listening = (list(valueAt(settings, LISTEN)) ?? []).flatMap((one) => text(one) ?? [])
  if (wish.want === 'port') return wish.port === null ? {} : { [LISTEN]: onPort(listening, wish.port) }
  const switched = (keys: readonly string[], to: boolean) => Object.fromEntries(keys.map((key) => [key, to]))
  if (wish.want !== 'tcp') return switched(keysFor(wish), true)
  const overTcp = listening.filter((maddr) => parseMultiaddr(maddr)?.transport !== 'udp')
  // Without anything to listen on nobody would be helped.
  return overTcp.length === 0 ? {} : { [LISTEN]: overTcp, ...switched(UDP_TRANSPORTS, false) }
}

/** The same places, each with another port. */
function onPort(listening: readonly string[], port: number): readonly string[] {
  return listening.map((maddr) => maddr.replace(/^(\/[^/]+\/[^/]*\/(?:tcp|udp)\/)\d+/, `$1${port}`))
}

async function write(host: Host, at: Endpoint, key: string, value: NodeValue | null): Promise<boolean> {
  if (value === null) return takeAway(host, at, key)
  const answer = await kuboConfig(host, at, [key, JSON.stringify(value)], '&json=true')
  return text(member(answer, 'Key')) === key && JSON.stringify(member(answer, 'Value')) === JSON.stringify(value)
}

/** It has no way to take a key away, and one that is null is not one that is not there: so what is around it is written anew. */
async function takeAway(host: Host, at: Endpoint, key: string): Promise<boolean> {
  const [parent, name] = [key.slice(0, key.lastIndexOf('.')), key.slice(key.lastIndexOf('.') + 1)]
  const around = objectOf(valueAt(await kuboSettings(host, at), parent))
  if (around === undefined) return false
  const { [name]: _, ...rest } = around
  await kuboConfig(host, at, [parent, JSON.stringify(rest)], '&json=true')
  return valueAt(await kuboSettings(host, at), key) === undefined
}
