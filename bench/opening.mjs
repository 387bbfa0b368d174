/**
 * How long until a port is open in the home router: peerway beside upnpc and natpmpc, against miniupnpd in the same
 * network of namespaces, round by round, with a new port each time.
 *
 *   npm run build && node bench/opening.mjs [--rounds 7]      needs root, miniupnpd, upnpc, natpmpc and tcpdump
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rolldown } from 'rolldown'
import { bringUp, runInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { layOut } from '../dist/topology/layout.js'
import { median, range, SECTIONS, table, writeSection } from './page.mjs'

/** In one file, as the command itself is: opening hundreds of them takes longer than opening a port. */
const OPEN_MAPPING = fileURLToPath(new URL('../dist/bench/open-mapping.mjs', import.meta.url))
const bundle = await rolldown({
  input: fileURLToPath(new URL('open-mapping.mjs', import.meta.url)),
  platform: 'node',
  external: [/^node:/, 'saxes', 'yaml', 'libsql', 'koffi'],
})
await bundle.write({ dir: dirname(OPEN_MAPPING), format: 'esm', entryFileNames: '[name].mjs' })
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const { topology, file } = readTopologyFile(fileURLToPath(new URL('../topologies/home-upnp.yaml', import.meta.url)))

/** Each opens the port that it is given; `granted` is what it says when it has. */
const PEERWAY = {
  name: 'peerway, looking for every protocol',
  command: ({ gateway }, port) => [process.execPath, OPEN_MAPPING, gateway, port],
  granted: /"protocol":/,
}
const KNOWN = {
  name: 'peerway, the protocol known from a check',
  command: ({ gateway, known }, port) => [process.execPath, OPEN_MAPPING, gateway, port, known],
  granted: /"protocol":/,
}
const UPNPC = {
  name: '`upnpc -a`',
  command: ({ local }, port) => ['upnpc', '-a', local, port, port, 'udp'],
  granted: /is redirected to/,
}
const NATPMPC = {
  name: '`natpmpc -a`',
  command: ({ gateway }, port) => ['natpmpc', '-g', gateway, '-a', port, port, 'udp', '3600'],
  granted: /Mapped public port/,
}

const ROUTERS = [
  {
    title: 'a router with PCP, NAT-PMP and UPnP',
    serves: ['upnp', 'nat-pmp', 'pcp'],
    known: 'pcp',
    programs: [PEERWAY, KNOWN, UPNPC, NATPMPC],
  },
  { title: 'a router with UPnP alone', serves: ['upnp'], known: 'igd2', programs: [PEERWAY, KNOWN, UPNPC] },
  {
    title: 'a router with PCP and NAT-PMP alone',
    serves: ['nat-pmp', 'pcp'],
    known: 'nat-pmp',
    programs: [PEERWAY, KNOWN, NATPMPC],
  },
]

const tables = []
for (const router of ROUTERS) tables.push(await measure(router))

writeSection(SECTIONS.opening, {
  command: 'node bench/opening.mjs',
  body: `
From the start of the program to its end, which is when the port is open, against miniupnpd in the same network of
namespaces; ${values.rounds} rounds in turn. The second column of times leaves out what starting a program takes: it is what tcpdump saw on
the wire, from the first packet that the program sent to the router or a group to the last one that it got.

The programs do not do the same. \`natpmpc\` speaks NAT-PMP to the one gateway that it is told, \`upnpc\` looks for UPnP
alone and waits for every device of the network to answer; peerway asks every gateway in every protocol at once, and takes the best that
answers, for which it waits up to 250 ms more. Where the protocol is known already, as from a check, it asks nothing else. Ahead of
\`upnpc\` by either column, it is behind \`natpmpc\` from the start on: starting Node.js alone takes longer than that whole program.
The machine's load was ${loadavg()[0].toFixed(1)} at the end; above the number of its processors all programs wait for their turn, the one
that computes most for the longest.

${tables.join('\n\n')}
`,
})

async function measure({ title, serves, known, programs }) {
  const boxes = topology.boxes.map((box) => (box.kind === 'router' ? { ...box, portMapping: serves } : box))
  const layout = layOut(topology)
  const where = { gateway: layout.boxes.get('box').inside[0], local: layout.hosts.get('node')[0], known }
  const lab = await bringUp({ ...topology, boxes }, { lab: `bench.${process.pid}`, file, owner: ownProcess() })
  const times = programs.map(() => [])
  const wire = await watchWire(lab, where.local)
  try {
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [index, program] of programs.entries()) {
        times[index].push(await timeOne(lab, wire, where, program, String(4100 + round * programs.length + index)))
      }
    }
  } finally {
    wire.close()
    await takeDown(lab)
  }
  const medians = times.map((each) => median(each.map(({ tookMs }) => tookMs)))
  const rows = programs.map(({ name }, index) => {
    const onWire = times[index].map(({ onWireMs }) => onWireMs)
    return [
      name,
      whole(medians[index]),
      range(
        times[index].map(({ tookMs }) => tookMs),
        whole,
      ),
      whole(median(onWire)),
      range(onWire, whole),
      times[index][0].protocol ?? '-',
    ]
  })
  const head = ['program', 'median, ms', 'range, ms', 'from the first question, ms', 'range, ms', 'by']
  return `### Behind ${title}\n\n${table(head, rows)}`
}

async function timeOne(lab, wire, where, { name, command, granted }, port) {
  const since = Date.now() / 1000
  const startedMs = performance.now()
  const { stdout, stderr } = await runInside(lab, 'node', command(where, port))
  const tookMs = performance.now() - startedMs
  if (!granted.test(stdout)) throw new Error(`${name} did not open port ${port}: ${stdout}${stderr}`)
  const { protocol } = stdout.startsWith('{') ? JSON.parse(stdout) : {}
  return { tookMs, onWireMs: await wire.spanMs(since), protocol }
}

/** What the host sends and gets, by tcpdump. The span is from its first packet since then to the last one that came back. */
async function watchWire(lab, local) {
  const namespace = lab.namespaces.find((each) => each.endsWith('-node'))
  const filter = 'udp port 5351 or udp port 1900 or tcp'
  const args = ['netns', 'exec', namespace, 'tcpdump', '-tt', '-n', '-l', '--immediate-mode', '-i', 'eth0', filter]
  const tcpdump = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const packets = []
  let rest = ''
  tcpdump.stdout.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n')
    rest = lines.pop()
    for (const line of lines) {
      const [, at, from] = /^([0-9.]+) IP ([0-9.]+)\.[0-9]+ > /.exec(line) ?? []
      if (at !== undefined) packets.push({ at: Number(at), isOwn: from === local })
    }
  })
  await once(tcpdump.stderr, 'data')
  return {
    async spanMs(since) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const seen = packets.splice(0).filter(({ at }) => at >= since)
      const first = seen.find(({ isOwn }) => isOwn)
      const last = seen.findLast(({ isOwn }) => !isOwn)
      return (last.at - first.at) * 1000
    },
    close: () => tcpdump.kill(),
  }
}

function whole(ms) {
  return ms.toFixed(0)
}
