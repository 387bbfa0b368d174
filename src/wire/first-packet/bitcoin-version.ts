import { createHash } from 'node:crypto'
import { joined, viewOf } from '../bytes.ts'
import { ascii, type Opening } from './opening.ts'

const MAINNET = [0xf9, 0xbe, 0xb4, 0xd9]
const PROTOCOL_VERSION = 70_016
const NODE_NETWORK = 1n
const USER_AGENT = '/Satoshi:27.0.0/'
const NONCE_BYTES = 8

/** Bitcoin's `version` (its developer reference, P2P network), on mainnet, with its checksum. `random` is the nonce. */
export const bitcoinOpening: Opening = {
  transport: 'tcp',
  randomLength: NONCE_BYTES,
  encode(random) {
    const payload = versionPayload(random)
    const head = new Uint8Array(16)
    head.set(ascii('version'))
    viewOf(head).setUint32(12, payload.length, true)
    return joined(MAINNET, head, sha256(sha256(payload)).subarray(0, 4), payload)
  },
}

function versionPayload(nonce: Uint8Array): Uint8Array {
  const head = new Uint8Array(4 + 8 + 8)
  const view = viewOf(head)
  view.setUint32(0, PROTOCOL_VERSION, true)
  view.setBigUint64(4, NODE_NETWORK, true)
  // The time, which nobody compares: the nonce makes it one of the years from 2024 on.
  view.setBigUint64(12, 0x6600_0000n + BigInt(viewOf(nonce).getUint32(0) & 0xff_ffff), true)
  // Services, address and port of both ends: not told.
  const ends = new Uint8Array(2 * 26)
  // No block yet, and no wish for transactions.
  const rest = new Uint8Array(4 + 1)
  return joined(head, ends, nonce, [USER_AGENT.length], ascii(USER_AGENT), rest)
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}
