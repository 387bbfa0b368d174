import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { MapResult, PortMapping } from '../../src/gateway/port-mapper.ts'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { runTool } from '../../src/lab/tool.ts'
import type { Message } from '../../src/model/message.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { missingFor } from '../lab/needs.ts'

const missing = missingFor('miniupnpd', 'natpmpc', 'nc')
const askScript = fileURLToPath(new URL('./real/ask.mjs', import.meta.url))
const agent = fileURLToPath(new URL('../remedy/real/agent.mjs', import.meta.url))
const strangerScript = fileURLToPath(new URL('../lab/stranger.mjs', import.meta.url))
const homePcp = readFileSync(new URL('../../topologies/home-pcp.yaml', import.meta.url), 'utf8')
const homeUpnp = readFileSync(new URL('../../topologies/home-upnp.yaml', import.meta.url), 'utf8')

const GATEWAY = '192.168.1.1'
const NODE = '192.168.1.10'
const OUTSIDE = '45.67.89.2'

const REQUEST = {
  transport: 'tcp',
  internal: { address: NODE, port: 4001 },
  suggestedPort: 4001,
  lifetimeSeconds: 3600,
  description: 'peerway test',
  nonce: '0102030405060708090a0b0c',
}
const UDP = { ...REQUEST, transport: 'udp', nonce: '0202030405060708090a0b0c' }

describe.skipIf(missing)(`miniupnpd${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.each(['pcp', 'nat-pmp'] as const)(
    'opens ports by %s, renews them, and leaves nothing behind',
    async (protocol) => {
      await inLab(homeUpnp, async (lab) => {
        const before = await routerRules(lab)
        expect(await strangerReaches(lab, OUTSIDE)).toEqual({ tcp: 'no', udp: 'no' })

        const [told, tcp, udp, renewed] = await ask(lab, [
          [protocol, GATEWAY, 'discover', NODE],
          [protocol, GATEWAY, 'map', REQUEST],
          [protocol, GATEWAY, 'map', UDP],
          [protocol, GATEWAY, 'renew', 'last', 7200],
        ])
        expect(told!.result).toMatchObject({ outcome: 'speaks', externalAddress: protocol === 'pcp' ? null : OUTSIDE })
        const mapping = { protocol, externalPort: 4001, externalAddress: OUTSIDE }
        expect(tcp!.result).toMatchObject({ outcome: 'mapped', mapping: { ...mapping, lifetimeSeconds: 3600 } })
        expect(udp!.result).toMatchObject({ outcome: 'mapped', mapping })
        expect(renewed!.result).toMatchObject({ outcome: 'mapped', mapping: { ...mapping, lifetimeSeconds: 7200 } })
        expect(renewed!.result).not.toHaveProperty('lostState')

        expect(await strangerReaches(lab, OUTSIDE)).toEqual({ tcp: 'yes', udp: 'yes' })
        const nc = await runInside(lab, 'stranger', ['nc', '-w', '1', OUTSIDE, '4001'])
        expect(nc.stdout).toContain('/multistream/1.0.0')

        const mappings = [tcp!, renewed!].map(({ result }) => (result as MapResult & { outcome: 'mapped' }).mapping)
        const unmapped = await ask(
          lab,
          mappings.map((each) => [protocol, GATEWAY, 'unmap', each]),
        )
        expect(unmapped.map(({ result }) => result)).toEqual(['deleted', 'deleted'])
        expect(await routerRules(lab)).toBe(before)
        expect(await strangerReaches(lab, OUTSIDE)).toEqual({ tcp: 'no', udp: 'no' })
        const again = await ask(lab, [[protocol, GATEWAY, 'unmap', mappings[0]]])
        // NAT-PMP does not tell whether there was anything (RFC 6886 §3.4).
        expect(again[0]!.result).toBe(protocol === 'pcp' ? 'not-there' : 'deleted')
      })
    },
  )

  test('says to natpmpc what it says to us, and keeps what natpmpc made', async () => {
    await inLab(homeUpnp, async (lab) => {
      const theirs = await natpmpc(lab, '-a', '4001', '4002', 'tcp', '3600')
      const rules = await routerRules(lab)
      const [ours, tcp, deleted] = await ask(lab, [
        ['nat-pmp', GATEWAY, 'discover', NODE],
        ['nat-pmp', GATEWAY, 'map', REQUEST],
        ['nat-pmp', GATEWAY, 'unmap', 'last'],
      ])
      const told = ours!.result as { externalAddress: string; epochSeconds: number }
      expect(theirs).toContain(`Public IP address : ${told.externalAddress}\n`)
      expect(told.epochSeconds - Number(/epoch = ([0-9]+)/.exec(theirs)?.[1])).toBeLessThan(3)
      expect(theirs).toContain('Mapped public port 4001 protocol TCP to local port 4002 liftime 3600\n')
      // The port that it has for another internal one is not taken away.
      expect(tcp!.result).toMatchObject({ outcome: 'mapped', mapping: { externalAddress: OUTSIDE } })
      expect(tcp!.result).not.toMatchObject({ mapping: { externalPort: 4001 } })
      expect(deleted!.result).toBe('deleted')
      expect(await routerRules(lab)).toBe(rules)
    })
  })

  test('deletes no PCP mapping for another nonce', async () => {
    await inLab(homeUpnp, async (lab) => {
      const [made] = await ask(lab, [['pcp', GATEWAY, 'map', REQUEST]])
      const { mapping } = made!.result as MapResult & { outcome: 'mapped' }
      const rules = await routerRules(lab)
      const stolen = { ...mapping, token: 'ff02030405060708090a0b0c' }
      const [unmapped] = await ask(lab, [['pcp', GATEWAY, 'unmap', stolen]])
      expect(unmapped!.result).toBe('not-ours')
      expect(await routerRules(lab)).toBe(rules)
    })
  })

  test('maps nothing while its own address outside is a private one, and is heard to say so', async () => {
    await inLab(homeUpnp.replaceAll('45.67.89.', '100.64.9.'), async (lab) => {
      const results = await ask(lab, [
        ['pcp', GATEWAY, 'discover', NODE],
        ['nat-pmp', GATEWAY, 'discover', NODE],
        ['pcp', GATEWAY, 'map', REQUEST],
        ['nat-pmp', GATEWAY, 'map', REQUEST],
      ])
      const refused = { outcome: 'refused', why: 'no-external-address' }
      expect(results.map(({ result }) => result)).toMatchObject([
        { outcome: 'speaks' },
        { outcome: 'speaks', externalAddress: null },
        refused,
        refused,
      ])
    })
  })

  test('opens IPv6 pinholes, asked at its global and at its link-local address', async () => {
    await inLab(homePcp, async (lab) => {
      const node = '2001:db8:3::a'
      const request = { ...REQUEST, internal: { address: node, port: 4001 } }
      const box = namespaceIn(lab, 'box')
      const found = await runTool(['ip', '-n', box, '-6', '-o', 'addr', 'show', 'dev', 'inside', 'scope', 'link'])
      const linkLocal = /inet6 ([^/ ]+)\//.exec(found)![1]!
      const before = await routerRules(lab)
      // Its first answer is lost: what it has opened by then must stay one that it deletes.
      const lossy =
        'table inet loss { chain in { type filter hook input priority 0; udp sport 5351 numgen inc mod 99 0 drop; }; }'
      await runTool(['ip', 'netns', 'exec', namespaceIn(lab, 'node'), 'nft', lossy])
      const [tcp] = await ask(lab, [['pcp', '2001:db8:3::1', 'map', request]])
      expect(tcp!.tookMs).toBeGreaterThan(499)
      const pinhole = { externalPort: 4001, externalAddress: node }
      expect(tcp!.result).toMatchObject({ outcome: 'mapped', mapping: pinhole })
      expect(await strangerReaches(lab, node)).toEqual({ tcp: 'yes', udp: 'no' })

      // As the gateway of a home nearly always is.
      const nodeNamespace = namespaceIn(lab, 'node')
      await runTool(['ip', '-n', nodeNamespace, '-6', 'route', 'replace', 'default', 'via', linkLocal, 'dev', 'eth0'])
      const [told, udp] = await ask(lab, [
        ['pcp', linkLocal, 'discover', node],
        ['pcp', linkLocal, 'map', { ...request, transport: 'udp', nonce: UDP.nonce }],
      ])
      expect(told!.result).toMatchObject({ outcome: 'speaks' })
      expect(udp!.result).toMatchObject({ outcome: 'mapped', mapping: pinhole })
      expect(await strangerReaches(lab, node)).toEqual({ tcp: 'yes', udp: 'yes' })
      const mappings = [tcp!, udp!].map(({ result }) => (result as MapResult & { outcome: 'mapped' }).mapping)
      const deleted = await ask(
        lab,
        mappings.map((mapping) => ['pcp', linkLocal, 'unmap', mapping]),
      )
      expect(deleted.map(({ result }) => result)).toEqual(['deleted', 'deleted'])
      expect(await routerRules(lab)).toBe(before)
      expect(await strangerReaches(lab, node)).toEqual({ tcp: 'no', udp: 'no' })

      // miniupnpd 2.3.1 with nftables loses the nonce of a pinhole when it is renewed, and then deletes it for nobody.
      const stuck = await ask(lab, [
        ['pcp', linkLocal, 'map', request],
        ['pcp', linkLocal, 'renew', 'last', 3600],
        ['pcp', linkLocal, 'unmap', 'last'],
      ])
      expect(stuck[2]!.result).toBe('refused')
      // This one has no UPnP: what cannot be shut is kept as short as it will have it.
      const { mapping } = stuck[1]!.result as MapResult & { outcome: 'mapped' }
      const [left] = (await undo(lab, mapping)) as [{ outcome: string; why: Message }]
      expect(left).toMatchObject({ outcome: 'left', why: { params: { why: { id: 'error.of.router-refuses' } } } })
      expect(left.why.params.seconds).toBeLessThanOrEqual(120)
    })
  })

  test('shuts by UPnP the pinhole that it will not delete by PCP', async () => {
    await inLab(homePcp.replace(/portMapping: .*/, 'portMapping: [upnp, nat-pmp, pcp]'), async (lab) => {
      const before = await routerRules(lab)
      const gateway = '2001:db8:3::1'
      const [, renewed] = await ask(lab, [
        ['pcp', gateway, 'map', { ...REQUEST, internal: { address: '2001:db8:3::a', port: 4001 } }],
        ['pcp', gateway, 'renew', 'last', 3600],
      ])
      const { mapping } = renewed!.result as MapResult & { outcome: 'mapped' }
      expect(await undo(lab, mapping)).toEqual([{ outcome: 'undone' }])
      expect(await routerRules(lab)).toBe(before)
    })
  })

  test('that is not there costs nothing', async () => {
    await inLab(homeUpnp.replace(/portMapping: .*/, 'portMapping: []'), async (lab) => {
      const results = await ask(lab, [
        ['pcp', GATEWAY, 'discover', NODE],
        ['nat-pmp', GATEWAY, 'discover', NODE],
        ['pcp', GATEWAY, 'map', REQUEST],
      ])
      expect(results.map(({ result }) => (result as { outcome: string }).outcome)).toEqual([
        'closed',
        'closed',
        'silent',
      ])
      for (const { tookMs } of results) expect(tookMs).toBeLessThan(500)
    })
  })
})

async function ask(lab: LabState, calls: readonly (readonly unknown[])[]) {
  const { status, stdout, stderr } = await runInside(lab, 'node', [process.execPath, askScript, JSON.stringify(calls)])
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as { readonly result: unknown; readonly tookMs: number }[]
}

/** Takes back a change of the journal that is this mapping. */
async function undo(lab: LabState, mapping: PortMapping): Promise<unknown> {
  const { protocol, gateway, transport, internal, token } = mapping
  const request = { protocol, gateway, transport, internal, suggestedPort: 4001, lifetimeSeconds: 3600, nonce: token }
  const asked = { do: 'undo', changes: [{ id: 'abcd1234', kind: 'port-mapping', request, mapping }] }
  const command = ['sh', '-c', `echo '${JSON.stringify(asked)}' | ${process.execPath} ${agent}`]
  const { stdout } = await runInside(lab, 'node', command)
  return JSON.parse(stdout.trim().split('\n').at(-1)!).result
}

/** natpmpc retries without pause against a router that refuses: it is given five seconds. */
async function natpmpc(lab: LabState, ...args: readonly string[]): Promise<string> {
  const ran = await runInside(lab, 'node', ['natpmpc', '-g', GATEWAY, ...args], { timeoutMs: 5000 })
  return ran.stdout
}

async function strangerReaches(lab: LabState, address: string): Promise<{ tcp: string; udp: string }> {
  const targets = [`tcp:${address}:4001`, `udp:${address}:4001`]
  const { stdout } = await runInside(lab, 'stranger', [process.execPath, strangerScript, ...targets])
  const reached = JSON.parse(stdout) as Record<string, string>
  return { tcp: reached[targets[0]!]!, udp: reached[targets[1]!]! }
}

function routerRules(lab: LabState): Promise<string> {
  return runTool(['ip', 'netns', 'exec', namespaceIn(lab, 'box'), 'nft', 'list', 'ruleset'])
}

function namespaceIn(lab: LabState, host: string): string {
  return lab.namespaces.find((name) => name.endsWith(`-${host}`))!
}

let labs = 0
async function inLab(source: string, use: (lab: LabState) => Promise<void>): Promise<void> {
  const parsed = parseTopology(source, 'home-upnp.yaml')
  if (!parsed.ok) throw new Error('the topology has mistakes')
  labs += 1
  const lab = `mappers.${process.pid}.${labs}`
  const state = await bringUp(parsed.topology, { lab, file: 'mappers.real.test.ts', owner: ownProcess() })
  try {
    await use(state)
  } finally {
    await takeDown(state)
  }
}
