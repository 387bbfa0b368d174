import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { Evidence, ExchangeTally, FactOf, RuleFate } from '../../src/model/evidence.ts'
import {
  addresses,
  dial,
  EXTERNAL,
  listeners,
  mapped,
  run,
  SEEN,
  TCP,
  type Unnumbered,
  VANTAGE,
  vantage,
} from './evidence.ts'

const PUBLIC = [
  addresses(EXTERNAL),
  vantage(),
  mapped(EXTERNAL, EXTERNAL),
  listeners(TCP),
  dial(TCP, 'connected', { arrival: SEEN, greeting: 'multistream' }),
]

const tally = (options: Partial<ExchangeTally> = {}): ExchangeTally => ({
  ...{ tries: 6, established: 6, arrived: 6, partly: 0, returned: 6, resets: 0 },
  ...options,
})
const LOST = { arrived: 0, returned: 0 }
const UNHEARD = { returned: 0 }

function exchange(options: Partial<FactOf<'protocol-exchange'>> = {}): Unnumbered {
  const value: FactOf<'protocol-exchange'> = {
    ...{ transport: 'tcp', port: 20_000, family: 'ipv4', protocol: 'multistream', vantage: VANTAGE },
    ...{ opener: 'vantage', purpose: 'comparison', spoken: tally(), answered: tally(), neutral: tally() },
    ...options,
  }
  return { probe: 'protocol-exchange', value }
}

function answer(options: Partial<FactOf<'protocol-answer'>> = {}): Unnumbered {
  const value: FactOf<'protocol-answer'> = {
    ...{ ...TCP, family: 'ipv4', protocol: 'multistream', vantage: VANTAGE },
    ...{ localBytes: 28, tries: 6, established: 6, answered: 0, resets: 0 },
    ...options,
  }
  return { probe: 'protocol-answer', value }
}

const PASS: RuleFate = { kind: 'accept', at: null, expression: null }
const DOUBT: RuleFate = { kind: 'unknown', at: null, expression: '@ih,0,8' }

function flowRules(options: Partial<FactOf<'flow-rules'>> = {}): Unnumbered {
  const flow = { transport: 'tcp', port: 20_000, family: 'ipv4', opener: 'vantage' } as const
  return { probe: 'flow-rules', value: { ...flow, out: PASS, in: PASS, ...options } }
}

function said(evidence: readonly Evidence[]) {
  const { endpoints, obstacles } = diagnose(evidence, [TCP])
  const [endpoint] = endpoints
  return [
    endpoint!.reachable,
    ...obstacles.map(({ certainty, endpoints: stopped, text }) => {
      const { reset, cut, lost, inwards, outwards } = text.params
      const how = Object.entries({ reset, cut, lost, inwards, outwards }).flatMap(([key, value]) => (value ? key : []))
      return `${certainty} of ${stopped.length}: ${how.join(' ')}`
    }),
  ]
}

describe('a filter on a protocol', () => {
  test.each<[string, readonly Unnumbered[], readonly string[]]>([
    [
      'stops the node that is not heard',
      [exchange({ spoken: tally(LOST) }), answer(), flowRules()],
      ['no', 'proven of 1: lost inwards'],
    ],
    [
      'is no obstacle to a node that is heard all the same',
      [exchange({ spoken: tally(LOST) }), answer({ answered: 1 }), flowRules()],
      ['yes', 'proven of 0: lost inwards'],
    ],
    [
      'stops the port that peerway held',
      [exchange({ ...TCP, purpose: 'endpoint', spoken: tally(LOST) }), flowRules(TCP)],
      ['no', 'proven of 1: lost inwards'],
    ],
    [
      'may stop a node that answers the protocol to nobody',
      [exchange({ spoken: tally(LOST) }), flowRules()],
      ['unknown', 'proven of 0: lost inwards', 'likely of 1: lost inwards'],
    ],
    [
      'is seen by its resets',
      [exchange({ spoken: tally({ ...LOST, resets: 6 }) }), answer(), flowRules()],
      ['no', 'proven of 1: reset inwards'],
    ],
    [
      'is seen by what it cuts',
      [exchange({ spoken: tally({ ...LOST, partly: 6 }) }), answer(), flowRules()],
      ['no', 'proven of 1: cut inwards'],
    ],
    [
      'is seen in the answers',
      [exchange({ answered: tally(UNHEARD) }), answer(), flowRules()],
      ['no', 'proven of 1: lost outwards'],
    ],
    [
      'is seen on the way out',
      [exchange({ opener: 'host', spoken: tally(LOST) }), answer({ answered: 6 }), flowRules({ opener: 'host' })],
      ['yes', 'proven of 0: lost outwards'],
    ],
    [
      'is likely where the rules of this host cannot be read',
      [exchange({ spoken: tally(LOST) }), answer()],
      ['unknown', 'likely of 1: lost inwards'],
    ],
    [
      'is likely where they look into packets',
      [exchange({ spoken: tally(LOST) }), answer(), flowRules({ in: DOUBT })],
      ['unknown', 'likely of 1: lost inwards'],
    ],
    [
      'is not claimed when one flow of six got through',
      [exchange({ spoken: tally({ arrived: 1, returned: 0 }) }), answer()],
      ['yes'],
    ],
    [
      'nor when an answer shows that it did',
      [exchange({ spoken: tally({ arrived: 0, returned: 1 }) }), answer()],
      ['yes'],
    ],
    ['nor after three tries', [exchange({ spoken: tally({ ...LOST, tries: 3, established: 3 }) }), answer()], ['yes']],
    [
      'nor when neutral bytes were lost twice',
      [exchange({ spoken: tally(LOST), neutral: tally({ returned: 4 }) }), answer()],
      ['yes'],
    ],
    [
      'nor when nothing at all passes',
      [exchange({ spoken: tally(LOST), answered: tally(LOST), neutral: tally(LOST) }), answer()],
      ['yes'],
    ],
    ['nor when a handshake failed', [exchange({ spoken: tally({ ...LOST, established: 5 }) }), answer()], ['yes']],
    [
      'nor when the far end did not tell',
      [exchange({ spoken: tally({ arrived: null, returned: 0 }) }), answer()],
      ['yes'],
    ],
    ['nor of answers to what never came', [exchange({ answered: tally(LOST) }), answer()], ['yes']],
    ['nor from a silent node alone', [exchange(), answer()], ['yes']],
  ])('%s', (_, facts, expected) => {
    expect(said(run(...PUBLIC, ...facts))).toEqual(expected)
  })
})
