import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { missingForNamespaces, sh } from '../host/in-namespace.ts'
import { DockerDaemon } from '../probe/docker-daemon.ts'

const BUILT = 'dist/cli/main.js'
const missing =
  missingForNamespaces('ip', 'iptables', 'dockerd', 'runc', 'busybox') ??
  (existsSync(BUILT) ? undefined : 'needs npm run build')

const id = process.pid
const [outside, host, client] = [`fc-o-${id}`, `fc-h-${id}`, `fc-c-${id}`]
const NODE_SCRIPT = new URL('./real/myst.mjs', import.meta.url).pathname

/** A host beside Docker, with a stand-in for a Mysterium node and a client of it, whose tunnel is a cable here. */
describe.skipIf(missing)(`VPN clients beside a real dockerd${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const state = mkdtempSync(join(tmpdir(), 'peerway-fc-'))
  const children: ChildProcess[] = []
  let docker: DockerDaemon

  const inside = (namespace: string, command: string) => sh(`nsenter --net=/run/netns/${namespace} ${command}`)
  const start = async (namespace: string, ...args: readonly string[]) => {
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(createInterface({ input: child.stdout }), 'line')
  }
  const check = (): Report => {
    const env = `PEERWAY_STATE_DIR=${state} DOCKER_HOST=unix://${docker.socket}`
    const command = `${process.execPath} ${BUILT} check --vantage 203.0.113.1 --json || true`
    return JSON.parse(sh(`ip netns exec ${host} env ${env} ${command}`))
  }
  const claims = ({ obstacles }: Report) =>
    obstacles
      .filter((one) => one.id === 'host-firewall-drops-forwarded')
      .map(({ certainty, text }) => [certainty, text])
  const reachesOut = () =>
    spawnSync('ip', ['netns', 'exec', client, 'nc', '-z', '-w', '1', '203.0.113.1', '3478']).status === 0

  beforeAll(async () => {
    sh(`
      for n in ${outside} ${host} ${client}; do ip netns add $n; ip -n $n link set lo up; done
      ip link add eth0 netns ${host} type veth peer name eth0 netns ${outside}
      ip link add myst0 netns ${host} type veth peer name eth0 netns ${client}
      ip -n ${outside} addr add 203.0.113.1/24 dev eth0; ip -n ${outside} addr add 203.0.113.2/24 dev eth0
      ip -n ${host} addr add 203.0.113.10/24 dev eth0; ip -n ${host} addr add 10.182.0.1/24 dev myst0
      ip -n ${client} addr add 10.182.0.2/24 dev eth0
      for n in ${outside} ${host} ${client}; do ip -n $n link set eth0 up; done
      ip -n ${host} link set myst0 up
      ip -n ${host} route add default via 203.0.113.1; ip -n ${client} route add default via 10.182.0.1
    `)
    // What the node does for every client, but for its rules in FORWARD.
    inside(host, 'iptables -t nat -A POSTROUTING -s 10.182.0.0/24 ! -d 10.182.0.0/24 -j SNAT --to 203.0.113.10')
    docker = new DockerDaemon(host)
    await start(outside, BUILT, 'vantage', '--address', '203.0.113.1', '--alternate-address', '203.0.113.2')
    await start(host, NODE_SCRIPT)
  })

  afterAll(async () => {
    await docker.close()
    for (const child of children) child.kill('SIGKILL')
    for (const namespace of [outside, host, client]) spawnSync('ip', ['netns', 'del', namespace])
    rmSync(state, { recursive: true })
  })

  test('the policy that Docker set stops them; what the remedy says lets them out', async () => {
    await docker.start()
    expect(inside(host, 'iptables -S FORWARD')).toContain('-P FORWARD DROP')
    expect(reachesOut()).toBe(false)
    const report = check()
    expect(report.node?.kind).toBe('mysterium')
    expect(claims(report)).toEqual([
      [
        'proven',
        "This host's own firewall drops what it should pass on for the clients of the node (myst0), so that they get no Internet through it. The rule: policy drop (chain FORWARD, table ip filter).",
      ],
    ])
    const remedy = report.remedies.find((one) => one.id === 'allow-forwarding-in-host-firewall')!
    expect(remedy.automatic).toBe(false)
    const commands = remedy.steps.flatMap((step) => [...step.matchAll(/`(iptables [^`]+)`/g)].map((match) => match[1]!))
    expect(commands).toHaveLength(2)
    for (const command of commands) inside(host, command)
    expect(reachesOut()).toBe(true)
    expect(claims(check())).toEqual([])
    for (const command of commands) inside(host, command.replace('-I', '-D'))
  })

  test("today's node lets them out by its own rules", () => {
    for (const end of ['-s', '-d']) inside(host, `iptables -A FORWARD ${end} 10.182.0.0/24 -j ACCEPT`)
    expect(reachesOut()).toBe(true)
    expect(claims(check())).toEqual([])
  })

  test('with iptables=false Docker stops nobody', async () => {
    inside(host, 'iptables -P FORWARD ACCEPT')
    inside(host, 'iptables -F FORWARD')
    await docker.start('--iptables=false')
    expect(inside(host, 'iptables -S FORWARD')).toContain('-P FORWARD ACCEPT')
    expect(reachesOut()).toBe(true)
    expect(claims(check())).toEqual([])
  })
})
