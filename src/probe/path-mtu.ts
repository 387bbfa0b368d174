import { type Family, familyOf } from '../model/endpoint.ts'
import type { PathMtuFact } from '../model/evidence.ts'
import type { OpenedPorts } from '../vantage/vantage.ts'
import { equalBytes } from '../wire/bytes.ts'
import { HEAD_BYTES } from '../wire/control/messages.ts'
import { INVERTED, masked } from '../wire/first-packet/protocols.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import { attempt } from './attempt.ts'
import type { DeepContext } from './observe-deep.ts'

/**
 * Whole IP packets: the least that IPv6 promises, tunnels within tunnels, WireGuard, IPsec, mobile networks, PPPoE (1492),
 * Ethernet. All kernels send such datagrams with "don't fragment" until somebody tells them of a narrower cable.
 */
const SIZES = [1280, 1340, 1380, 1400, 1420, 1440, 1460, 1480, 1492, 1500] as const
const HEADERS: Readonly<Record<Family, number>> = { ipv4: 20 + 8, ipv6: 40 + 8 }
const USUAL_PORT = 4001
const GAP_MS = 20

type Size = PathMtuFact['sizes'][number]

/**
 * Which sizes of packets come through? Somebody on the way who drops what is too long for the next cable, and says
 * nothing, lets handshakes pass and stops what follows. Each size six times, all at once.
 */
export async function observePathMtu({ host, notebook, ports, dialler }: DeepContext): Promise<void> {
  const { control, name, rttMs } = dialler
  const port = ports.find(({ transport }) => transport === 'udp')?.port ?? USUAL_PORT
  const opened = await control.openInverting([{ transport: 'udp', port }])
  if (opened === null || !opened.udp.includes(port)) return
  const family = familyOf(opened.address)
  const probes = SIZES.map((bytes) => ({ bytes, said: host.random.bytes(bytes - HEADERS[family]) }))
  const sent = await Promise.all(
    probes.map(async ({ bytes, said }, index): Promise<Size> => {
      await host.clock.sleep(index * GAP_MS)
      return { bytes, outcome: await sendSize(host, { address: opened.address, port }, said, rttMs) }
    }),
  )
  const sizes = await withArrivals(opened, probes, sent)
  notebook.add('path-mtu', { family, vantage: name, sizes })
}

async function sendSize(
  host: DeepContext['host'],
  to: { readonly address: string; readonly port: number },
  said: Uint8Array,
  rttMs: number,
): Promise<Size['outcome']> {
  const opened = await attempt(() => host.udp.open({ toward: to, connect: to }), undefined)
  if (opened === undefined) return 'unknown'
  await using socket = opened
  let anySent = false
  for (let round = 1; round <= TRANSMISSIONS; round++) {
    const result = await socket.send(said, to)
    if (result === 'too-big') return 'not-sent'
    anySent ||= result === 'sent'
    const event = await socket.receive(round < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : graceMs(rttMs))
    if (event?.kind === 'datagram' && equalBytes(event.data, masked(said, INVERTED))) return 'returned'
  }
  return anySent ? 'lost' : 'unknown'
}

/** What did not come back may have got there all the same. */
async function withArrivals(
  opened: OpenedPorts,
  probes: readonly { readonly said: Uint8Array }[],
  sizes: readonly Size[],
): Promise<readonly Size[]> {
  if (sizes.every(({ outcome }) => outcome !== 'lost')) return sizes
  const flows = await opened.flows()
  return sizes.map((size, index) => {
    if (size.outcome !== 'lost') return size
    if (flows === null) return { ...size, outcome: 'unknown' }
    const head = probes[index]!.said.subarray(0, HEAD_BYTES)
    return { ...size, outcome: flows.some((flow) => equalBytes(flow.head, head)) ? 'arrived' : 'lost' }
  })
}
