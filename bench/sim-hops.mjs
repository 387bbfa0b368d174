/**
 * Packet hops per second on one core, through host, NAT, carrier's NAT, provider's filter, host and back; the memory that a
 * simulated host takes; and whole diagnoses per second, each in a new home network. Prints all three.
 *
 *   npm run build && node --expose-gc bench/sim-hops.mjs [-- --seconds 3] [--hosts 100000]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { check } from '../dist/check.js'
import { ANY } from '../dist/sim/address-book.js'
import { buildTopology } from '../dist/sim/build.js'
import { Machine } from '../dist/sim/machine.js'
import { Segment } from '../dist/sim/segment.js'
import { startVantages } from '../dist/sim/start-vantages.js'
import { World } from '../dist/sim/world.js'
import { parseTopology } from '../dist/topology/parse-topology.js'
import { startVantage } from '../dist/vantage/server.js'

const CHAIN = `topology: 1
title: A chain of two translators and a filter
networks:
  internet: { ipv4: 198.51.100.0/24 }
  core: { ipv4: 203.0.113.0/24 }
  access: { ipv4: 100.64.0.0/10 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node: { network: home }
  server: { network: internet, address: 198.51.100.20, listeners: [{ port: 7, transport: udp }] }
routers:
  box: { inside: home, outside: access, nat: { mapping: endpoint-independent, filtering: address-and-port-dependent } }
carriers:
  cgn: { inside: access, outside: core, nat: { mapping: endpoint-independent, filtering: address-and-port-dependent } }
providers:
  isp: { inside: core, outside: internet, filters: [{ direction: in, transport: tcp, ports: [25] }, { direction: out, ports: [25], transport: tcp }] }
links:
  - { from: box, to: access, delayMs: 5 }
`

/** Flows that ask and are answered, over and over. */
const FLOWS = 1000
const OWNER = { process: 'bench', pid: 1 }

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, hosts: { type: 'string', default: '100000' } },
})

const rounds = [1, 2, 3, 4].map(() => hopsPerSecond(Number(values.seconds)))
const hops = Math.max(...rounds.slice(1))
const bytes = bytesPerHost(Number(values.hosts))
process.stdout.write(`packet hops per second and core: ${Math.round(hops).toLocaleString('en')}\n`)
process.stdout.write(
  `bytes per simulated host, of ${values.hosts}: ${bytes === null ? 'run with --expose-gc' : bytes}\n`,
)
process.stdout.write(
  `whole diagnoses per second and core: ${Math.round(await diagnosesPerSecond(Number(values.seconds)))}\n`,
)

async function diagnosesPerSecond(seconds) {
  const { topology } = parseTopology(
    readFileSync(new URL('../topologies/home-nat.yaml', import.meta.url), 'utf8'),
    'home',
  )
  const diagnose = async (seed) => {
    const simulated = buildTopology(topology, seed)
    await startVantages(simulated, topology, startVantage)
    const work = check({ ports: ['4001'], vantages: ['198.51.100.20'] }, simulated.host('node'))
    const { report } = await simulated.world.run(work)
    if (report.verdict !== 'unreachable') throw new Error(`seed ${seed}: ${report.verdict}`)
  }
  for (let seed = 1; seed <= 50; seed++) await diagnose(seed)
  const startedMs = performance.now()
  let done = 0
  while (performance.now() - startedMs < seconds * 1000) await diagnose(++done)
  return done / ((performance.now() - startedMs) / 1000)
}

function hopsPerSecond(seconds) {
  const { topology } = parseTopology(CHAIN, 'chain')
  const { world, machines } = buildTopology(topology, 1)
  const node = machines.get('node')
  const server = { address: world.addresses.id('198.51.100.20'), port: 7 }
  const source = node.sourceTowards(server.address)
  const data = new Uint8Array(100)
  const startedMs = performance.now()
  let asking = true
  let answers = 0
  for (let flow = 0; flow < FLOWS; flow++) {
    const socket = node.udp.bind({
      address: ANY,
      port: 0,
      owner: OWNER,
      onDatagram: () => {
        if (++answers % 1000 === 0) asking = performance.now() - startedMs < seconds * 1000
        if (asking) node.udp.send(socket, source, data, server)
      },
    })
    node.udp.send(socket, source, data, server)
  }
  world.exhaust()
  const rate = world.hops / ((performance.now() - startedMs) / 1000)
  if (answers * 8 < world.hops * 0.99) throw new Error('packets were lost, so the chain is not what it should be')
  return rate
}

function bytesPerHost(hosts) {
  if (globalThis.gc === undefined) return null
  const world = new World(1)
  const segment = new Segment(world, 'net', 0, ['10.0.0.0/8'])
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const machines = Array.from({ length: hosts }, (_, index) => {
    const machine = new Machine(world, `host-${index}`)
    const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    machine.attach('eth0', segment, [[world.addresses.id(address), 8]], { delayMs: 1 })
    return machine
  })
  // Each has spoken once with its neighbour, as hosts that do nothing need not be there.
  for (const [index, machine] of machines.entries()) {
    const socket = machine.udp.bind({ address: ANY, port: 4001, owner: OWNER, onDatagram: () => {} })
    const peer = machines[(index + 1) % hosts].interfaces[0].addresses[0]
    machine.udp.send(socket, machine.interfaces[0].addresses[0], new Uint8Array(8), { address: peer, port: 4001 })
  }
  world.exhaust()
  globalThis.gc()
  return Math.round((process.memoryUsage().heapUsed - before) / hosts)
}
