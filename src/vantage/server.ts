import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { ownAddresses } from './address-rules.ts'
import type { Desk, VantageEvent } from './desk.ts'
import { canEcho } from './echo-hops.ts'
import { type Face, facesOf, type NamedAddress } from './faces.ts'
import { Flows } from './flows.ts'
import { VantageLimits } from './limits.ts'
import { listenControl } from './listen-control.ts'
import { OpenPorts } from './open-ports.ts'
import { openStun } from './open-stun.ts'
import { type StunPair, serveStun } from './stun-service.ts'

export interface VantageOptions {
  readonly addresses: readonly NamedAddress[]
  /** The second address of RFC 5780, and where dials come from that the asker has never sent anything to. */
  readonly alternateAddress?: NamedAddress
  /** UDP and TCP. STUN's second port is the next one, where that is free on every address. */
  readonly port: number
  /** Keys the grants that vantages sign for each other; whoever sees a grant can try short ones out. */
  readonly token?: string
  readonly log?: (event: VantageEvent) => void
}

export interface RunningVantage extends AsyncDisposable {
  readonly addresses: readonly Address[]
  readonly port: number
  readonly alternatePort: number | null
  readonly canEcho: boolean
  close(): Promise<void>
}

/**
 * Starts a vantage: STUN over UDP and the control protocol over TCP (docs/vantage.md), on exactly the addresses named.
 * It asks nobody who they are, and remembers nothing beyond its own limits, in memory.
 * `PeerwayError`: `bad-input` (addresses, token), `busy` (port taken), `not-available` (address not of this machine),
 * `not-permitted`. Then nothing is left open.
 */
export async function startVantage(host: Host, options: VantageOptions): Promise<RunningVantage> {
  const { port, token } = options
  if (token === '') throw new PeerwayError('bad-input', errorText('error.token-empty'))
  const faces = facesOf(options.addresses, options.alternateAddress)
  const sockets = await openStun(host, faces, port)
  const closeStun = () => Promise.all([...sockets.values()].flat().map((socket) => socket.close()))
  try {
    const desk = await makeDesk(host, options, faces, sockets)
    serveStun(desk, sockets)
    const closeControl = await listenControl(desk)
    const close = async () => {
      await Promise.all([closeControl(), closeStun()])
    }
    const { alternatePort } = desk
    const addresses = faces.map((face) => face.public)
    return { addresses, port, alternatePort, canEcho: desk.canEcho, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await closeStun()
    throw error
  }
}

async function makeDesk(
  host: Host,
  { port, token, log = () => {} }: VantageOptions,
  faces: readonly Face[],
  sockets: ReadonlyMap<Address, StunPair>,
): Promise<Desk> {
  const named = faces.flatMap((face) => [face.public, face.bind])
  return {
    host,
    faces,
    own: ownAddresses(named, await host.network.addresses()),
    limits: new VantageLimits(),
    openPorts: new OpenPorts(host),
    flows: new Flows(host.clock),
    port,
    alternatePort: [...sockets.values()].every((pair) => pair.length === 2) ? port + 1 : null,
    token: token ?? null,
    canEcho: await canEcho(host, faces[0]!.bind),
    proven: new Map(),
    log,
  }
}
