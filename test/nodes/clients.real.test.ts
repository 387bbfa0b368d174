import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { missingFor } from '../lab/needs.ts'
import { jsLibp2pNode } from './real/js-libp2p.ts'

const missing = missingFor('transmission-daemon', 'syncthing', 'ss', 'openvpn', 'openssl')
const script = fileURLToPath(new URL('./real/clients.sh', import.meta.url))
const openvpn = fileURLToPath(new URL('./real/openvpn.sh', import.meta.url))
const VANTAGE = '--vantage 198.51.100.20'

const SERVER = `
topology: 1
title: A server that its provider addresses directly
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
hosts:
  node: { network: access, address: 203.0.113.10 }
providers:
  isp: { inside: access, outside: internet }
vantages:
  vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }
`

describe.skipIf(missing)(`real programs that peers speak to${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let lab: LabState
  const folder = mkdtempSync(join(tmpdir(), 'peerway-clients-'))

  beforeAll(async () => {
    const parsed = parseTopology(SERVER, 'server')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    lab = await bringUp(parsed.topology, { lab: `clients.${process.pid}`, file: '/nonexistent', owner: ownProcess() })
    const { status, stderr } = await runInside(lab, 'node', [script, folder])
    expect(status, stderr).toBe(0)
  })
  afterAll(async () => {
    if (lab !== undefined) await takeDown(lab)
    rmSync(folder, { recursive: true, force: true })
  })

  const check = async (more: string) => {
    const { stdout, stderr } = await runInside(lab, 'node', ['sh', '-c', `peerway check --json ${VANTAGE} ${more}`])
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }
  const ports = (report: { endpoints: { transport: string; port: number; reachable: string }[] }) =>
    report.endpoints.map(({ transport, port, reachable }) => `${transport}/${port} ${reachable}`).toSorted()

  test('Transmission: the port is the one in its settings, and its RPC, which is open to all, was dialled from outside', async () => {
    const report = await check('')
    expect(report.node).toEqual({ kind: 'bittorrent', peers: 0, peersWanted: null })
    expect(ports(report)).toEqual(['tcp/51999 yes', 'udp/51999 yes'])
    expect(report.warnings.map(({ id }: { id: string }) => id)).toEqual(['admin-port-exposed'])
    expect(report.warnings[0].text).toMatch(/^TCP 9091 \(IPv4\), by which the node is administered \(rpc\)/)
    const [node] = report.evidence.filter(({ probe }: { probe: string }) => probe === 'node')
    expect(node.value).toMatchObject({ access: 'answered', portsFrom: 'node', others: ['syncthing'] })
  })

  test('Syncthing: asked with the key that it keeps, which is told to nobody', async () => {
    const report = await check('--node syncthing')
    expect(report.node).toEqual({ kind: 'syncthing', peers: 0, peersWanted: null })
    expect(ports(report)).toEqual(['tcp/22000 yes', 'udp/22000 yes'])
    expect(report.warnings).toEqual([])
    const [node] = report.evidence.filter(({ probe }: { probe: string }) => probe === 'node')
    expect(node.value).toMatchObject({ access: 'answered', asked: 'http://127.0.0.1:8384/rest/' })
    const key = /<apikey>(.+)<\/apikey>/.exec(readFileSync(join(folder, 'syncthing', 'config.xml'), 'utf8'))![1]!
    expect(JSON.stringify(report)).not.toContain(key)
  })

  const answers = ({ evidence }: { evidence: { probe: string; value: Record<string, unknown> }[] }) =>
    evidence
      .filter(({ probe, value }) => probe === 'protocol-answer' && value.answered === value.tries)
      .map(({ value }) => `${value.transport}/${value.port} ${value.protocol}`)

  test('OpenVPN: it answers the first packet of a stranger, over UDP and TCP', async () => {
    const { status, stderr } = await runInside(lab, 'node', [openvpn, folder])
    expect(status, stderr).toBe(0)
    const report = await check('--node mysterium --port 1194')
    expect(ports(report)).toEqual(['tcp/1194 yes', 'udp/1194 yes'])
    expect(answers(report)).toEqual(['udp/1194 openvpn', 'tcp/1194 openvpn-tcp'])
    expect(report.obstacles).toEqual([])
  })

  test('js-libp2p: reached where it announces, and not where it does not listen', async (context) => {
    const program = await jsLibp2pNode().catch((cause: Error) => {
      if (process.env.CI === 'true') throw cause
      return context.skip('needs the npm registry, once')
    })
    const started = `'${process.execPath}' '${program}' 4101 4102 >'${folder}/id' 2>&1 & until grep -q 12D3 '${folder}/id'; do sleep 0.1; done`
    expect((await runInside(lab, 'node', ['timeout', '30', 'sh', '-c', started])).status).toBe(0)
    const at = (rest: string) => `--announce /ip4/203.0.113.10/tcp/${rest}`
    const peer = readFileSync(join(folder, 'id'), 'utf8').trim()
    const report = await check(`--node libp2p ${at(`4101/p2p/${peer}`)} ${at(`4102/ws/p2p/${peer}`)} ${at('4103')}`)
    expect(ports(report)).toEqual(['tcp/4101 yes', 'tcp/4102 yes', 'tcp/4103 no'])
    expect(answers(report)).toEqual(['tcp/4101 multistream', 'tcp/4102 websocket'])
    expect(report.obstacles.map(({ id }: { id: string }) => id)).toEqual(['not-listening'])
  }, 120_000)
})
