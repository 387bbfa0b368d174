import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { missingForNamespaces, sh } from '../host/in-namespace.ts'
import { type ContainerOptions, DockerDaemon } from './docker-daemon.ts'

const BUILT = 'dist/cli/main.js'
const missing =
  missingForNamespaces('ip', 'iptables', 'dockerd', 'runc', 'busybox', 'setpriv') ??
  (existsSync(BUILT) ? undefined : 'needs npm run build')

const id = process.pid
const [outside, host, guest] = [`dk-o-${id}`, `dk-h-${id}`, `dk-g-${id}`]
const state = missing === undefined ? mkdtempSync(join(tmpdir(), 'peerway-dk-')) : ''
const children: ChildProcess[] = []
let docker: DockerDaemon

function build(): void {
  sh(`
    for n in ${outside} ${host} ${guest}; do ip netns add $n; ip -n $n link set lo up; done
    ip link add eth0 netns ${host} type veth peer name eth0 netns ${outside}
    ip link add guest0 netns ${host} type veth peer name eth0 netns ${guest}
    for n in ${outside} ${host}; do ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0; done
    ip -n ${outside} addr add 203.0.113.1/24 dev eth0; ip -n ${outside} addr add 203.0.113.2/24 dev eth0
    ip -n ${outside} addr add 2001:db8::1/64 dev eth0 nodad; ip -n ${host} addr add 2001:db8::10/64 dev eth0 nodad
    ip -n ${host} addr add 203.0.113.10/24 dev eth0; ip -n ${host} addr add 172.29.0.1/24 dev guest0
    ip -n ${guest} addr add 172.29.0.2/24 dev eth0
    for n in ${outside} ${host} ${guest}; do ip -n $n link set eth0 up; done
    ip -n ${host} link set guest0 up
    ip -n ${host} route add default via 203.0.113.1; ip -n ${guest} route add default via 172.29.0.1
    ip -n ${host} -6 route add default via 2001:db8::1
    for d in eth0 guest0; do
      timeout 10 sh -c "until ip -n ${host} -o link show $d | grep -q 'state UP'; do sleep 0.05; done"
    done
  `)
}

/** Starts a program in a namespace; resolves when it has written a line. */
async function start(namespace: string, ...args: readonly string[]): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(createInterface({ input: child.stdout }), 'line')
}

/** What a command of peerway prints in the host's namespace; what it keeps is in `folder`. */
function peerway(folder: string, args: readonly string[], prefix: readonly string[] = []): Promise<string> {
  const env = { ...process.env, PEERWAY_STATE_DIR: folder, DOCKER_HOST: `unix://${docker.socket}` }
  const command = ['netns', 'exec', host, ...prefix, process.execPath, BUILT, ...args]
  return new Promise((resolve, reject) => {
    execFile('ip', command, { env, maxBuffer: 1 << 24 }, (_, stdout, stderr) =>
      stdout === '' ? reject(new Error(stderr)) : resolve(stdout),
    )
  })
}

const asked = (ports: readonly string[]) => [
  ...ports.flatMap((port) => ['--port', port]),
  ...['--vantage', '203.0.113.1', '--vantage', '[2001:db8::1]', '--json'],
]

/** What `check` says in the host's namespace. */
async function check(ports: readonly string[], prefix: readonly string[] = []): Promise<Report> {
  return JSON.parse(await peerway(mkdtempSync(join(state, 'run-')), ['check', ...asked(ports)], prefix))
}

/** `udp/ipv4/4001 no port-not-published`: its answer, and the proven obstacles that name it. */
function summary({ endpoints, obstacles }: Report): readonly string[] {
  return endpoints.map(({ transport, family, port, reachable }) => {
    const name = `${transport}/${family}/${port}` as const
    const proven = obstacles.filter((one) => one.certainty === 'proven' && one.endpoints.includes(name))
    return [name, reachable, ...proven.map((one) => one.id)].join(' ')
  })
}

const tcp = (port: number, address?: string) => ({ transport: 'tcp' as const, port, ...(address && { address }) })
const udp = (port: number) => ({ transport: 'udp' as const, port })

const CONTAINERS: readonly ContainerOptions[] = [
  { name: 'served', listen: [tcp(4001), udp(4001)], publish: { '4001/tcp': '4001', '4001/udp': '4001' } },
  { name: 'hidden', listen: [tcp(4002), udp(4002)] },
  { name: 'moved', listen: [tcp(4003)], publish: { '4003/tcp': '14003' } },
  { name: 'local', listen: [tcp(4004)], publish: { '4004/tcp': '127.0.0.1:4004' } },
  { name: 'empty', listen: [tcp(9999)], publish: { '4005/tcp': '4005', '4005/udp': '4005' } },
  { name: 'half', listen: [tcp(4006), udp(4006)], publish: { '4006/tcp': '4006' } },
  { name: 'asleep', listen: [tcp(8009, '127.0.0.1')], publish: { '8009/tcp': '4009' } },
  { name: 'shared', listen: [tcp(4007)], network: 'host' },
]
const PORTS = ['4001', '4002', 'tcp/4003', 'tcp/4004', '4005', '4006', 'tcp/4009', 'tcp/4007']

const OVER_IPV4 = [
  'udp/ipv4/4001 yes',
  'tcp/ipv4/4001 yes',
  'udp/ipv4/4002 no port-not-published',
  'tcp/ipv4/4002 no port-not-published',
  'tcp/ipv4/4003 no port-not-published',
  'tcp/ipv4/4004 no port-not-published',
  'udp/ipv4/4005 no not-listening',
  'tcp/ipv4/4005 no not-listening',
  'udp/ipv4/4006 no port-not-published',
  'tcp/ipv4/4006 yes',
  'tcp/ipv4/4009 no listening-on-loopback',
  'tcp/ipv4/4007 yes',
]
// Docker's proxy takes IPv6 to containers that have IPv4 alone; without it nothing does.
const OVER_IPV6 = ['udp/ipv6/4001', 'tcp/ipv6/4001', 'udp/ipv6/4005', 'tcp/ipv6/4005', 'tcp/ipv6/4006']

describe.skipIf(missing)(`containers of a real dockerd${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    build()
    docker = new DockerDaemon(host)
    const addresses = ['--address', '203.0.113.1', '--alternate-address', '203.0.113.2', '--address', '2001:db8::1']
    await start(outside, BUILT, 'vantage', ...addresses)
  })

  afterAll(async () => {
    await docker.close()
    for (const child of children) child.kill('SIGKILL')
    for (const namespace of [outside, host, guest]) spawnSync('ip', ['netns', 'del', namespace])
    rmSync(state, { recursive: true })
  })

  const inHost = (command: string) => sh(`nsenter --net=/run/netns/${host} ${command}`)
  const textOf = ({ obstacles }: Report, container: string) =>
    obstacles.find(({ text }) => text.includes(container))?.text

  describe.each([false, true])('with userland-proxy=%s', (proxy) => {
    let report: Report
    beforeAll(async () => {
      await docker.start(`--userland-proxy=${proxy}`)
      for (const options of CONTAINERS) await docker.run(options)
      report = await check(PORTS)
    })

    test('what strangers get in to, and why not to the rest', () => {
      expect(summary(report).filter((line) => line.includes('ipv4'))).toEqual(OVER_IPV4)
      expect(summary(report).filter((line) => OVER_IPV6.includes(line.split(' ')[0]!))).toEqual(
        proxy
          ? [
              'udp/ipv6/4001 yes',
              'tcp/ipv6/4001 yes',
              'udp/ipv6/4005 no not-listening',
              'tcp/ipv6/4005 no not-listening',
              'tcp/ipv6/4006 yes',
            ]
          : [
              'udp/ipv6/4001 no port-not-published',
              'tcp/ipv6/4001 no port-not-published',
              'udp/ipv6/4005 no not-listening',
              'tcp/ipv6/4005 no not-listening',
              'tcp/ipv6/4006 no port-not-published',
            ],
      )
    })

    test.each([
      ['hidden', 'the port is not published on this host'],
      ['moved', 'under another number, 14003'],
      ['local', 'at 127.0.0.1 alone'],
      ['half', 'listens on UDP 4006'],
      ['asleep', 'only at 127.0.0.1'],
    ])('the container %s is named, and how it is published', (container, words) => {
      expect(textOf(report, container)).toContain(words)
    })

    test('no secret of a container is in the report', () => {
      expect(JSON.stringify(report)).not.toMatch(/SECRET|hunter2/)
    })

    test('the command that publishes a port', () => {
      const steps = report.remedies.find(({ id: name }) => name === 'publish-port')?.steps.join('\n')
      expect(steps).toContain(
        '`docker stop hidden && docker rename hidden hidden-before && docker run -d --name hidden --volumes-from hidden-before -p 4002:4002/udp -p 4002:4002/tcp peerway-test:1`',
      )
    })
  })

  test('a rule in DOCKER-USER, and the policy of FORWARD: the one that decides is named', async () => {
    inHost('iptables -I DOCKER-USER -p tcp --dport 4001 -j DROP')
    // A guest that Docker knows nothing of, behind a translation of the host's own.
    inHost('iptables -t nat -I PREROUTING -p tcp --dport 4010 -j DNAT --to-destination 172.29.0.2')
    await start(guest, 'test/probe/real/node.mjs', JSON.stringify([tcp(4010)]))
    const stopped = await check(['4001', 'tcp/4010'])
    expect(summary(stopped).filter((line) => line.includes('ipv4'))).toEqual([
      'udp/ipv4/4001 yes',
      'tcp/ipv4/4001 no host-firewall-drops-forwarded',
      'tcp/ipv4/4010 no host-firewall-drops-forwarded',
    ])
    const [text] = stopped.obstacles.map((one) => one.text)
    expect(text).toMatch(/tcp dport 4001 .*drop|-p tcp .*--dport 4001 -j DROP/)
    expect(text).toContain('policy drop')

    inHost('iptables -I DOCKER-USER -p tcp --dport 4010 -j ACCEPT')
    inHost('iptables -I DOCKER-USER -p tcp --sport 4010 -j ACCEPT')
    inHost('iptables -D DOCKER-USER -p tcp --dport 4001 -j DROP')
    const opened = await check(['tcp/4001', 'tcp/4010'])
    expect(summary(opened).filter((line) => line.includes('ipv4'))).toEqual(['tcp/ipv4/4001 yes', 'tcp/ipv4/4010 yes'])
    inHost('iptables -D DOCKER-USER -p tcp --dport 4010 -j ACCEPT')
    inHost('iptables -D DOCKER-USER -p tcp --sport 4010 -j ACCEPT')
    inHost('iptables -t nat -D PREROUTING -p tcp --dport 4010 -j DNAT --to-destination 172.29.0.2')
  })

  test('fix opens what DOCKER-USER and the policy of FORWARD stop, in DOCKER-USER, and undo shuts it again', async () => {
    inHost('iptables -I DOCKER-USER -p tcp --dport 4001 -j DROP')
    inHost('iptables -t nat -I PREROUTING -p tcp --dport 4010 -j DNAT --to-destination 172.29.0.2')
    const rules = () => inHost('nft --stateless list ruleset')
    const isOpen = (port: number) =>
      spawnSync('ip', ['netns', 'exec', outside, 'nc', '-z', '-w', '2', '203.0.113.10', `${port}`]).status === 0
    const [before, folder] = [rules(), mkdtempSync(join(state, 'run-'))]
    expect([isOpen(4001), isOpen(4010)]).toEqual([false, false])

    const fixed = JSON.parse(await peerway(folder, ['fix', '--yes', ...asked(['tcp/4001', 'tcp/4010'])]))
    expect(summary(fixed).filter((line) => line.includes('ipv4'))).toEqual(['tcp/ipv4/4001 yes', 'tcp/ipv4/4010 yes'])
    const kept = fixed.changes.filter((change: { state: string }) => change.state === 'kept')
    for (const { text } of kept) expect(text).toContain('DOCKER-USER')
    expect([isOpen(4001), isOpen(4010)]).toEqual([true, true])

    await peerway(folder, ['undo', '--all'])
    expect(rules()).toBe(before)
    expect([isOpen(4001), isOpen(4010)]).toEqual([false, false])
    inHost('iptables -D DOCKER-USER -p tcp --dport 4001 -j DROP')
    inHost('iptables -t nat -D PREROUTING -p tcp --dport 4010 -j DNAT --to-destination 172.29.0.2')
  })

  describe('without root', () => {
    const user = (...groups: readonly string[]) => {
      const id = ['setpriv', '--reuid=65534', '--regid=65534', '--inh-caps=-all', ...groups]
      return [...id, 'env', 'HOME=/nonexistent', 'PEERWAY_STATE_DIR=/nonexistent']
    }

    test('and outside of the group: no more is claimed than can be seen, and one sentence says what it would need', async () => {
      const report = await check(['tcp/4001', 'tcp/4005'], user('--clear-groups'))
      const fact = report.evidence.find(({ probe }) => probe === 'containers')
      expect(fact?.value).toMatchObject({ engines: [{ access: 'not-permitted' }], containers: [] })
      expect(fact?.text).toContain('this user may not')
      // Docker's proxy shows itself to everybody, so that its handshake over IPv6 is not taken for the node's.
      expect(summary(report)).toEqual([
        'tcp/ipv4/4001 yes',
        'tcp/ipv4/4005 no',
        'tcp/ipv6/4001 yes',
        'tcp/ipv6/4005 unknown',
      ])
    })

    test('a member of the group learns the names, and no more is proven than can be seen', async () => {
      const group = statSync(docker.socket).gid
      const report = await check(['4001', 'tcp/4002', 'tcp/4005'], user(`--groups=${group}`))
      expect(summary(report).filter((line) => line.includes('ipv4'))).toEqual([
        'udp/ipv4/4001 yes',
        'tcp/ipv4/4001 yes',
        'tcp/ipv4/4002 no',
        'tcp/ipv4/4005 no',
      ])
      expect(textOf(report, 'container hidden')).toContain('is not published')
      expect(report.obstacles.map((one) => one.certainty)).not.toContain('proven')
    })
  })

  test('a container with an address of its own in the network: no claim, and a note', async () => {
    const range = { Subnet: '203.0.113.0/24', Gateway: '203.0.113.1', IPRange: '203.0.113.64/28' }
    const network = { Name: 'lan', Driver: 'macvlan', IPAM: { Config: [range] }, Options: { parent: 'eth0' } }
    await docker.post('/networks/create', network)
    await docker.run({ name: 'apart', listen: [tcp(4008)], network: 'lan' })
    const report = await check(['tcp/4008'])
    expect(summary(report)).toContain('tcp/ipv4/4008 unknown')
    expect(report.obstacles.filter((one) => one.endpoints.includes('tcp/ipv4/4008'))).toEqual([])
  })

  test('without iptables the proxy serves, and its handshake alone proves nothing', async () => {
    await docker.start('--iptables=false')
    await docker.run(CONTAINERS[0]!)
    await docker.run({ ...CONTAINERS[4]! })
    expect(summary(await check(['4001', '4005'])).filter((line) => line.includes('ipv4'))).toEqual([
      'udp/ipv4/4001 yes',
      'tcp/ipv4/4001 yes',
      'udp/ipv4/4005 no not-listening',
      'tcp/ipv4/4005 no not-listening',
    ])
  })

  test('without iptables and without the proxy a port is published in name only', async () => {
    await docker.start('--iptables=false', '--userland-proxy=false')
    inHost('iptables -F')
    inHost('iptables -t nat -F')
    await docker.run(CONTAINERS[0]!)
    const report = await check(['tcp/4001'])
    expect(summary(report)).toContain('tcp/ipv4/4001 no port-not-published')
    expect(textOf(report, 'served')).toContain('in name only')
  })

  test.runIf(process.env.PEERWAY_LONG)('over IPv6 with rules of Docker’s own', async () => {
    const network = ['--ipv6', '--fixed-cidr-v6=2001:db8:77::/64', '--experimental', '--ip6tables']
    await docker.start('--userland-proxy=false', ...network)
    await docker.run({ name: 'six', listen: [tcp(4001, '::')], publish: { '4001/tcp': '4001' } })
    await docker.run({ name: 'none', listen: [tcp(9999, '::')], publish: { '4005/tcp': '4005' } })
    const report = await check(['tcp/4001', 'tcp/4005'])
    expect(summary(report).filter((line) => line.includes('ipv6'))).toEqual([
      'tcp/ipv6/4001 yes',
      'tcp/ipv6/4005 no not-listening',
    ])
    expect(report.evidence).toContainEqual(
      expect.objectContaining({
        probe: 'host-rules',
        value: expect.objectContaining({ family: 'ipv6', port: 4001, path: 'forward' }),
      }),
    )
  })
})
