import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StunBindingResult } from '../../src/vantage/stun-binding.ts'
import { missingForNamespaces } from '../host/in-namespace.ts'
import { type HostName, Internet, type Kit, NATS, V1, V1_IPV6, V1_IPV6_SECOND, V1_SECOND } from './internet.ts'

const missing = missingForNamespaces('ip', 'nft', 'turnutils_natdiscovery', 'stun', 'turnserver')

const INDEPENDENT = 'Endpoint Independent'
const DEPENDENT = 'Address and Port Dependent'
const ADDRESSES = { ipv4: ['203.0.113.20', '203.0.113.21'], ipv6: ['2001:db8::20', '2001:db8::21'] } as const

describe.skipIf(missing)(`foreign STUN clients and our server${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  beforeAll(async () => {
    net = new Internet()
    await net.vantage('v1', { addresses: [V1, V1_SECOND, V1_IPV6, V1_IPV6_SECOND], port: 3478 })
  })
  afterAll(() => net?.remove())

  /** What it prints; its exit status says what it found, so it is not looked at. */
  const output = (host: HostName, ...command: readonly string[]) =>
    spawnSync('ip', ['netns', 'exec', net.name(host), ...command], { encoding: 'utf8', timeout: 60_000 }).stdout

  test.each([
    ['open', 'none', '203.0.113.10', INDEPENDENT, INDEPENDENT],
    ['asker', 'masquerade', '203.0.113.10', INDEPENDENT, DEPENDENT],
    ['asker', 'random', '203.0.113.10', DEPENDENT, DEPENDENT],
    ['asker', 'full cone', '203.0.113.10', INDEPENDENT, INDEPENDENT],
    ['open', 'none', '2001:db8::10', INDEPENDENT, INDEPENDENT],
    ['asker', 'stateful', '2001:db8::10', INDEPENDENT, DEPENDENT],
  ] as const)('turnutils_natdiscovery of %s, router %s, asks %s', (host, nat, address, mapping, filtering) => {
    net.rules('nat', NATS[nat])
    // Filtering first: the question about mapping sends to the server's other address.
    expect(output(host, 'turnutils_natdiscovery', '-f', address)).toContain(`NAT with ${filtering} Filtering!`)
    const told = output(host, 'turnutils_natdiscovery', '-m', address)
    expect(told).toContain(`NAT with ${mapping} Mapping!`)
    expect(told).toContain('No ALG: Mapped == XOR-Mapped')
  })

  test('turnutils_natdiscovery with padding', () => {
    expect(output('open', 'turnutils_natdiscovery', '-f', '-P', '203.0.113.10')).toContain(
      `NAT with ${INDEPENDENT} Filtering!`,
    )
  })

  test.each([
    ['open', 'none', 'Open'],
    ['asker', 'masquerade', 'Independent Mapping, Port Dependent Filter, preserves ports, no hairpin'],
    ['asker', 'random', 'Dependent Mapping, random port, no hairpin'],
    ['asker', 'full cone', 'Independent Mapping, Independent Filter, preserves ports, no hairpin'],
  ] as const)('stun (RFC 3489) of %s, router %s, finds: %s', (host, nat, expected) => {
    net.rules('nat', NATS[nat])
    expect(output(host, 'stun', '203.0.113.10')).toContain(`Primary: ${expected}`)
  })
})

describe.skipIf(missing)(`our STUN client and coturn${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let net: Internet
  const folder = mkdtempSync(join(tmpdir(), 'peerway-va-'))
  beforeAll(async () => {
    net = new Internet()
    writeFileSync(join(folder, 'turnserver.conf'), '')
    const addresses = [...ADDRESSES.ipv4, ...ADDRESSES.ipv6]
    const files = [`--pidfile=${folder}/pid`, `--db=${folder}/db`, '-c', `${folder}/turnserver.conf`]
    const options = [
      '--stun-only',
      '--no-auth',
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--log-file=stdout',
      '--simple-log',
    ]
    const command = ['turnserver', ...files, ...options, ...addresses.flatMap((address) => ['-L', address])]
    net.daemon('v2', command)
    // One transaction waits for up to four seconds, which coturn needs to start.
    for (const address of addresses) {
      expect(await net.run('open', started, address)).toMatchObject({ outcome: 'answered' })
    }
  })
  afterAll(async () => {
    await net?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const started = async ({ host, stunBinding }: Kit, address: string) => {
    const server = { address, port: 3478 }
    return stunBinding(host, await host.udp.open({ toward: server }), server)
  }

  /**
   * Every question of RFC 5780, the filtering ones first and from a socket of their own: an answer that comes unasked to
   * a Linux router without an input filter takes up its flow there, and the mapping towards that address then differs.
   */
  const question = async ({ host, stunBinding }: Kit, [first, second]: readonly [string, string]) => {
    const server = { address: first, port: 3478 }
    const filtering = await host.udp.open({ toward: server })
    const mapping = await host.udp.open({ toward: server })
    const ask = (socket: typeof mapping, to: typeof server, change: object = {}) =>
      stunBinding(host, socket, to, { rttMs: 5, ...change })
    return {
      local: mapping.local,
      changeBoth: await ask(filtering, server, { changeAddress: true, changePort: true }),
      changePort: await ask(filtering, server, { changePort: true }),
      plain: await ask(mapping, server),
      otherAddress: await ask(mapping, { ...server, address: second }),
      other: await ask(mapping, { address: second, port: 3479 }),
    }
  }

  test.each([
    ['open', 'none', 'ipv4', 'answered', 'same'],
    ['asker', 'masquerade', 'ipv4', 'no-reply', 'same'],
    ['asker', 'random', 'ipv4', 'no-reply', 'different'],
    ['asker', 'full cone', 'ipv4', 'answered', 'same'],
    ['open', 'none', 'ipv6', 'answered', 'same'],
    ['asker', 'stateful', 'ipv6', 'no-reply', 'same'],
  ] as const)('%s, router %s, over %s: unasked answers %s, mapped addresses the %s', async (...row) => {
    const [host, nat, family, unasked, mapped] = row
    net.rules('nat', NATS[nat])
    const [first, second] = ADDRESSES[family]
    const told = await net.run(host, question, [first, second] as const)
    const answer = (result: StunBindingResult) => (typeof result === 'string' ? { outcome: result } : result)
    expect(answer(told.plain)).toMatchObject({
      outcome: 'answered',
      from: { address: first, port: 3478 },
      other: { address: second, port: 3479 },
      origin: { address: first, port: 3478 },
    })
    expect(answer(told.changeBoth).outcome).toBe(unasked)
    expect(answer(told.changePort).outcome).toBe(unasked)
    if (unasked === 'answered') {
      expect(told.changeBoth).toMatchObject({ from: { address: second, port: 3479 } })
      expect(told.changePort).toMatchObject({ from: { address: first, port: 3479 } })
    }
    const seen = [told.plain, told.otherAddress, told.other].map((result) =>
      JSON.stringify(Reflect.get(answer(result), 'mapped')),
    )
    expect(new Set(seen).size).toBe(mapped === 'same' ? 1 : 3)
    if (host === 'open' || family === 'ipv6') expect(JSON.parse(seen[0]!)).toEqual(told.local)
  })

  test.each(['ipv4', 'ipv6'] as const)('contact over %s knows it for a STUN server in 600 ms', async (family) => {
    const [first, second] = ADDRESSES[family]
    const [fact, stun, ms] = await net.run(
      'open',
      async ({ host, contactVantage, openMemory }, { address, family }) => {
        const startMs = host.clock.monotonicMs()
        const spec = { name: 'coturn', address, port: 3478, family, origin: 'user' } as const
        const { fact, vantage } = await contactVantage(host, spec, await openMemory(null))
        return [fact, vantage?.stun, host.clock.monotonicMs() - startMs] as const
      },
      { address: first, family },
    )
    expect(fact).toMatchObject({ kind: 'stun', control: 'not-a-vantage', stun: 'answered' })
    expect(stun).toEqual({
      primary: { address: first, port: 3478 },
      other: { address: second, port: 3479 },
      alternatePort: 3479,
    })
    expect(ms).toBeLessThan(900)
  })
})
