/**
 * What bench/ns3/chain.cc does in ns-3, in peerway's simulator: one measurement in a process of its own, as JSON.
 *
 *   node --expose-gc bench/sim/chain.mjs hops translated|plain SECONDS
 *   node --expose-gc bench/sim/chain.mjs hosts COUNT
 */
import { ANY } from '../../dist/sim/address-book.js'
import { buildTopology } from '../../dist/sim/build.js'
import { Machine } from '../../dist/sim/machine.js'
import { Segment } from '../../dist/sim/segment.js'
import { World } from '../../dist/sim/world.js'
import { parseTopology } from '../../dist/topology/parse-topology.js'

const TRANSLATED = `topology: 1
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
`

const ROUTERS = 6

/** Flows that ask and are answered, over and over. */
const FLOWS = 1000
const OWNER = { process: 'bench', pid: 1 }
const PORT = 7
const WARM_SECONDS = 1

const [what, ...rest] = process.argv.slice(2)
process.stdout.write(JSON.stringify(what === 'hops' ? hops(rest[0], Number(rest[1])) : hosts(Number(rest[0]))))

function hops(chain, seconds) {
  const build = chain === 'plain' ? plain : translated
  ask(build(), WARM_SECONDS)
  return { hopsPerSecond: ask(build(), seconds) }
}

function translated() {
  const { topology } = parseTopology(TRANSLATED, 'chain')
  const { world, machines } = buildTopology(topology, 1)
  return { world, node: machines.get('node'), server: world.addresses.id('198.51.100.20') }
}

function plain() {
  const world = new World(1)
  const machines = Array.from(
    { length: ROUTERS + 2 },
    (_, index) => new Machine(world, `m${index}`, { forwards: true }),
  )
  const id = (network, host) => world.addresses.id(`10.0.${network}.${host}`)
  for (let network = 0; network <= ROUTERS; network++) {
    const segment = new Segment(world, `n${network}`, network, [`10.0.${network}.0/24`])
    machines[network].attach('right', segment, [[id(network, 1), 24]], { delayMs: 0.005 })
    machines[network + 1].attach('left', segment, [[id(network, 2), 24]], { delayMs: 0.005 })
  }
  for (const [index, machine] of machines.entries()) {
    const onwards = { prefix: '0.0.0.0/0', isIpv6: false, via: id(index, 2) }
    const back = { prefix: '10.0.0.0/24', isIpv6: false, via: id(index - 1, 1) }
    machine.routes.replace([...(index <= ROUTERS ? [onwards] : []), ...(index > 1 ? [back] : [])])
  }
  const server = machines[ROUTERS + 1]
  const socket = server.udp.bind({
    address: ANY,
    port: PORT,
    owner: OWNER,
    onDatagram: ({ source, sourcePort, payload }) =>
      server.udp.send(socket, id(ROUTERS, 2), payload, { address: source, port: sourcePort }),
  })
  return { world, node: machines[0], server: id(ROUTERS, 2) }
}

function ask({ world, node, server }, seconds) {
  const to = { address: server, port: PORT }
  const source = node.sourceTowards(server)
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
        if (asking) node.udp.send(socket, source, data, to)
      },
    })
    node.udp.send(socket, source, data, to)
  }
  world.exhaust()
  const rate = world.hops / ((performance.now() - startedMs) / 1000)
  const hopsEach = world.hops / answers
  if (Math.abs(hopsEach - Math.round(hopsEach)) > 0.01)
    throw new Error(`an answer took ${hopsEach} hops: some were lost`)
  return rate
}

/** Hosts of one network. Each has a socket and has spoken once with its neighbour: one that does nothing need not be there. */
function hosts(number) {
  globalThis.gc()
  const before = process.memoryUsage()
  const world = new World(1)
  const segment = new Segment(world, 'net', 0, ['10.0.0.0/8'])
  let heard = 0
  const machines = Array.from({ length: number }, (_, index) => {
    const machine = new Machine(world, `host-${index}`)
    const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    machine.attach('eth0', segment, [[world.addresses.id(address), 8]], { delayMs: 0.005 })
    return machine
  })
  for (const [index, machine] of machines.entries()) {
    const socket = machine.udp.bind({ address: ANY, port: 4001, owner: OWNER, onDatagram: () => heard++ })
    const peer = machines[index ^ 1].interfaces[0].addresses[0]
    machine.udp.send(socket, machine.interfaces[0].addresses[0], new Uint8Array(8), { address: peer, port: 4001 })
  }
  world.exhaust()
  if (heard !== number) throw new Error(`${heard} of ${number} datagrams arrived`)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  globalThis.gc()
  const after = process.memoryUsage()
  return {
    heapBytesPerHost: (after.heapUsed - before.heapUsed) / machines.length,
    residentBytesPerHost: (peakBytes - before.rss) / machines.length,
    peakBytes,
  }
}
