import { describe, expect, test } from 'vitest'
import { punches, punchesWith } from '../../src/diagnose/hole-punching.ts'
import type { Host, UdpSocket } from '../../src/host/host.ts'
import type { Endpoint } from '../../src/model/endpoint.ts'
import type { Behavior } from '../../src/model/nat.ts'
import { askStun } from '../../src/probe/ask-stun.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

const [E, A, AP] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const

/** Every NAT that a topology file can describe. */
const KINDS: readonly (readonly [mapping: Behavior, filtering: Behavior])[] = [
  [E, E],
  [E, A],
  [E, AP],
  [A, AP],
  [AP, AP],
]

const PAIRS = KINDS.flatMap((one, index) => KINDS.slice(index).map((other) => [one, other] as const))

describe('the table of hole punching is what two hosts in the simulator find, by mapping and filtering', () => {
  test.each(PAIRS)('%s with %s', async (one, other) => {
    const side = ([mapping, filtering]: (typeof KINDS)[number]) => ({ onePort: mapping === E, filtering })
    expect(await punchInside(one, other)).toBe(punches(side(one), side(other)))
  })
})

const SERVER = { address: '198.51.100.20', port: 3478 }

/** Both ask who they are, tell each other, send at once, and answer whoever gets in. Did each hear the other? */
async function punchInside(one: (typeof KINDS)[number], other: (typeof KINDS)[number]): Promise<boolean> {
  const box = (inside: string, outside: string, [mapping, filtering]: (typeof KINDS)[number]) =>
    `{ inside: ${inside}, outside: ${outside}, nat: { mapping: ${mapping}, filtering: ${filtering} } }`
  const parsed = parseTopology(
    `topology: 1
title: Two homes
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
  home1: { ipv4: 192.168.1.0/24 }
  home2: { ipv4: 192.168.2.0/24 }
hosts: { one: { network: home1 }, other: { network: home2 } }
routers:
  box1: ${box('home1', 'access', one)}
  box2: ${box('home2', 'access', other)}
providers: { isp: { inside: access, outside: internet } }
vantages: { vantage: { network: internet, address: ${SERVER.address} } }
`,
    'two-homes.yaml',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  return simulated.world.run(meet(simulated.host('one'), simulated.host('other')))
}

async function meet(one: Host, other: Host): Promise<boolean> {
  const [left, right] = await Promise.all([join(one), join(other)])
  const heard = await Promise.all([punch(one, left.socket, right.seen), punch(other, right.socket, left.seen)])
  await Promise.all([left.socket.close(), right.socket.close()])
  return heard.every(Boolean)
}

async function join(host: Host): Promise<{ socket: UdpSocket; seen: Endpoint }> {
  const socket = await host.udp.open({ toward: SERVER })
  const answer = await askStun(host, socket, SERVER, {})
  if (answer.outcome !== 'answered') throw new Error(answer.outcome)
  return { socket, seen: answer.mapped }
}

async function punch(host: Host, socket: UdpSocket, peer: Endpoint): Promise<boolean> {
  const hello = new TextEncoder().encode('hello')
  let isHeard = false
  for (let round = 0; round < 8; round++) {
    await socket.send(hello, peer)
    const event = await socket.receive(100)
    if (event?.kind !== 'datagram') continue
    isHeard = true
    await socket.send(hello, event.from)
  }
  await host.clock.sleep(100)
  return isHeard
}

describe('what is not known of our own side', () => {
  test.each([
    ['nothing, with a peer that lets in everybody and keeps its port', 'unknown', 'unknown', true, E, 'yes'],
    ['the filtering, with the usual home router', E, 'unknown', true, AP, 'yes'],
    ['the mapping, with the usual home router', 'unknown', AP, true, AP, 'unknown'],
    ['nothing is translated', 'none', AP, true, AP, 'yes'],
    ['all is known, and both sides take a port for each', AP, AP, false, AP, 'no'],
  ] as const)('%s', (_, mapping, filtering, onePort, peer, expected) => {
    expect(punchesWith({ mapping, filtering }, { onePort, filtering: peer })).toBe(expected)
  })
})
