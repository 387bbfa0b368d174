import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { daemonsOf } from '../../src/lab/daemons.ts'
import { bringUp, commandInside, type Ran, runInside } from '../../src/lab/lab.ts'
import { type LabState, labFolder, ownProcess } from '../../src/lab/lab-state.ts'
import { startDaemon } from '../../src/lab/start-daemon.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import type { HappeningKind } from '../../src/watch/core/happening.ts'

const ASKED = ['--port', '4001', '--vantage', '198.51.100.20']
const OUTSIDE = '45.67.89.2'
const LOOK_EVERY_MS = 200

export interface RealWatch {
  readonly pid: number
  /** What it wrote, both streams. */
  readonly said: () => string
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The signal goes to the daemon itself. */
  signal(name: NodeJS.Signals): Promise<void>
}

let homes = 0

/**
 * A home in namespaces of the kernel, behind a real miniupnpd that serves `protocols`, and watches that run in it; IPv4 alone.
 * `change`: what to make of the topology's text first.
 */
export async function realHome(protocols: string, change: (yaml: string) => string = (yaml) => yaml) {
  const yaml = readFileSync(new URL('../../topologies/home-pcp.yaml', import.meta.url), 'utf8')
    .replace('portMapping: [nat-pmp, pcp]', `portMapping: [${protocols}]`)
    .replace(/, ipv6: 2001:[^ ]*/g, '')
    .replace(/^ {2}vantage6: .*\n/m, '')
    .replace(/\ntruth:[\s\S]*$/, '\n')
  const parsed = parseTopology(change(yaml), 'home.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  homes++
  const { topology } = parsed
  const lab = await bringUp(topology, {
    lab: `watch.${process.pid}.${homes}`,
    file: '/nonexistent',
    owner: ownProcess(),
  })
  const folder = (host: string) => join(labFolder(lab.lab), 'hosts', host)
  const state = join(folder('node'), 'state')
  const run = (host: string, script: string) => runInside(lab, host, ['sh', '-ec', script])
  const must = async (host: string, script: string): Promise<string> => {
    const { status, stdout, stderr } = await run(host, script)
    if (status !== 0) throw new Error(`${host}: ${script}: ${status} ${stderr}`)
    return stdout
  }
  const daemon = (host: string, title: string) =>
    daemonsOf(topology).find((each) => each.host === host && each.title === title)!
  const start = (host: string, title: string) => {
    const one = daemon(host, title)
    return startDaemon(one, lab.namespaces.find((name) => name.endsWith(`-${host}`))!, folder(host))
  }
  return {
    lab,
    state,
    run,
    must,
    /** Ends the program that the lab runs on a host, and starts it again. */
    killProgram: (host: string, socket: string) =>
      must(host, `kill -9 $(ss -Hlnp '${socket}' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u)`),
    start,
    /** The router loses its power for a second: everything that it was asked for is gone. */
    async rebootRouter(): Promise<void> {
      const port = protocols.includes('pcp') || protocols.includes('nat-pmp') ? 5351 : 1900
      await must('box', `kill -9 $(ss -Hlnup 'sport = :${port}' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u)`)
      await must(
        'box',
        `for chain in miniupnpd prerouting_miniupnpd postrouting_miniupnpd; do
           nft flush chain inet peerway-router $chain
         done
         rm -f ${folder('box')}/leases
         conntrack -F 2>/dev/null`,
      )
      await start('box', 'miniupnpd')
    },
    /** The provider gives the line another address. */
    changeAddress: (to: string) =>
      must(
        'box',
        `rules=$(mktemp)
         gateway=$(ip -4 route show default | grep -o 'via [0-9.]*' | cut -d' ' -f2)
         nft list table ip peerway-nat | sed 's/${OUTSIDE.replaceAll('.', '\\.')}/${to}/g' >$rules
         ip address del ${OUTSIDE}/24 dev outside
         ip address add ${to}/24 dev outside
         ip route replace default via $gateway
         nft delete table ip peerway-nat
         nft -f $rules
         conntrack -F 2>/dev/null`,
      ),
    /** Transports for which the router translates from outside to the node, by their numbers as miniupnpd writes them. */
    async openings(): Promise<readonly string[]> {
      const chain = await must('box', 'nft list chain inet peerway-router prerouting_miniupnpd')
      const protocols = [...chain.matchAll(/@nh,72,8 0x(6|11) th dport .*dnat/g)].map(([, number]) => number)
      return protocols.map((number) => (number === '6' ? 'tcp' : 'udp')).toSorted()
    },
    /** A program that is no part of peerway greets the node from outside. */
    async strangerGetsIn(address = OUTSIDE): Promise<boolean> {
      const { stdout } = await run('stranger', `echo hello | nc -w 2 ${address} 4001 || true`)
      return stdout.length > 0
    },
    journal: (): readonly { readonly change: Readonly<Record<string, unknown>> }[] => journalIn(state),
    /** Has the watch that runs now ended a check? */
    async hasMeasured(): Promise<boolean> {
      const { stdout } = await run('node', 'curl -s http://127.0.0.1:9788/metrics || true')
      return stdout.includes('peerway_last_check_timestamp_seconds')
    },
    /** Of the history in its file, as any program may read it meanwhile. */
    events: () => eventsIn(state),
    watch: (args: readonly string[] = ASKED) => startWatch(lab, args),
    check: async (): Promise<Ran> => runInside(lab, 'node', ['peerway', 'check', '--json', ...ASKED]),
    takeDown: () => takeDown(lab),
  }
}

export type RealHome = Awaited<ReturnType<typeof realHome>>

function journalIn(state: string) {
  const path = join(state, 'journal.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).entries : []
}

function eventsIn(state: string): readonly { readonly kind: HappeningKind; readonly at_ms: number }[] {
  const path = join(state, 'history.db')
  if (!existsSync(path)) return []
  const db = new Libsql(path, { readonly: true })
  try {
    return db.prepare('SELECT kind, at_ms, text FROM event ORDER BY id').all() as never
  } catch (error) {
    // The file is there before its tables.
    if (/no such table/.test((error as Error).message)) return []
    throw error
  } finally {
    db.close()
  }
}

async function startWatch(lab: LabState, args: readonly string[]): Promise<RealWatch> {
  const { argv, env } = commandInside(lab, 'node', ['sh', '-c', 'echo pid=$$; exec peerway watch "$@"', 'sh', ...args])
  const child: ChildProcess = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (status, signal) => resolve(status ?? signal!))
  })
  await until(() => /^pid=\d+$/m.test(text), 5000)
  const pid = Number(/^pid=(\d+)$/m.exec(text)![1])
  return {
    pid,
    said: () => text,
    ended,
    signal: async (name) => {
      await runInside(lab, 'node', ['kill', `-${name.slice(3)}`, String(pid)])
    },
  }
}

/** Milliseconds until `isSo`; `mostMs` where it never is. */
export async function until(isSo: () => boolean | Promise<boolean>, mostMs: number): Promise<number> {
  const startMs = performance.now()
  while (!(await isSo()) && performance.now() - startMs < mostMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return performance.now() - startMs
}
