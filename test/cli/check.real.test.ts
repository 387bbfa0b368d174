import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { missingFor } from '../lab/needs.ts'
import { example, shownOutput } from '../readme.ts'

const missing = missingFor('setpriv', 'script')
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const check = `peerway check --port 4001 --vantage 198.51.100.20`

describe.skipIf(missing)(`peerway check behind a home router${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let lab: LabState
  beforeAll(async () => {
    const { file, topology } = readTopologyFile('topologies/home-nat.yaml')
    lab = await bringUp(topology, { lab: `home-nat.${process.pid}.c`, file, owner: ownProcess() })
  })
  afterAll(async () => {
    if (lab !== undefined) await takeDown(lab)
  })
  const run = (command: string) => runInside(lab, 'node', ['sh', '-c', command])

  test('says in the first line that strangers do not get in, and where they are stopped', async () => {
    const { status, stdout, stderr } = await run(check)
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout.split('\n\n')[0]).toMatch(/^Unreachable: [\s\S]*stopped at the router/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('prints what the README shows', async () => {
    // Evidence is numbered as it comes in, and lines break where the numbers let them.
    const words = (text: string) => text.replaceAll(/\(e[0-9, e\n]+\)/g, '').split(/\s+/)
    expect(words((await run(check)).stdout)).toEqual(words(shownOutput))
  })

  test("runs the README's example", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'peerway-example-'))
    try {
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(resolve('.'), join(folder, 'node_modules', 'peerway'))
      const file = join(folder, 'example.mjs')
      writeFileSync(file, example.replaceAll('vantage.example.org', '198.51.100.20'))
      const { status, stdout, stderr } = await run(`${process.execPath} ${file}`)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(/^udp\/ipv4\/4001 no 203\.0\.113\.\d+:4001\ntcp\/ipv4\/4001 no .*\nYour router /)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('prints the report alone, as JSON', async () => {
    const { status, stdout, stderr } = await run(`${check} --json`)
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'peerway.report/1', verdict: 'unreachable', node: null })
  })

  test('speaks the language of the locale', async () => {
    const { stdout } = await run(`LC_ALL=fr_FR.UTF-8 ${check}`)
    expect(stdout.split('\n')[0]).toMatch(/^Injoignable/)
  })

  test('is plain when piped and has colour on a terminal, but not under NO_COLOR', async () => {
    const onTerminal = (env: string) => run(`${env} TERM=xterm script -qec '${check}' /dev/null`)
    const [piped, terminal, noColor] = await Promise.all([run(check), onTerminal(''), onTerminal('NO_COLOR=1')])
    expect(piped.stdout).not.toContain('\x1b')
    expect(terminal.stdout).toContain('\x1b[1;31mUnreachable')
    expect(noColor.stdout).not.toContain('\x1b[1;31m')
  })

  test('shows progress on a terminal, and clears it before the report', async () => {
    const { stdout } = await run(`TERM=xterm script -qec 'NO_COLOR=1 ${check}' /dev/null`)
    const written = stdout.split('\r\x1b[2K')
    expect(written.length).toBeGreaterThan(2)
    expect(written[1]).toMatch(/^peerway: /)
    expect(written.at(-1)).toMatch(/^Unreachable/)
  })

  test('needs no tool at all', async () => {
    const { status, stdout, stderr } = await run(
      `PATH=/nonexistent ${process.execPath} ${main} ${check.slice(14)} --json`,
    )
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(JSON.parse(stdout).verdict).toBe('unreachable')
  })

  test('needs no permission', async () => {
    const unprivileged = 'setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent PEERWAY_STATE_DIR='
    const { status, stdout, stderr } = await run(`${unprivileged} ${process.execPath} ${main} ${check.slice(14)}`)
    expect(status).toBe(1)
    expect(stdout).toMatch(/^Unreachable/)
    expect(stderr).toMatch(/^peerway: note: nothing is remembered between runs, [^\n]*\n$/)
  })

  test('needs no capability, as in a container that has none, where even ping cannot be started', async () => {
    const bare = `setpriv --bounding-set=-all --inh-caps=-all ${process.execPath} ${main} ${check.slice(8)}`
    const { status, stdout } = await run(bare)
    expect({ status, said: stdout.split(':')[0] }).toEqual({ status: 1, said: 'Unreachable' })
  })

  test('a reader that went away does not change the exit status', async () => {
    const { stdout, stderr } = await run(`{ ${check}; echo $? >&2; } | head -c 1`)
    expect({ stdout, stderr }).toEqual({ stdout: 'U', stderr: '1\n' })
  })

  test('interrupted, it ends with 130 and leaves no rule behind', async () => {
    const { stdout, stderr } = await run(
      `${check} --json & until nft list tables | grep -q .; do :; done; kill -INT $!; wait $!; echo $?; nft list ruleset`,
    )
    expect({ stdout, stderr }).toEqual({ stdout: '130\n', stderr: '' })
  })

  test('finished, it leaves no rule and no process behind', async () => {
    const { stdout } = await run(`${check} --json >/dev/null; nft list ruleset`)
    expect(stdout).toBe('')
  })

  test('a vantage that is not there costs no proof, and exit status 3', async () => {
    const { status, stdout } = await run('peerway check --port 4001 --vantage 198.51.100.99 --json')
    expect({ status, verdict: JSON.parse(stdout).verdict }).toEqual({ status: 3, verdict: 'unknown' })
  })
})
