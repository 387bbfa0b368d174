import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { findFlowBoxes } from '../../src/diagnose/flow-boxes.ts'
import { runInside } from '../../src/lab/lab.ts'
import { openOwnLab, readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import type { Evidence } from '../../src/model/evidence.ts'
import { missingFor } from '../lab/needs.ts'

const missing = missingFor('ethtool', 'ping')
const VANTAGE = '198.51.100.20'
const INSIDE = fileURLToPath(new URL('real/idle-flows.mjs', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'peerway-layers-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command on the node of a ready-made topology, its text changed first, and reads the JSON that it prints. */
async function ask(name: string, command: readonly string[], change = (text: string) => text) {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, change(readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8')))
  const lab = await openOwnLab(readTopologyFile(path))
  try {
    const { stdout, stderr } = await runInside(lab, 'node', command)
    expect(stdout, stderr).toMatch(/^[[{]/)
    return JSON.parse(stdout)
  } finally {
    await takeDown(lab)
  }
}

describe.skipIf(missing)(`on the kernel${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent('boxes that remember flows are counted, placed and timed', { timeout: 90_000 }, async () => {
    const seconds = (text: string) =>
      text
        .replace('Seconds: 60', 'Seconds: 3')
        .replace('Seconds: 180', 'Seconds: 7')
        .replace('Seconds: 30', 'Seconds: 5')
        .replace('udpTimeoutSeconds: 7', 'tcpTimeoutSeconds: 6, udpTimeoutSeconds: 7')
    // One twenty-fifth of the times that a check waits for.
    const evidence: readonly Evidence[] = await ask('three-layers', ['node', INSIDE, VANTAGE, '0.04'], seconds)
    const flows = findFlowBoxes(new Findings(evidence), 'ipv4')
    const tcp = evidence.find((one) => one.probe === 'idle-tcp')!.value
    expect(Math.max(...tcp.livedSeconds)).toBeLessThanOrEqual(6)
    // Each was tried for ten seconds.
    expect(tcp.diedSeconds.length).toBeGreaterThan(1)
    expect(Math.min(...tcp.diedSeconds)).toBeGreaterThanOrEqual(16)
    expect(flows).toMatchObject({ isComplete: true, keptFromOutside: true })
    expect(flows!.boxes.map(({ hop }) => hop)).toEqual([1, 2, 3])
    for (const [index, truth] of [3, 7, 5].entries()) {
      const { livedSeconds, diedSeconds } = flows!.boxes[index]!.lifetime!
      expect([livedSeconds <= truth, diedSeconds >= truth], `hop ${index + 1}`).toEqual([true, true])
    }
  })

  test.concurrent('the hop that stops a protocol is found, over UDP and TCP', { timeout: 90_000 }, async () => {
    const check = ['peerway', 'check', '--json', '--node', 'ipfs', '--vantage', VANTAGE]
    const another = '    filters:\n      - { direction: out, transport: tcp, payload: { text: "\\x13/multistream" } }\n'
    const both = (text: string) => text.replace('    filters:\n', another)
    const { evidence } = await ask('carrier-before-filter-out', check, both)
    const facts = (evidence as { probe: string; value: { protocol: string; hops: object[] } }[]).filter(
      ({ probe }) => probe === 'filter-hop',
    )
    // The lab's providers filter before they look at the TTL.
    const hops = [
      { ttl: 1, spoken: 'passed', neutral: 'passed' },
      { ttl: 2, spoken: 'passed', neutral: 'passed' },
      { ttl: 3, spoken: 'silent', neutral: 'passed' },
    ]
    expect(facts.map(({ value }) => [value.protocol, value.hops])).toEqual([
      ['multistream', hops],
      ['quic', hops],
    ])
  })
})
