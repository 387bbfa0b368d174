import { exchangeHttp } from '../gateway/http-exchange.ts'
import type { Host } from '../host/host.ts'
import { type Endpoint, familyOf } from '../model/endpoint.ts'
import { message } from '../model/message.ts'
import { type Json, list, member, text } from '../ruleset/json.ts'
import type { Announcing, OpenPlace } from './announce.ts'
import { parseJson } from './place.ts'

const KEY = 'Addresses.AppendAnnounce'
const PATIENCE_MS = 3000

/** Kubo adds these addresses to those that it finds out by itself. It reads its settings when it starts, and never again. */
export const kuboAnnouncing: Announcing = {
  steps: (places) => [
    message('step.ipfs-announce', { command: `ipfs config --json ${KEY} '${JSON.stringify(entriesFor(places))}'` }),
    message('step.ipfs-restart'),
  ],
  setting: {
    key: KEY,
    entries: entriesFor,
    read: async (host, at) => readSetting(await config(host, at, [KEY])),
    write: async (host, at, value) => {
      const answer = await config(host, at, [KEY, JSON.stringify(value)], '&json=true')
      return JSON.stringify(readSetting(answer)) === JSON.stringify(value)
    },
  },
}

function entriesFor(places: readonly OpenPlace[]): readonly string[] {
  return places.map(({ transport, external: { address, port } }) => {
    const host = `/${familyOf(address) === 'ipv4' ? 'ip4' : 'ip6'}/${address}`
    return transport === 'tcp' ? `${host}/tcp/${port}` : `${host}/udp/${port}/quic-v1`
  })
}

async function config(host: Host, at: Endpoint, args: readonly string[], more = ''): Promise<Json> {
  const query = args.map((arg) => `arg=${encodeURIComponent(arg).replaceAll("'", '%27')}`).join('&')
  const request = { method: 'POST', path: `/api/v0/config?${query}${more}`, to: at } as const
  const exchange = await exchangeHttp(host, request, { timeoutMs: PATIENCE_MS })
  if (exchange.outcome !== 'answered' || exchange.response.status !== 200) return undefined
  return parseJson(new TextDecoder().decode(exchange.response.body))
}

/** `{"Key":"Addresses.AppendAnnounce","Value":[...]}` */
function readSetting(answer: Json): readonly string[] | null | undefined {
  if (text(member(answer, 'Key')) !== KEY) return undefined
  const value = member(answer, 'Value')
  if (value === null) return null
  const entries = list(value)
  const texts = entries?.flatMap((entry) => text(entry) ?? [])
  return texts?.length === entries?.length ? texts : undefined
}
