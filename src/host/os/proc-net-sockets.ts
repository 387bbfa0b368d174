import { type Address, type Endpoint, type Family, familyOf, type Transport } from '../../model/endpoint.ts'
import { inPrefix } from '../../model/ip.ts'
import { wordsAddress } from './proc.ts'

/** One line of /proc/net/{tcp,tcp6,udp,udp6}. IPv4-mapped addresses are written as IPv4. */
export interface ProcSocket {
  readonly transport: Transport
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly family: Family
  /** The kernel's number: TCP's states, which UDP borrows. */
  readonly state: number
  readonly inode: string
}

/** The kernel's TCP states (include/net/tcp_states.h) by the names of RFC 9293 §3.3.2. */
const STATES: Readonly<Record<number, string>> = {
  1: 'established',
  2: 'syn-sent',
  3: 'syn-received',
  4: 'fin-wait-1',
  5: 'fin-wait-2',
  6: 'time-wait',
  7: 'closed',
  8: 'close-wait',
  9: 'last-ack',
  10: 'listen',
  11: 'closing',
  12: 'syn-received',
}

export function stateName(state: number): string {
  return STATES[state] ?? `state-${state}`
}

/** A TCP socket that listens, or a UDP socket that is bound and not connected. */
export function isListening({ transport, state, local, remote }: ProcSocket): boolean {
  if (local.port === 0) return false
  return transport === 'tcp' ? stateName(state) === 'listen' : stateName(state) === 'closed' && remote.port === 0
}

/** A TCP connection from SYN received on. */
export function isFlow({ state }: ProcSocket): boolean {
  return !['listen', 'syn-sent', 'closed'].includes(stateName(state))
}

/** Those lines of one table that `wanted` takes. Lines of another form are passed over. */
export function parseProcNet(
  transport: Transport,
  text: string,
  wanted: (socket: ProcSocket) => boolean,
): ProcSocket[] {
  return text.split('\n').flatMap((line) => {
    const match = LINE.exec(line)
    if (match === null) return []
    const [, localAddress, localPort, remoteAddress, remotePort, state, inode] = match
    const local = endpoint(localAddress!, localPort!)
    const remote = endpoint(remoteAddress!, remotePort!)
    const family = familyOf(local.address)
    const socket = { transport, local, remote, family, state: Number.parseInt(state!, 16), inode: inode! }
    return wanted(socket) ? [socket] : []
  })
}

/** sl: local remote state queues timer retransmits uid timeout inode ... */
const ENDPOINT = '([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})'
const LINE = new RegExp(String.raw`^\s*\d+: ${ENDPOINT} ${ENDPOINT} ([0-9A-F]{2}) \S+ \S+ \S+\s+\d+\s+\d+ (\d+) `)

function endpoint(address: string, port: string): Endpoint {
  return { address: unmapped(wordsAddress(address)), port: Number.parseInt(port, 16) }
}

function unmapped(address: Address): Address {
  return inPrefix(address, '::ffff:0:0/96') ? address.slice('::ffff:'.length) : address
}
