import { expect, test } from 'vitest'
import { judgeNatPmpEpoch } from '../../../src/wire/nat-pmp/epoch.ts'
import { judgeEpoch } from '../../../src/wire/pcp/epoch.ts'

const seen = (epochSeconds: number, atSeconds: number) => ({ epochSeconds, atMs: atSeconds * 1000 })

test.each([
  ['the first answer', null, seen(7, 0), 'plausible'],
  ['both clocks alike', seen(100, 0), seen(3700, 3600), 'plausible'],
  ['packets that overtake each other', seen(100, 10), seen(99, 10), 'plausible'],
  ['back by two seconds', seen(100, 10), seen(98, 10), 'lost-state'],
  ['a reboot', seen(100_000, 0), seen(3, 3600), 'lost-state'],
  ['a server that is a sixteenth slow, and two seconds', seen(0, 0), seen(1498, 1600), 'plausible'],
  ['a slower one', seen(0, 0), seen(1497, 1600), 'lost-state'],
  ['a server that is a sixteenth fast, and two seconds', seen(0, 0), seen(1600, 1498), 'plausible'],
  ['a faster one', seen(0, 0), seen(1602, 1498), 'lost-state'],
] as const)('PCP: %s', (_, previous, current, judgement) => {
  expect(judgeEpoch(previous, current)).toBe(judgement)
})

test.each([
  ['the first answer', null, seen(7, 0), 'plausible'],
  ['both clocks alike', seen(100, 0), seen(3700, 3600), 'plausible'],
  ['an eighth slow, and two seconds', seen(0, 0), seen(698, 800), 'plausible'],
  ['slower', seen(0, 0), seen(697, 800), 'lost-state'],
  ['far ahead, which RFC 6886 does not mind', seen(0, 0), seen(100_000, 1), 'plausible'],
  ['a reboot', seen(100_000, 0), seen(3, 3600), 'lost-state'],
] as const)('NAT-PMP: %s', (_, previous, current, judgement) => {
  expect(judgeNatPmpEpoch(previous, current)).toBe(judgement)
})
