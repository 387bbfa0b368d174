import { describe, expect, test } from 'vitest'
import { chooseDialSources, chooseHolder } from '../../src/probe/dial-plan.ts'

const ALTERNATE = '203.0.113.11'
const DIALLER = '203.0.113.12'
const OTHER = { name: 'second', address: '198.51.100.5', port: 3478 }

function sources(options: {
  dialSources?: readonly string[]
  canGrant?: boolean
  others?: readonly (typeof OTHER)[]
  contactedBefore?: readonly string[]
}) {
  const { dialSources = [], canGrant = false, others = [], contactedBefore = [] } = options
  const { main, further } = chooseDialSources({
    contacted: { name: 'first', address: '203.0.113.10', dialSources, canGrant, mappingAddress: ALTERNATE },
    others,
    isClean: (address) => !contactedBefore.includes(address),
  })
  const text = ({ address, clean, from }: (typeof main)[number]) =>
    `${address} ${clean ? 'clean' : 'dirty'}${'vantage' in from ? ' by grant' : ''}`
  return { main: main.map(text), further: further.map(text) }
}

describe('from where a dial-back comes', () => {
  test('an address that nothing was sent to comes first, and of those one that the mapping test leaves alone', () => {
    expect(sources({ dialSources: [ALTERNATE, DIALLER] }).main).toEqual([
      '203.0.113.12 clean',
      '203.0.113.11 clean',
      '203.0.113.10 dirty',
    ])
  })

  test('an untouched vantage, by a grant, is better than an address of the first that was contacted before', () => {
    const chosen = sources({ dialSources: [ALTERNATE], canGrant: true, others: [OTHER], contactedBefore: [ALTERNATE] })
    expect(chosen.main).toEqual(['198.51.100.5 clean by grant', '203.0.113.11 dirty', '203.0.113.10 dirty'])
    expect(chosen.further).toEqual([])
  })

  test('a second vantage adds a second dial where the first has a clean address of its own', () => {
    const chosen = sources({ dialSources: [DIALLER], canGrant: true, others: [OTHER] })
    expect(chosen.main[0]).toBe('203.0.113.12 clean')
    expect(chosen.further).toEqual(['198.51.100.5 clean by grant'])
  })

  test('no more than two further vantages dial', () => {
    const others = Array.from({ length: 5 }, (_, index) => ({ ...OTHER, address: `198.51.100.${index}` }))
    expect(sources({ dialSources: [DIALLER], canGrant: true, others }).further).toHaveLength(2)
  })

  test('without a grant the others do not dial', () => {
    expect(sources({ others: [OTHER] })).toEqual({ main: ['203.0.113.10 dirty'], further: [] })
  })

  test('the contacted address is the last resort and never clean, even where the memory knows nothing', () => {
    expect(sources({}).main).toEqual(['203.0.113.10 dirty'])
    expect(sources({ dialSources: ['203.0.113.10'] }).main).toEqual(['203.0.113.10 dirty'])
  })
})

describe('who holds a port while it is dialled', () => {
  test.each([
    ['listening', 'no', 'node'],
    ['listening', 'unknown', 'node'],
    ['none', 'no', 'hold'],
    ['none', 'unknown', 'hold'],
    ['none', 'yes', 'node'],
    ['loopback-only', 'no', 'hold'],
    ['elsewhere-only', 'no', 'node'],
    ['elsewhere-only', 'yes', 'node'],
    ['unknown', 'unknown', 'hold'],
  ] as const)('%s, redirected %s: %s', (state, redirected, holder) => {
    expect(chooseHolder({ state, redirected })).toBe(holder)
  })
})
