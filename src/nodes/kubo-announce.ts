import { familyOf } from '../model/endpoint.ts'
import { message } from '../model/message.ts'
import { type Json, list, member, text } from '../ruleset/json.ts'
import type { Announcing, OpenPlace } from './announce.ts'
import { kuboConfig } from './kubo-config.ts'

const KEY = 'Addresses.AppendAnnounce'

/** Kubo adds these addresses to those that it finds out by itself. It reads its settings when it starts, and never again. */
export const kuboAnnouncing: Announcing = {
  steps: (places) => [
    message('step.ipfs-announce', { command: `ipfs config --json ${KEY} '${JSON.stringify(entriesFor(places))}'` }),
    message('step.ipfs-restart'),
  ],
  setting: {
    key: KEY,
    entries: entriesFor,
    read: async (host, at) => readSetting(await kuboConfig(host, at, [KEY])),
    write: async (host, at, value) => {
      const answer = await kuboConfig(host, at, [KEY, JSON.stringify(value)], '&json=true')
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

/** `{"Key":"Addresses.AppendAnnounce","Value":[...]}` */
function readSetting(answer: Json): readonly string[] | null | undefined {
  if (text(member(answer, 'Key')) !== KEY) return undefined
  const value = member(answer, 'Value')
  if (value === null) return null
  const entries = list(value)
  const texts = entries?.flatMap((entry) => text(entry) ?? [])
  return texts?.length === entries?.length ? texts : undefined
}
