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

const missing = missingFor('transmission-daemon', 'syncthing', 'ss')
const script = fileURLToPath(new URL('./real/clients.sh', import.meta.url))
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

describe.skipIf(missing)(`a real Transmission and a real Syncthing${missing ? ` (skipped: ${missing})` : ''}`, () => {
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
})
