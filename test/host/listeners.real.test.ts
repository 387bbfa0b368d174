import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOsHost } from '../../src/host/os/os-host.ts'
import { CompiledHost, missingForNamespaces, Row, type Running, sh } from './in-namespace.ts'

const missing = missingForNamespaces('ip', 'ss', 'nsenter', 'unshare', 'ping')

describe.skipIf(missing)(`listeners of other namespaces${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let host: CompiledHost
  let row: Row
  let holder: Running
  beforeAll(async () => {
    host = new CompiledHost()
    row = new Row()
    holder = host.start(
      row.in('b'),
      async (_host, _input, say) => {
        const net = process.getBuiltinModule('node:net')
        const dgram = process.getBuiltinModule('node:dgram')
        const listening = (options: { host: string; port: number; ipv6Only?: boolean }) =>
          new Promise((resolve) => net.createServer().listen(options, () => resolve(undefined)))
        const bound = (type: 'udp4' | 'udp6', address: string, port: number, ipv6Only = false) =>
          new Promise((resolve) => dgram.createSocket({ type, ipv6Only }).bind(port, address, () => resolve(undefined)))
        await listening({ host: '::', port: 7001, ipv6Only: true })
        await listening({ host: '::', port: 7002 })
        await bound('udp6', '::', 7003, true)
        await bound('udp6', '::', 7004)
        await listening({ host: '::ffff:10.91.2.2', port: 7005 })
        await listening({ host: '127.0.0.1', port: 7006 })
        await listening({ host: '::', port: 7007, ipv6Only: true })
        await listening({ host: '0.0.0.0', port: 7007 })
        await bound('udp4', '10.91.2.2', 7008)
        say('listening')
      },
      null,
    )
    await holder.heard()
  })
  afterAll(async () => {
    await holder?.stop()
    row?.remove()
    host?.remove()
  })

  const EXPECTED = [
    ['tcp', '::', 7001, ['ipv6']],
    ['tcp', '::', 7002, ['ipv4', 'ipv6']],
    ['udp', '::', 7003, ['ipv6']],
    ['udp', '::', 7004, ['ipv4', 'ipv6']],
    ['tcp', '10.91.2.2', 7005, ['ipv4']],
    ['tcp', '127.0.0.1', 7006, ['ipv4']],
    ['tcp', '0.0.0.0', 7007, ['ipv4']],
    ['tcp', '::', 7007, ['ipv6']],
    ['udp', '10.91.2.2', 7008, ['ipv4']],
  ]

  interface Listed {
    readonly transport: string
    readonly address: string
    readonly port: number
    readonly families: readonly string[]
  }
  const rows = (sockets: readonly Listed[]) =>
    sockets
      .filter(({ port }) => port >= 7001 && port <= 7008)
      .sort((a, b) => a.port - b.port || a.address.localeCompare(b.address))
      .map(({ transport, address, port, families }) => [transport, address, port, [...families]])

  test('are seen from the host, with their process and a name for the namespace', async () => {
    const { sockets, namespacesSeen } = await openOsHost().listeners.list()
    const theirs = sockets.filter(({ namespace }) => namespace === `node[${holder.child.pid}]`)
    expect(rows(theirs)).toEqual(rows(EXPECTED.map(asListed)))
    expect(new Set(theirs.map(({ pid, process }) => `${process} ${pid}`))).toEqual(
      new Set([`node ${holder.child.pid}`]),
    )
    expect(namespacesSeen).toBe('all')
  })

  test('are the own ones from inside', async () => {
    const { sockets } = await host.run(row.in('b'), async (host) => host.listeners.list(), null)
    expect(rows(sockets.filter(({ namespace }) => namespace === null))).toEqual(rows(EXPECTED.map(asListed)))
  })

  test('are those around a process, with its addresses', async () => {
    const around = await openOsHost().listeners.around(holder.child.pid!)
    expect(around?.namespace).toBe(`node[${holder.child.pid}]`)
    expect(around?.addresses).toEqual(expect.arrayContaining(['127.0.0.1', '10.91.2.2', '2001:db8:2::2']))
    expect(rows(around!.sockets)).toEqual(rows(EXPECTED.map(asListed)))
  })

  test('an any-socket is told to be dual-stack without ss, too', async () => {
    const withoutSs = ['unshare', '--mount', 'sh', '-ec', `mount --bind /dev/null $(command -v ss); exec "$@"`, 'sh']
    const prefix = [...row.in('b'), ...withoutSs]
    const { sockets } = await host.run(prefix, async (host) => host.listeners.list(), null)
    expect(rows(sockets.filter(({ namespace }) => namespace === null))).toEqual(rows(EXPECTED.map(asListed)))
  })

  test('without privileges the own namespace is seen, and that others were not', async () => {
    const prefix = ['setpriv', '--reuid', '65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all']
    const { sockets, namespacesSeen } = await host.run(
      [...row.in('b'), ...prefix],
      async (host) => host.listeners.list(),
      null,
    )
    expect(rows(sockets)).toEqual(rows(EXPECTED.map(asListed)))
    expect(sockets.find(({ port }) => port === 7002)).toMatchObject({ pid: null, process: null })
    expect(namespacesSeen).toBe('own')
  })

  test('a connection is listed from SYN received on, by its local port', async () => {
    sh(`ip netns exec ${row.b} nft 'add table inet f'`)
    sh(`ip netns exec ${row.b} nft 'add chain inet f c { type filter hook output priority 0; }'`)
    // Its SYN-ACK never gets out, so that it stays half open.
    sh(`ip netns exec ${row.b} nft 'add rule inet f c tcp sport 7002 drop'`)
    const flows = host.start(
      row.in('b'),
      async (host, _input, say) => {
        for (;;) {
          const found = await host.listeners.connections(7002)
          if (found.length > 0) return found
          say('none')
          await host.clock.sleep(20)
        }
      },
      null,
    )
    try {
      expect(await flows.heard()).toBe('none')
      await host.run(
        row.in('a'),
        async (host) => {
          const local = { address: '10.91.1.2', port: 9999 }
          await host.tcp.connect({ to: { address: '10.91.2.2', port: 7002 }, local, timeoutMs: 300 })
          return null
        },
        null,
      )
      let heard: unknown = 'none'
      while (heard === 'none') heard = await flows.heard()
      const remote = { address: '10.91.1.2', port: 9999 }
      expect(heard).toEqual([{ local: { address: '10.91.2.2', port: 7002 }, remote, state: 'syn-received' }])
    } finally {
      await flows.stop()
    }
  })

  function asListed([transport, address, port, families]: (typeof EXPECTED)[number]): Listed {
    return { transport, address, port, families } as Listed
  }
})
