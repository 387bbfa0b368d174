import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runSim } from '../../src/cli/sim.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerway-sim-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function sim(...args: readonly string[]) {
  const heard = { stdout: '', stderr: '' }
  const output = (stream: 'stdout' | 'stderr') => ({
    isTerminal: false,
    columns: 80,
    write: (text: string) => {
      heard[stream] += text
    },
  })
  const status = await runSim(args, { stdout: output('stdout'), stderr: output('stderr'), env: {} })
  return { status, ...heard }
}

const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0

describe('peerway sim', () => {
  test('alone shows the diagnosis of a home network', async () => {
    const { status, stdout, stderr } = await sim()
    expect(status).toBe(1)
    expect(stdout).toMatch(/^Simulated: One home router, nothing forwarded \(seed 1\)\n\nUnreachable: /)
    expect(stderr).toBe('')
  })

  test('runs the check that is asked for, with its exit status and its report', async () => {
    const args = ['topologies/forwarded-tcp-only.yaml', '--', 'check', '--json', '--port', 'tcp/4001']
    const { status, stdout } = await sim(...args, '--vantage', '198.51.100.20')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'peerway.report/1', verdict: 'reachable' })
  })

  test('writes the report as a page too, redacted and in the language that is asked for', async () => {
    const path = join(folder, 'report.html')
    const asked = ['--port', '4001', '--vantage', '198.51.100.20', '--redact', '--lang', 'fr', '--html', path]
    const { status, stdout } = await sim('topologies/home-nat.yaml', '--', 'check', ...asked)
    expect(status).toBe(1)
    expect(stdout).toContain('Injoignable')
    const html = readFileSync(path, 'utf8')
    expect(html).toContain("Les inconnus n'entrent pas")
    expect(html).toContain('class="picture across"')
    expect(html).not.toContain('192.168.1.10')
    const nowhere = sim('topologies/home-nat.yaml', '--', 'check', '--port', '4001', '--html', join(path, 'x'))
    await expect(nowhere).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('is the same for the same seed', async () => {
    const run = (seed: string) => sim('topologies/home-nat-lossy.yaml', '--trace', '--seed', seed)
    expect(await run('3')).toEqual(await run('3'))
    expect((await run('3')).stderr).not.toBe((await run('4')).stderr)
  })

  test('traces what packets meet', async () => {
    const { stderr } = await sim('--trace')
    expect(stderr).toMatch(
      /^ +0\.\d{3} ms {2}box +nat +udp 203\.0\.113\.2:\d+ > 198\.51\.100\.20:3478 .*: the source is the router$/m,
    )
    expect(stderr).toContain('dropped: nothing on the router is for the outside')
  })

  test.skipIf(!hasTcpdump)('writes a capture that tcpdump reads, with right checksums', async () => {
    const file = join(folder, 'capture.pcapng')
    await sim('topologies/ipv6-stateful-router.yaml', '--pcap', file)
    const listing = execFileSync('tcpdump', ['-n', '-vv', '-r', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(listing).toContain('udp sum ok')
    expect(listing).toContain('time exceeded in-transit')
    expect(listing).not.toMatch(/bad|incorrect|wrong/)
  })

  test('writes a capture that begins as pcapng does', async () => {
    const file = join(folder, 'again.pcapng')
    await sim('--pcap', file)
    expect([...readFileSync(file).subarray(0, 12)]).toEqual([
      0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a,
    ])
  })

  test.each([
    [['nowhere.yaml'], 'cannot read the topology file nowhere.yaml: ENOENT'],
    [['--seed', 'x'], 'a seed is a whole number of at most 15 digits, not "x"'],
    [['--pcap', '/nowhere/x'], 'cannot write /nowhere/x: ENOENT'],
    [['--', 'fix'], 'sim runs a check: write -- check and its options, not "fix"'],
    [['--', 'check', '--port', '0'], 'port'],
    [['--', 'check', '--lang', 'de', '--port', '1'], 'there is no language "de": en or fr'],
    [['a', 'b'], 'sim takes no argument "b"; see peerway sim --help'],
  ])('wrongly used, says so in one line: %j', async (args, message) => {
    await expect(sim(...args)).rejects.toThrow(message)
  })

  test('tells the mistakes of a file', async () => {
    const file = join(folder, 'mistaken.yaml')
    writeFileSync(file, 'topology: 1\ntitle: x\n')
    const { status, stderr } = await sim(file)
    expect(status).toBe(2)
    expect(stderr).toContain('expected')
  })

  test('wants to be told what to check where the file does not say it', async () => {
    const file = join(folder, 'bare.yaml')
    writeFileSync(
      file,
      'topology: 1\ntitle: x\nnetworks: { n: { ipv4: 192.0.2.0/24 } }\nhosts: { a: { network: n } }\n',
    )
    await expect(sim(file)).rejects.toThrow(/names no check of its own/)
    const { status } = await sim(file, '--', 'check', '--port', '4001')
    expect(status).toBe(1)
  })
})
