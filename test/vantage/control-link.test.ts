import { describe, expect, test } from 'vitest'
import type { Clock, Host, TcpConnection, TcpRead } from '../../src/host/host.ts'
import { ControlLink } from '../../src/vantage/control-link.ts'
import type { Desk, VantageEvent } from '../../src/vantage/desk.ts'
import { Flows } from '../../src/vantage/flows.ts'
import { VantageLimits } from '../../src/vantage/limits.ts'
import { OpenPorts } from '../../src/vantage/open-ports.ts'
import { serveSession } from '../../src/vantage/session.ts'

/** A clock that jumps to the end of every wait. */
class JumpingClock implements Clock {
  now = 0
  nowMs = () => this.now
  monotonicMs = () => this.now
  async sleep(ms: number): Promise<void> {
    this.now += Math.max(0, ms)
  }
}

/** A peer that sends one byte every ten seconds and reads as `writes` says. */
class SlowPeer implements TcpConnection {
  readonly local = { address: '203.0.113.10', port: 3478 }
  readonly remote = { address: '203.0.113.5', port: 50_000 }
  written = 0
  fate: 'open' | 'reset' | 'closed' = 'open'
  readonly #clock: JumpingClock
  readonly #writes: 'written' | 'stalled'
  readonly #sends: boolean

  constructor(clock: JumpingClock, options: { writes: 'written' | 'stalled'; sends: boolean }) {
    this.#clock = clock
    this.#writes = options.writes
    this.#sends = options.sends
  }

  async read(timeoutMs: number): Promise<TcpRead> {
    if (this.fate !== 'open') return { outcome: 'reset' }
    if (!this.#sends || timeoutMs < 10_000) {
      this.#clock.now += timeoutMs
      return { outcome: 'timed-out' }
    }
    this.#clock.now += 10_000
    return { outcome: 'data', data: Uint8Array.of(0x78) }
  }

  async write(data: Uint8Array, timeoutMs: number) {
    if (this.fate !== 'open') return 'closed' as const
    if (this.#writes === 'stalled') this.#clock.now += timeoutMs
    else this.written += data.length
    return this.#writes
  }

  reset(): void {
    this.fate = 'reset'
  }

  async close(): Promise<void> {
    if (this.fate === 'open') this.fate = 'closed'
  }

  [Symbol.asyncDispose] = () => this.close()
}

const face = { public: '203.0.113.10', bind: '203.0.113.10', family: 'ipv4', other: null, dialSources: [] } as const

function deskOf(clock: Clock, log: (event: VantageEvent) => void): Desk {
  // What an idle asker never needs is left out: asking for it would be an error here.
  const host = { clock, random: { bytes: (length: number) => new Uint8Array(length) } } as Host
  return {
    host,
    faces: [face],
    own: new Set(),
    limits: new VantageLimits(),
    openPorts: new OpenPorts(host),
    flows: new Flows(clock),
    port: 3478,
    alternatePort: null,
    token: null,
    canEcho: false,
    proven: new Map(),
    log,
  }
}

describe('a control connection does not last for ever', () => {
  test.each([
    ['says nothing', false],
    ['sends a byte now and then, and never a line', true],
  ])('with an asker that %s it is closed after 30 s', async (_, sends) => {
    const clock = new JumpingClock()
    const peer = new SlowPeer(clock, { writes: 'written', sends })
    await serveSession(
      deskOf(clock, () => {}),
      face,
      peer,
    )
    expect([peer.fate, clock.now]).toEqual(['closed', 30_000])
    expect(peer.written).toBeGreaterThan(100)
  })

  test('with an asker that does not read it is reset', async () => {
    const clock = new JumpingClock()
    const peer = new SlowPeer(clock, { writes: 'stalled', sends: false })
    const link = new ControlLink(peer, clock)
    link.send(new Uint8Array(100))
    await link.close()
    expect([peer.fate, clock.now]).toEqual(['reset', 5000])
  })

  test('and what waits for a slow reader is bounded', () => {
    const clock = new JumpingClock()
    const peer = new SlowPeer(clock, { writes: 'written', sends: false })
    const link = new ControlLink(peer, clock)
    for (let sent = 0; sent < 65; sent++) link.send(new Uint8Array(1000))
    expect(peer.fate).toBe('open')
    link.send(new Uint8Array(1000))
    expect(peer.fate).toBe('reset')
  })
})
