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
  ...{ tries: 6, established: 6, arrived: 6, partly: 0, returned: 6, cutBack: 0, resets: 0 },
  ...options,
})
const LOST = { arrived: 0, returned: 0 }
const UNHEARD = { returned: 0 }

function exchange(options: Partial<FactOf<'protocol-exchange'>> = {}): Unnumbered {
  const value: FactOf<'protocol-exchange'> = {
    ...{ transport: 'tcp', port: 20_000, family: 'ipv4', protocol: 'multistream', vantage: VANTAGE },
    ...{
      opener: 'vantage',
      purpose: 'comparison',
      ofNode: true,
      spoken: tally(),
      answered: tally(),
      neutral: tally(),
      memory: null,
    },
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

const outward = (memory: FactOf<'protocol-exchange'>['memory']) =>
  exchange({ opener: 'host', spoken: tally(LOST), memory })
const FREE = [answer({ answered: 6 }), flowRules({ opener: 'host' })]

function said(evidence: readonly Evidence[]) {
  const { endpoints, obstacles } = diagnose(evidence, [TCP])
  const [endpoint] = endpoints
  return [
    endpoint!.reachable,
    ...obstacles.map(({ certainty, endpoints: stopped, text }) => {
      const how = Object.keys(text.params).filter((key) => /^(both|in|out)-|-packet$|^rest-/.test(key))
      return `${certainty} of ${stopped.length}: ${how.join(' ')}`
    }),
  ]
}

describe('a filter on a protocol', () => {
  test.each<[string, readonly Unnumbered[], readonly string[]]>([
    [
      'stops the node that is not heard',
      [exchange({ spoken: tally(LOST) }), answer(), flowRules()],
      ['no', 'proven of 1: in-lost'],
    ],
    [
      'is no obstacle to a node that is heard all the same',
      [exchange({ spoken: tally(LOST) }), answer({ answered: 1 }), flowRules()],
      ['yes', 'proven of 0: in-lost'],
    ],
    [
      'stops the port that peerway held',
      [exchange({ ...TCP, purpose: 'endpoint', spoken: tally(LOST) }), flowRules(TCP)],
      ['no', 'proven of 1: in-lost'],
    ],
    [
      'may stop a node that answers the protocol to nobody',
      [exchange({ spoken: tally(LOST) }), flowRules()],
      ['unknown', 'proven of 0: in-lost', 'likely of 1: in-lost'],
    ],
    [
      'is seen by its resets',
      [exchange({ spoken: tally({ ...LOST, resets: 6 }) }), answer(), flowRules()],
      ['no', 'proven of 1: in-reset'],
    ],
    [
      'is seen by what it cuts',
      [exchange({ spoken: tally({ ...LOST, partly: 6 }) }), answer(), flowRules()],
      ['no', 'proven of 1: in-cut'],
    ],
    [
      'is seen in the answers',
      [exchange({ answered: tally(UNHEARD) }), answer(), flowRules()],
      ['no', 'proven of 1: out-lost'],
    ],
    [
      'is seen on the way out',
      [exchange({ opener: 'host', spoken: tally(LOST) }), answer({ answered: 6 }), flowRules({ opener: 'host' })],
      ['yes', 'proven of 0: out-lost'],
    ],
    [
      'is said once of both directions',
      [
        exchange({ spoken: tally(LOST) }),
        exchange({ opener: 'host', spoken: tally(LOST) }),
        flowRules(),
        flowRules({ opener: 'host' }),
        answer({ answered: 6 }),
      ],
      ['yes', 'proven of 0: both-lost'],
    ],
    [
      'is told of each direction where it is not the same',
      [
        exchange({ spoken: tally({ ...LOST, resets: 6 }) }),
        exchange({ opener: 'host', spoken: tally(LOST) }),
        flowRules(),
        flowRules({ opener: 'host' }),
        answer({ answered: 6 }),
      ],
      ['yes', 'proven of 0: in-reset out-lost'],
    ],
    [
      'that looks at the first packet alone lets the same pass later',
      [outward({ later: { tries: 4, passed: 4 }, rest: null }), ...FREE],
      ['yes', 'proven of 0: first-packet out-lost'],
    ],
    [
      'that stops a whole flow lets nothing pass behind',
      [outward({ later: { tries: 4, passed: 3 }, rest: { tries: 4, passed: 0 } }), ...FREE],
      ['yes', 'proven of 0: first-packet rest-stopped out-lost'],
    ],
    [
      'that looks at every packet stops it later too',
      [outward({ later: { tries: 4, passed: 0 }, rest: { tries: 4, passed: 4 } }), ...FREE],
      ['yes', 'proven of 0: every-packet rest-passes out-lost'],
    ],
    [
      'of which some passed later does neither for certain',
      [outward({ later: { tries: 4, passed: 2 }, rest: { tries: 4, passed: 1 } }), ...FREE],
      ['yes', 'proven of 0: out-lost'],
    ],
    [
      'is likely where the rules of this host cannot be read',
      [exchange({ spoken: tally(LOST) }), answer()],
      ['unknown', 'likely of 1: in-lost'],
    ],
    [
      'is likely where they look into packets',
      [exchange({ spoken: tally(LOST) }), answer(), flowRules({ in: DOUBT })],
      ['unknown', 'likely of 1: in-lost'],
    ],
    [
      'on what the node does not speak stops no peer of it',
      [exchange({ ofNode: false, protocol: 'bitcoin', spoken: tally(LOST) }), flowRules()],
      ['yes', 'proven of 0: in-lost'],
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
