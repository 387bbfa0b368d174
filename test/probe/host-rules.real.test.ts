import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingForNamespaces, sh } from '../host/in-namespace.ts'

const BUILT = 'dist/cli/main.js'
const missing =
  missingForNamespaces('ip', 'nft', 'iptables-legacy') ?? (existsSync(BUILT) ? undefined : 'needs npm run build')

const id = process.pid
const [outside, host, guest] = [`hr-o-${id}`, `hr-h-${id}`, `hr-g-${id}`]
const children: ChildProcess[] = []
const state = missing === undefined ? mkdtempSync(join(tmpdir(), 'peerway-hr-')) : ''

/** Starts a program in a namespace; resolves when it has written a line. */
async function start(namespace: string, ...args: readonly string[]): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(createInterface({ input: child.stdout }), 'line')
}

const LISTEN = `
  import { createServer } from 'node:net'
  createServer((socket) => socket.on('error', () => {}).end('hello')).listen(4001, '172.29.0.2', () => console.log('up'))`

interface Said {
  readonly endpoints: readonly { readonly reachable: string }[]
  readonly obstacles: readonly { readonly id: string; readonly certainty: string; readonly text: string }[]
}

/** What `check` says in the host's namespace about its TCP port 4001. */
function check(): Promise<Said> {
  const env = { ...process.env, PEERWAY_STATE_DIR: mkdtempSync(join(state, 'run-')) }
  const asked = ['check', '--json', '--port', 'tcp/4001', '--vantage', '203.0.113.1']
  return new Promise((resolve) => {
    execFile('ip', ['netns', 'exec', host, process.execPath, BUILT, ...asked], { env }, (_, stdout) =>
      resolve(JSON.parse(stdout)),
    )
  })
}

const TO_GUEST = `table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 4001 dnat to 172.29.0.2:4001
  }
}`
const forward = (rule: string) => `table inet filter {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ${rule}
  }
}`

describe.skipIf(missing)(`a port that the host sends on to a guest${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    sh(`
      for n in ${outside} ${host} ${guest}; do ip netns add $n; ip -n $n link set lo up; done
      ip link add eth0 netns ${host} type veth peer name eth0 netns ${outside}
      ip link add guest0 netns ${host} type veth peer name eth0 netns ${guest}
      ip -n ${outside} addr add 203.0.113.1/24 dev eth0; ip -n ${outside} addr add 203.0.113.2/24 dev eth0
      ip -n ${host} addr add 203.0.113.10/24 dev eth0; ip -n ${host} addr add 172.29.0.1/24 dev guest0
      ip -n ${guest} addr add 172.29.0.2/24 dev eth0
      for n in ${outside} ${host} ${guest}; do ip -n $n link set eth0 up; done
      ip -n ${host} link set guest0 up
      ip -n ${host} route add default via 203.0.113.1; ip -n ${guest} route add default via 172.29.0.1
      # An interface counts as running only when the kernel has looked at its link, up to a second later.
      for d in eth0 guest0; do
        timeout 10 sh -c "until ip -n ${host} -o link show $d | grep -q 'state UP'; do sleep 0.05; done"
      done
    `)
    await start(guest, '--input-type=module', '-e', LISTEN)
    await start(outside, BUILT, 'vantage', '--address', '203.0.113.1', '--alternate-address', '203.0.113.2')
  })

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const namespace of [outside, host, guest]) spawnSync('ip', ['netns', 'del', namespace])
    rmSync(state, { recursive: true })
  })

  beforeEach(() => {
    sh(`ip netns exec ${host} sh -c 'nft flush ruleset; iptables-legacy -F; sysctl -qw net.ipv4.ip_forward=1'`)
  })

  const load = (rules: string) => sh(`ip netns exec ${host} nft -f - <<'END'\n${rules}\nEND`)
  const proven = ({ obstacles }: Said) =>
    obstacles.filter(({ certainty }) => certainty === 'proven').map((obstacle) => obstacle.id)

  test('is reached where nothing stops it', async () => {
    load(TO_GUEST)
    const said = await check()
    expect(said.endpoints[0]?.reachable).toBe('yes')
    expect(said.obstacles).toEqual([])
  })

  test.each([
    ['host-firewall-drops-forwarded', 'ip daddr 172.29.0.2 drop'],
    ['host-firewall-drops-outbound', 'ip saddr 172.29.0.2 tcp sport 4001 drop'],
  ])('%s, and the rule is named', async (obstacle, rule) => {
    load(`${TO_GUEST}\n${forward(rule)}`)
    const said = await check()
    expect(said.endpoints[0]?.reachable).toBe('no')
    expect(proven(said)).toEqual([obstacle])
    expect(said.obstacles[0]?.text).toContain(rule)
  })

  test('a rule of the older tables drops it', async () => {
    load(TO_GUEST)
    sh(`ip netns exec ${host} iptables-legacy -A FORWARD -d 172.29.0.2 -j DROP`)
    const said = await check()
    expect(proven(said)).toEqual(['host-firewall-drops-forwarded'])
    expect(said.obstacles[0]?.text).toContain('-A FORWARD -d 172.29.0.2/32 -j DROP')
  })

  test('the kernel forwards nothing', async () => {
    load(TO_GUEST)
    sh(`ip netns exec ${host} sysctl -qw net.ipv4.ip_forward=0`)
    const said = await check()
    expect(said.endpoints[0]?.reachable).toBe('no')
    expect(proven(said)).toEqual(['ip-forwarding-disabled'])
  })

  test('both: what stands behind another is found too', async () => {
    load(`${TO_GUEST}\n${forward('ip daddr 172.29.0.2 drop')}`)
    sh(`ip netns exec ${host} sysctl -qw net.ipv4.ip_forward=0`)
    expect(proven(await check()).toSorted()).toEqual(['host-firewall-drops-forwarded', 'ip-forwarding-disabled'])
  })
})
