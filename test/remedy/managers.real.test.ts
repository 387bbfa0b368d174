import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FirewalledHost, GUEST, HOST6, missingForChanges, repairAndUndo, TCP4 } from './real/firewalled-host.ts'

const missing = missingForChanges('iptables', 'ufw', 'firewalld', 'firewall-cmd', 'dbus-daemon')
const skipped = missing ? ` (skipped: ${missing})` : ''

describe.skipIf(missing)(`ufw${skipped}`, () => {
  let host: FirewalledHost
  beforeAll(async () => {
    host = await FirewalledHost.open('ufw')
    // When it starts anew, it makes a chain or two that it does not make when it is enabled.
    host.sh('ufw --force enable; ufw allow 22/tcp; ufw deny 4001/udp; ufw allow 2222/tcp comment mine; ufw reload')
  })
  afterAll(async () => host?.close())

  test('lets strangers in where it denies by default, and keeps the rule when it starts anew', async () => {
    const { made, lasting } = await repairAndUndo(host, {
      meanwhile: () => {
        const rules = host.sh('ufw show added')
        host.sh('ufw reload')
        expect(host.sh('ufw show added')).toBe(rules)
        expect(rules).toContain("comment 'peerway:real0000'")
        expect(host.getsIn()).toBe(true)
        // It was opened for one family alone.
        expect(host.getsIn(HOST6, 'tcp', 0.5)).toBe(false)
      },
    })
    expect(made.map(({ kind }) => kind)).toEqual(['ufw-rule'])
    expect(lasting).toEqual(['by-itself'])
  })

  test.each([
    ['IPv4', { ...TCP4, transport: 'udp' as const }, undefined],
    ['IPv6', { ...TCP4, transport: 'udp' as const, family: 'ipv6' as const }, HOST6],
  ])('puts it before a rule of its own that denies the port by %s', async (_, key, address) => {
    const { made } = await repairAndUndo(host, {
      requests: [{ key }],
      getsIn: (within) => host.getsIn(address, 'udp', within),
    })
    expect(made).toMatchObject([{ kind: 'ufw-rule', before: expect.stringContaining('--dport 4001') }])
  })

  test('passes strangers on to a guest', async () => {
    const rule = `PREROUTING -i eth0 -p tcp --dport 4001 -j DNAT --to-destination ${GUEST}`
    host.sh(`iptables -t nat -A ${rule}; sysctl -qw net.ipv4.ip_forward=1`)
    const { made } = await repairAndUndo(host)
    expect(made).toMatchObject([
      { kind: 'ufw-rule', rule: ['route', 'allow', 'proto', 'tcp', 'to', GUEST, 'port', '4001'] },
    ])
    host.sh(`iptables -t nat -D ${rule}`)
  })

  test('leaves the rule where somebody changed it, and knows it gone where somebody deleted it', async () => {
    const { changes } = await host.plan({ key: TCP4 })
    await host.apply(changes)
    host.sh("ufw limit in proto tcp to 0.0.0.0/0 port 4001 comment 'peerway:real0000'")
    const rules = host.sh('ufw show added')
    expect(await host.state(changes)).toEqual(['altered'])
    expect(await host.undo(changes)).toMatchObject([{ outcome: 'left' }])
    expect(host.sh('ufw show added')).toBe(rules)
    host.sh('ufw delete limit in proto tcp to 0.0.0.0/0 port 4001')
    expect(await host.undo(changes)).toEqual([{ outcome: 'was-gone' }])
  })

  test('changes no rule of another for the same packets', async () => {
    const { changes } = await host.plan({ key: TCP4 })
    host.sh('ufw deny in proto tcp to 0.0.0.0/0 port 4001')
    const before = host.snapshot()
    await expect(host.apply(changes)).rejects.toMatchObject({ code: 'busy' })
    expect(host.snapshot()).toBe(before)
    host.sh('ufw delete deny in proto tcp to 0.0.0.0/0 port 4001')
  })

  test('finishes it after a kill at any call', async () => {
    const before = host.snapshot()
    const { changes } = await host.plan({ key: TCP4 })
    let k = 1
    for (; await host.killed('apply', changes, k, false); k++) {
      await host.undo(changes)
      expect(host.snapshot(), `killed at call ${k}`).toBe(before)
    }
    expect(k).toBeGreaterThan(3)
    await host.undo(changes)
    expect(host.snapshot()).toBe(before)
  })
})

describe.skipIf(missing)(`firewalld${skipped}`, () => {
  let host: FirewalledHost
  beforeAll(async () => {
    host = await FirewalledHost.open('fwd')
    const bus = '--system --nofork --nopidfile --print-address=1'
    await host.start('dbus-daemon', ...bus.split(' '))
    await host.start(
      'sh',
      '-c',
      'firewalld --nofork --nopid & until firewall-cmd --state 2>&1 | grep -x running; do sleep 0.1; done; wait',
    )
    // It says that it runs before all of its rules are there; having loaded them anew, it has them.
    host.sh('firewall-cmd --reload')
  })
  afterAll(async () => host?.close())

  test('opens the port in the zone of the interface, now and after it starts anew', async () => {
    const { made, lasting } = await repairAndUndo(host, {
      meanwhile: () => {
        host.sh('firewall-cmd --reload')
        expect(host.getsIn()).toBe(true)
      },
    })
    expect(made).toMatchObject([
      { kind: 'firewalld-port', zone: 'public', port: '4001/tcp', configuration: 'runtime' },
      { kind: 'firewalld-port', zone: 'public', port: '4001/tcp', configuration: 'permanent', ownFile: false },
    ])
    expect(lasting).toEqual(['with'])
  })

  test('leaves a port in the permanent configuration that stood there before us', async () => {
    host.sh('firewall-cmd --permanent --zone=public --add-port=4001/tcp')
    const { made, lasting } = await repairAndUndo(host)
    expect(made).toHaveLength(1)
    expect(lasting).toEqual(['by-itself'])
    expect(host.sh('firewall-cmd --permanent --zone=public --list-ports')).toBe('4001/tcp\n')
    host.sh('firewall-cmd --permanent --zone=public --remove-port=4001/tcp')
  })

  test('finishes it after a kill at any call', async () => {
    const before = host.snapshot()
    const { changes } = await host.plan({ key: TCP4 })
    const [change] = changes
    if (change?.kind !== 'firewalld-port') throw new Error(`planned: ${JSON.stringify(changes)}`)
    const all = [change, { ...change, id: 'perm0000', configuration: 'permanent', ownFile: true } as const]
    let k = 1
    for (; await host.killed('apply', all, k, false); k++) {
      await host.undo(all)
      expect(host.snapshot(), `killed at call ${k}`).toBe(before)
    }
    expect(k).toBe(5)
    await host.undo(all)
    expect(host.snapshot()).toBe(before)
  })
})
