import { describe, expect, test } from 'vitest'
import { changeAddress, rebootRouter, setPlugged } from '../../src/sim/world-events.ts'
import { HOUR, type Home, home, MINUTE, type RunningWatch } from './home.ts'

const kinds = ({ events }: RunningWatch) => events.map(({ kind }) => kind)

/** How long until `isSo`, in the world's time; at most `mostMs`. */
async function until({ world }: Home, mostMs: number, isSo: () => boolean): Promise<number> {
  const startMs = world.nowMs
  while (!isSo() && world.nowMs - startMs < mostMs) await world.pass(500)
  return world.nowMs - startMs
}

/** One that has opened the way. */
async function watching(protocols?: string) {
  const h = await home(protocols)
  const watch = h.start()
  await h.world.pass(MINUTE)
  expect(h.openings()).toHaveLength(2)
  return { h, watch }
}

describe.each(['pcp', 'nat-pmp', 'upnp'])('a home whose router speaks %s', (protocol) => {
  test('is opened, healed within 75 s of a restart of the router, and shut at the end', {
    timeout: 60_000,
  }, async () => {
    const { h, watch } = await watching(protocol)
    rebootRouter(h, 'box')
    expect(h.openings()).toHaveLength(0)
    expect(await until(h, 2 * MINUTE, () => kinds(watch).includes('router-forgot'))).toBeLessThan(60_000)
    expect(await until(h, 2 * MINUTE, () => h.openings().length === 2)).toBeLessThan(15_000)
    await h.world.pass(3 * HOUR)
    expect(h.openings()).toHaveLength(2)
    expect(watch.daemon.view.counters.get('renewalFailures')).toBe(0)
    await watch.stop()
    expect({ openings: h.openings(), journal: await h.journal() }).toEqual({ openings: [], journal: [] })
    expect(kinds(watch).at(-1)).toBe('stopped')
  })
})

test('a changed address outside is noticed within 60 s', async () => {
  const { h, watch } = await watching('pcp')
  changeAddress(h, 'box', 'access', '45.67.89.77')
  const isNoticed = () => kinds(watch).some((kind) => kind === 'outside-address-changed' || kind === 'router-forgot')
  expect(await until(h, 2 * MINUTE, isNoticed)).toBeLessThan(60_000)
  await h.world.pass(2 * MINUTE)
  expect(h.openings()).toHaveLength(2)
  expect(watch.daemon.view.measured?.report.endpoints[0]?.external).toBe('45.67.89.77:4001')
  await watch.stop()
})

test.each(['pcp', 'upnp'])(
  'a host that gets another address asks for it by %s, and is healed there too',
  {
    timeout: 20_000,
  },
  async (protocol) => {
    const { h, watch } = await watching(protocol)
    changeAddress(h, 'node', 'home', '192.168.1.44')
    await h.world.pass(2 * MINUTE)
    expect(kinds(watch)).toContain('address-changed')
    expect(watch.daemon.view.measured?.report.verdict).toBe('reachable')
    expect((await h.journal()).map(({ change }) => JSON.stringify(change)).join()).toContain('192.168.1.44')
    rebootRouter(h, 'box')
    const own = h.world.addresses.id('192.168.1.44')
    const isOpen = () => h.openings().filter(({ internal }) => internal.address === own).length === 2
    expect(await until(h, 2 * MINUTE, isOpen)).toBeLessThan(75_000)
    await watch.stop()
    expect(await h.journal()).toEqual([])
  },
)

test('one that is killed leaves what the next one takes up', async () => {
  const { h, watch } = await watching('pcp')
  watch.kill()
  await h.world.pass(10 * MINUTE)
  const next = h.start()
  rebootRouter(h, 'box')
  await h.world.pass(2 * MINUTE)
  expect(h.openings()).toHaveLength(2)
  await next.stop()
  expect({ openings: h.openings(), journal: await h.journal() }).toEqual({ openings: [], journal: [] })
})

test('what a person takes back is not opened again', { timeout: 30_000 }, async () => {
  const { h, watch } = await watching('pcp')
  await h.world.run(watch.daemon.undo('all'))
  // What a person has done wants no second look.
  await h.world.pass(20_000)
  expect(kinds(watch).filter((kind) => kind === 'lost')).toHaveLength(2)
  await h.world.pass(HOUR)
  expect(h.openings()).toHaveLength(0)
  await watch.stop()
})

test('a vantage that is silent changes nothing of what is told, and is asked less and less', {
  timeout: 60_000,
}, async () => {
  const { h, watch } = await watching('pcp')
  const before = watch.daemon.view.counters.get('checks')
  setPlugged(h, 'vantage', 'internet', false)
  await h.world.pass(6 * HOUR)
  expect(kinds(watch)).toContain('vantage-silent')
  expect([...watch.daemon.view.stated.values()].map(({ answer }) => answer)).toEqual(['yes', 'yes'])
  expect(watch.daemon.view.counters.get('checks') - before).toBeLessThan(12)
  setPlugged(h, 'vantage', 'internet', true)
  await h.world.pass(2 * HOUR)
  expect(kinds(watch)).toContain('vantage-back')
  await watch.stop()
})

describe('behind a router that tells nothing, and gives every flow a port of its own choice', () => {
  const home90 = () =>
    home('', (yaml) =>
      yaml.replace(
        'nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }',
        'nat: { mapping: endpoint-independent, filtering: address-and-port-dependent, ports: random, udpTimeoutSeconds: 90 }',
      ),
    )

  test('its restart is noticed by a flow that is kept alive, once it is measured for how long one lives', {
    timeout: 60_000,
  }, async () => {
    const h = await home90()
    const watch = h.start({ isDeep: true })
    // First what is quick, then what takes minutes.
    await h.world.pass(30_000)
    expect(watch.daemon.view.measured?.report.nat.udpLifetimeSeconds).toBeNull()
    expect(watch.daemon.view.doing).toBe('check')
    await until(h, 15 * MINUTE, () => kinds(watch).includes('flow-lifetime'))
    expect(watch.events.find(({ kind }) => kind === 'flow-lifetime')?.params).toEqual({ seconds: 88, every: 61 })
    await h.world.pass(HOUR)
    expect(kinds(watch)).not.toContain('flow-forgotten')
    rebootRouter(h, 'box')
    expect(await until(h, 2 * MINUTE, () => kinds(watch).includes('flow-forgotten'))).toBeLessThan(60_000)
    await h.world.pass(HOUR)
    expect(kinds(watch).filter((kind) => kind === 'flow-forgotten' || kind === 'flow-lifetime')).toHaveLength(2)
    await watch.stop()
  })

  test('it says nothing of flows that nobody measured, and notices another address', async () => {
    const h = await home90()
    const watch = h.start()
    await h.world.pass(10 * MINUTE)
    rebootRouter(h, 'box')
    await h.world.pass(10 * MINUTE)
    expect(kinds(watch).filter((kind) => kind.startsWith('flow-'))).toEqual([])
    changeAddress(h, 'box', 'access', '45.67.89.77')
    const isNoticed = () => kinds(watch).includes('outside-address-changed')
    expect(await until(h, 2 * MINUTE, isNoticed)).toBeLessThan(60_000)
    await watch.stop()
  })
})
