import { describe, expect, test } from 'vitest'
import { discoverNatPmp } from '../../src/gateway/discover-nat-pmp.ts'
import { discoverPcp } from '../../src/gateway/discover-pcp.ts'
import type { PortMappingProtocol } from '../../src/topology/topology.ts'
import { encodeNatPmpResponse } from '../../src/wire/nat-pmp/message.ts'
import { refusePcp } from '../../src/wire/pcp/refuse.ts'
import { GATEWAY, GATEWAY6, Home, NODE, NODE6, OddHome, OUTSIDE } from './home.ts'

const target = { gateway: GATEWAY, local: NODE }

async function discovered(home: Home): Promise<readonly [pcp: unknown, natPmp: unknown]> {
  const both = Promise.all([discoverPcp(home.node, target), discoverNatPmp(home.node, target)])
  const [pcp, natPmp] = await home.run(both)
  return [pcp.outcome, natPmp.outcome]
}

describe('what a router speaks', () => {
  test.each<[readonly PortMappingProtocol[], string, string]>([
    [['pcp', 'nat-pmp'], 'speaks', 'speaks'],
    [['pcp'], 'speaks', 'garbage'],
    [['nat-pmp'], 'other-version', 'speaks'],
    [[], 'closed', 'closed'],
  ])('%j', async (protocols, pcp, natPmp) => {
    const home = new Home(protocols)
    expect(await discovered(home)).toEqual([pcp, natPmp])
    expect(home.openings).toEqual([])
  })

  test('its epoch, and its address where the protocol tells it', async () => {
    const home = new Home(['pcp', 'nat-pmp'])
    await home.pass(5000)
    const told = { outcome: 'speaks', epochSeconds: 5, model: null }
    expect(await home.run(discoverPcp(home.node, target))).toMatchObject({ ...told, externalAddress: null })
    expect(await home.run(discoverNatPmp(home.node, target))).toMatchObject({ ...told, externalAddress: OUTSIDE })
  })

  test('PCP over IPv6', async () => {
    const home = new Home(['pcp'])
    expect(await home.run(discoverPcp(home.node, { gateway: GATEWAY6, local: NODE6 }))).toMatchObject({
      outcome: 'speaks',
    })
  })

  test('a router without a public address speaks all the same', async () => {
    expect(await discovered(new Home(['pcp', 'nat-pmp'], 'private'))).toEqual(['speaks', 'speaks'])
  })

  test('one that is switched off refuses', async () => {
    const home = new OddHome((datagram) => [
      {
        datagram:
          datagram[0] === 2
            ? refusePcp(datagram, { resultCode: 2, lifetimeSeconds: 1800, epochSeconds: 1 })
            : encodeNatPmpResponse({
                operation: 'external-address',
                resultCode: 2,
                epochSeconds: 1,
                internalPort: null,
              }),
      },
    ])
    expect(await home.run(discoverPcp(home.node, target))).toEqual({
      outcome: 'refuses',
      detail: 'PCP NOT_AUTHORIZED (2)',
    })
    expect(await home.run(discoverNatPmp(home.node, target))).toEqual({
      outcome: 'refuses',
      detail: 'NAT-PMP NOT_AUTHORIZED (2)',
    })
  })
})

describe('a silent gateway', () => {
  test('costs a second', async () => {
    const home = new OddHome(() => [])
    expect(await discovered(home)).toEqual(['silent', 'silent'])
    expect(Math.round(home.world.nowMs)).toBe(1000)
  })

  test('costs less where the wait is called off', async () => {
    const home = new OddHome(() => [])
    const stop = new AbortController()
    home.world.timer(300, () => stop.abort())
    const asked = discoverPcp(home.node, { ...target, signal: stop.signal })
    expect(await home.run(asked)).toEqual({ outcome: 'silent' })
    expect(home.world.nowMs).toBeLessThan(360)
  })

  test('an answer that is late is taken all the same', async () => {
    const home = new OddHome((datagram, index) =>
      index > 0
        ? []
        : [{ datagram: refusePcp(datagram, { resultCode: 0, lifetimeSeconds: 0, epochSeconds: 9 }), afterMs: 800 }],
    )
    expect(await home.run(discoverPcp(home.node, target))).toMatchObject({ outcome: 'speaks', epochSeconds: 9 })
  })
})
