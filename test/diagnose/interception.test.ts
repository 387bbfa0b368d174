import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { FactOf } from '../../src/model/evidence.ts'
import {
  addresses,
  dial,
  EXTERNAL,
  listeners,
  mapped,
  NOT_SEEN,
  outbound,
  run,
  SEEN,
  TCP,
  type Unnumbered,
  vantage,
} from './evidence.ts'

const PROXY = '203.0.113.99'
const HOST = [addresses(EXTERNAL), listeners(TCP)]

function interception(options: Partial<FactOf<'interception'>> = {}): Unnumbered {
  const asked = [{ address: '245.1.2.3', port: 80, outcome: 'connected', page: null }] as const
  return { probe: 'interception', value: { family: 'ipv4', whose: 'nobody', asked, ...options } }
}

function said(...facts: readonly Unnumbered[]) {
  const { endpoints, obstacles, notes } = diagnose(run(...facts), [TCP])
  return [endpoints[0]!.reachable, ...obstacles.map(({ id }) => id), ...notes.map(({ id }) => id)]
}

describe('a dial to an address that is not the one of this host’s datagrams', () => {
  const toProxy = { target: { address: PROXY, port: 4001 } }
  const here = [...HOST, vantage(PROXY), mapped(EXTERNAL, EXTERNAL)]
  const note = 'note.dialled-anothers-address'

  test.each<[string, Unnumbered, string, boolean]>([
    [
      'proves nothing when somebody answers',
      dial(TCP, 'connected', { ...toProxy, arrival: NOT_SEEN, greeting: 'multistream' }),
      'unknown',
      true,
    ],
    ['nor when nobody does', dial(TCP, 'silent', toProxy), 'unknown', true],
    [
      'but when it came here',
      dial(TCP, 'connected', { ...toProxy, arrival: SEEN, greeting: 'multistream' }),
      'yes',
      false,
    ],
  ])('%s', (_, fact, reachable, isNoted) => {
    const [answer, ...others] = said(...here, fact)
    expect([answer, others.includes(note), others.some((id) => !id.startsWith('note.'))]).toEqual([
      reachable,
      isNoted,
      false,
    ])
  })
})

describe('who answers in the place of others', () => {
  const silent = vantage(null, { control: 'timed-out', stun: 'silent', kind: 'unknown' })
  const asked = (['vantage', 'resolver'] as const).map(
    (what) => ({ what, server: '198.51.100.53:53', family: 'ipv4', tries: 3, outcome: 'silent' }) as const,
  )
  const nothing: Unnumbered = { probe: 'internet', value: { asked } }

  test('lives on a line that lives', () => {
    expect(said(...HOST, silent, nothing)).toContain('no-internet')
    expect(said(...HOST, silent, nothing, interception())).not.toContain('no-internet')
  })

  test.each<[string, Partial<FactOf<'interception'>>, string]>([
    [
      'with a page',
      { asked: [{ address: '245.1.2.3', port: 80, outcome: 'connected', page: { status: 302, location: null } }] },
      'note.captive-portal',
    ],
    ['without one', {}, 'note.answers-for-everybody'],
    ['on closed ports', { whose: 'closed' }, 'note.handshakes-on-the-way'],
  ])('is told %s', (_, options, note) => {
    expect(said(...HOST, vantage(), interception(options))).toContain(note)
  })

  test('shows no port that gets out', () => {
    const answered = (port: number): Unnumbered => {
      const { value } = outbound(port, 'no') as { value: FactOf<'outbound'> }
      return { probe: 'outbound', value: { ...value, transport: 'tcp', outcome: 'answered' } }
    }
    const about = said(...HOST, vantage(), answered(80), answered(8080))
    expect(about).toContain('note.connections-taken')
    expect(about).not.toContain('provider-blocks-outbound-port')
  })
})

describe('a proxy that dials in this host’s place', () => {
  const here = [...HOST, vantage(EXTERNAL), mapped(EXTERNAL, EXTERNAL)]
  const tcp = (port: number, options: Partial<FactOf<'outbound'>> = {}): Unnumbered => {
    const value = { ...(outbound(port, 'yes').value as FactOf<'outbound'>), transport: 'tcp', ...options } as const
    return { probe: 'outbound', value }
  }

  test('is told where answered connections come from others alone, and blamed for nothing', () => {
    const others = { arrived: 'unknown', fromOthers: true } as const
    const [, ...about] = said(...here, tcp(80, others), tcp(443), tcp(4001, { ...others, outcome: 'silent' }))
    expect(about).toContain('note.connections-redialled')
    expect(about.filter((id) => !id.startsWith('note.'))).toEqual([])
  })

  test('is no translator, where it takes the connection by which the vantage knows this host', () => {
    expect(diagnose(run(...HOST, vantage(PROXY), mapped(EXTERNAL, EXTERNAL)), [TCP]).nat.layers).toBeNull()
  })
})
