import { stringify } from 'yaml'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

/** A router by what it does. `filters` remembers flows and translates nothing; `routes` does neither. */
export interface BoxInRow {
  readonly does: 'translates' | 'filters' | 'routes'
  /** How long a translator remembers UDP. */
  readonly seconds: number
  /** Does it remember by packets from inside alone? */
  readonly isKeptFromInside?: boolean
  /** Does a translator open ports when asked? */
  readonly opensPorts?: boolean
  /** Does its inside have the range of the home, as far as that can be? */
  readonly overlaps?: boolean
  /** Is its inside in 100.64.0.0/10, as far as that can be? */
  readonly isCarriers?: boolean
}

export interface Line {
  readonly lossPercent?: number
  readonly jitterMs?: number
  readonly reorderPercent?: number
}

/** The topology file of boxes one behind the other, the host's own router first. */
export function boxesInARow(boxes: readonly BoxInRow[], line: Line = {}): string {
  const inside = (index: number) => (index < boxes.length ? `n${index}` : 'access')
  const translatorsIn = (from: number, to: number) =>
    boxes.slice(from, to).filter(({ does }) => does === 'translates').length
  const prefix = (index: number) => {
    const box = boxes[index]!
    // What nobody translates has public addresses.
    if (translatorsIn(index, boxes.length) === 0) return `203.0.113.${64 + 32 * index}/27`
    if (index === 0) return '192.168.1.0/24'
    // No router has the same range on both its sides.
    if (box.overlaps && translatorsIn(0, index) >= 2) return `192.168.1.${64 + 16 * index}/28`
    const isOutermost = translatorsIn(index, boxes.length) === 1 && box.does === 'translates'
    return box.isCarriers && isOutermost && translatorsIn(0, index) > 0 ? `100.64.${index}.0/24` : `10.${index}.0.0/24`
  }
  const router = ({ does, seconds, isKeptFromInside = false, opensPorts = false }: BoxInRow) => {
    if (does !== 'translates') return { firewall: does === 'filters' ? 'stateful' : 'open' }
    const nat = {
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      udpTimeoutSeconds: seconds,
      ...(isKeptFromInside && { refresh: 'outbound' }),
    }
    return { nat, ...(opensPorts && { portMapping: ['upnp', 'nat-pmp', 'pcp'] }) }
  }
  return stringify({
    topology: 1,
    title: 'Boxes in a row',
    networks: {
      internet: { ipv4: '198.51.100.0/24' },
      access: { ipv4: '203.0.113.0/27' },
      ...Object.fromEntries(boxes.map((_, index) => [`n${index}`, { ipv4: prefix(index) }])),
    },
    hosts: { node: { network: inside(0) } },
    routers: Object.fromEntries(
      boxes.map((box, index) => [`b${index}`, { inside: inside(index), outside: inside(index + 1), ...router(box) }]),
    ),
    providers: { isp: { inside: 'access', outside: 'internet' } },
    vantages: { vantage: { network: 'internet', address: '198.51.100.20', alternateAddress: '198.51.100.21' } },
    links: [{ from: 'isp', to: 'internet', delayMs: 5, ...line }],
  })
}

/** What a check of the host at the inner end says. */
export async function checkRow(yaml: string, { deep = false, seed = 1 } = {}) {
  const parsed = parseTopology(yaml, 'boxes.yaml')
  if (!parsed.ok) throw new Error(`${JSON.stringify(parsed.problems)}\n${yaml}`)
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const work = check({ ports: ['udp/4001'], vantages: ['198.51.100.20'], deep }, simulated.host('node'))
  return simulated.world.run(work)
}
