/**
 * The datagrams of a flow that a vantage was told of (docs/vantage.md, "flow"): one line of text each, without a line
 * feed. `open` shows the vantage where the flow comes from, `seen` answers it and is as long, `keep` passes boxes on the
 * way and is taken no notice of, `sent` is what the vantage was asked to send. `number` is 0 to 999: the asker's own in
 * `open` and `seen`; in `sent` the TTL that it was sent with, 0 where that was the vantage's usual one.
 */
export interface FlowDatagram {
  readonly kind: 'open' | 'seen' | 'keep' | 'sent'
  /** 8 bytes in lower-case hexadecimal. */
  readonly nonce: string
  readonly number: number
}

const LINE = /^peerway-flow (open|seen|keep|sent) ([0-9a-f]{16}) ([0-9]{1,3})$/
const LONGEST_BYTES = 48

export function encodeFlowDatagram({ kind, nonce, number }: FlowDatagram): Uint8Array {
  return new TextEncoder().encode(`peerway-flow ${kind} ${nonce} ${number}`)
}

/** Undefined for anything else. Any bytes may be given; nothing is thrown. */
export function decodeFlowDatagram(data: Uint8Array): FlowDatagram | undefined {
  if (data.length > LONGEST_BYTES) return undefined
  const match = LINE.exec(String.fromCharCode(...data))
  if (match === null) return undefined
  return { kind: match[1] as FlowDatagram['kind'], nonce: match[2]!, number: Number(match[3]) }
}
