import { expect, test } from 'vitest'
import type { PlannedChange } from '../../src/remedy/journal.ts'
import { planId } from '../../src/watch/work.ts'

/** A rule, and the file that keeps it over reboots, in which its tag stands. */
function plan(rule: string, tag: string): readonly PlannedChange[] {
  const rest = { clears: [], endpoints: [], keeps: null, untilReboot: false }
  const planned = { remedy: 'allow-in-host-firewall', ...rest } as const
  const place = { family: 'inet', table: 'filter', chain: 'input', before: null }
  const to = `${rule} comment "peerway:${tag}"`
  return [
    { ...planned, change: { id: tag, kind: 'nft-rule', ...place, rule } },
    { ...planned, change: { id: 'file0000', kind: 'file', path: '/etc/nftables.conf', from: null, to } },
  ]
}

test('a plan is the same whatever tags were drawn for it', () => {
  const id = planId(plan('udp dport 4001 accept', 'aaaaaaaa'))
  expect(planId(plan('udp dport 4001 accept', 'bbbbbbbb'))).toBe(id)
  expect(planId(plan('udp dport 4002 accept', 'aaaaaaaa'))).not.toBe(id)
})
