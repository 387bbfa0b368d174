import type { Address } from '../../model/endpoint.ts'
import { parseAddress } from '../../model/ip.ts'

export type PingAnswer =
  | {
      readonly kind: 'echo-reply' | 'time-exceeded' | 'unreachable'
      /** Null where ping does not say who answered. */
      readonly from: Address | null
      /** Ping's own measure; it makes none for ICMP errors. */
      readonly rttMs: number | null
      /** Wall clock at arrival, where ping printed it. */
      readonly receivedAtMs: number | null
    }
  | { readonly kind: 'silent' }
  | { readonly kind: 'not-permitted' }
  | { readonly kind: 'failed' }

const TIME = String.raw`^(?:\[(\d+\.\d+)\] )?`
const REPLY = new RegExp(
  `${TIME}\\d+ bytes from ([^\\s:]\\S*?):? (?:icmp_)?seq=\\d+ ttl=\\d+(?: time=([\\d.]+) ms)?`,
  'm',
)
const ERROR = new RegExp(`${TIME}From (\\S+?):?(?: icmp_seq=\\d+)? (.*)$`, 'gm')

/**
 * What ping of iputils or busybox said under LC_ALL=C about ONE echo request. Lines of redirects and the like are no
 * answer.
 */
export function parsePing(stdout: string, stderr: string): PingAnswer {
  const reply = REPLY.exec(stdout)
  if (reply !== null) {
    const [, at, from, rttMs] = reply
    return { kind: 'echo-reply', from: bare(from!), rttMs: rttMs === undefined ? null : Number(rttMs), ...received(at) }
  }
  for (const [, at, from, what] of stdout.matchAll(ERROR)) {
    const kind = icmpError(what!)
    if (kind !== undefined) return { kind, from: bare(from!), rttMs: null, ...received(at) }
  }
  return complaint(stderr)
}

function icmpError(text: string): 'time-exceeded' | 'unreachable' | undefined {
  if (/^Time to live exceeded|Hop limit/.test(text)) return 'time-exceeded'
  if (/unreach|prohibited|filtered|unknown$/i.test(text)) return 'unreachable'
  return undefined
}

/** Busybox names the ICMP type and not its sender; both name errors of their own system. */
function complaint(stderr: string): PingAnswer {
  const type = /warning: got ICMP (\d+)/i.exec(stderr)?.[1]
  const unknown = { from: null, rttMs: null, receivedAtMs: null }
  if (type === '11') return { kind: 'time-exceeded', ...unknown }
  if (type === '3') return { kind: 'unreachable', ...unknown }
  if (/not permitted|permission denied|missing cap_net_raw/i.test(stderr)) return { kind: 'not-permitted' }
  if (/unreachable|no route|cannot assign|address not available|family not supported/i.test(stderr)) {
    return { kind: 'unreachable', ...unknown }
  }
  return stderr.trim() === '' || type !== undefined ? { kind: 'silent' } : { kind: 'failed' }
}

function bare(text: string): Address | null {
  return parseAddress(text.split('%')[0]!) ?? null
}

function received(seconds: string | undefined): { readonly receivedAtMs: number | null } {
  return { receivedAtMs: seconds === undefined ? null : Number(seconds) * 1000 }
}
