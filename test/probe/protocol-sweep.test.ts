import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import { libp2p } from '../../src/nodes/libp2p.ts'
import { observe } from '../../src/probe/observe.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { hex } from '../../src/wire/bytes.ts'
import { OPENINGS, PROTOCOL_NAMES, type ProtocolName } from '../../src/wire/first-packet/protocols.ts'

type Way = 'in' | 'out'
type Stopped = 'lost' | 'not whole'

/** What all first packets of a protocol have in common at their beginning. */
function beginning(name: ProtocolName): Uint8Array {
  const { randomLength, encode } = OPENINGS[name]
  const [one, other] = [encode(new Uint8Array(randomLength)), encode(new Uint8Array(randomLength).fill(0x99))]
  const end = one.findIndex((byte, index) => byte !== other[index])
  return one.subarray(0, Math.min(32, end === -1 ? one.length : end))
}

function filterOf(name: ProtocolName, direction: Way, stopped: Stopped) {
  const { transport } = OPENINGS[name]
  const how = transport === 'tcp' ? { action: 'reset' } : { action: 'truncate', payloadBytes: 10 }
  return { direction, transport, payload: { hex: hex(beginning(name)) }, ...(stopped === 'not whole' && how) }
}

/** What a check says of a node that speaks all protocols, on a line where some of them are stopped one way. */
async function claims(names: readonly ProtocolName[], way: Way, stopped: Stopped) {
  const filters = names.map((name) => filterOf(name, way, stopped))
  const parsed = parseTopology(
    stringify({
      topology: 1,
      title: 'A line on which some protocols are stopped',
      networks: { internet: { ipv4: '198.51.100.0/24' }, access: { ipv4: '203.0.113.0/24' } },
      hosts: { node: { network: 'access', address: '203.0.113.10', listeners: [{ port: 4001, behavior: 'greet' }] } },
      providers: { isp: { inside: 'access', outside: 'internet', filters } },
      vantages: { vantage: { network: 'internet', address: '198.51.100.20', alternateAddress: '198.51.100.21' } },
    }),
    'sweep.yaml',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const ports = [
    { transport: 'udp', port: 4001 },
    { transport: 'tcp', port: 4001 },
  ] as const
  const plan = {
    ...{ ports, stateFolder: '/state', otherStateFolders: [], publicStunServers: [] },
    vantages: [{ name: '198.51.100.20', host: '198.51.100.20', port: 3478 }],
  }
  const work = observe(simulated.host('node'), plan, () => {}, { ...libp2p, protocols: PROTOCOL_NAMES })
  return diagnose(await simulated.world.run(work), ports).obstacles
}

const HALVES = [0, 1].map((half) => PROTOCOL_NAMES.filter((_, index) => index % 2 === half))

describe('every protocol by itself, whichever others are stopped beside it', { timeout: 60_000 }, () => {
  test.each(
    HALVES.flatMap((names) =>
      (['in', 'out'] as const).flatMap((way) =>
        (['lost', 'not whole'] as const).map((stopped) => [way, stopped, names] as const),
      ),
    ),
  )('%s, %s: %j', async (way, stopped, names) => {
    const found = await claims(names, way, stopped)
    // Whether the node's port is stopped as well is open, as the node answers most protocols to nobody.
    const proven = found.filter(({ certainty }) => certainty === 'proven')
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(['provider-filters-protocol']))
    expect(new Set(found.map(({ text }) => text.params.protocol))).toEqual(new Set(names))
    expect(new Set(proven.map(({ text }) => text.params.protocol))).toEqual(new Set(names))
    for (const { text } of proven) {
      const { transport } = OPENINGS[text.params.protocol as ProtocolName]
      const how = stopped === 'lost' ? 'lost' : transport === 'tcp' ? 'reset' : 'cut'
      const ways = Object.keys(text.params).filter((key) => /^(in|out|both)-/.test(key))
      expect(ways, `${text.params.protocol}`).toEqual([`${way}-${how}`])
    }
  })
})
