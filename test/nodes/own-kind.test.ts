import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countInLog, countPeers, ownKind, placesIn } from '../../src/nodes/own-kind.ts'
import { parseOwnKind } from '../../src/nodes/parse-own-kind.ts'
import { NodePlace } from '../../src/nodes/place.ts'
import { valueAt } from '../../src/nodes/value-at.ts'
import { renderMessage } from '../../src/report/render-message.ts'
import { problemsMessage } from '../../src/topology/problem.ts'
import { answeringHost } from './answering-host.ts'

const DOCUMENTED = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/own-nodes.md', 'utf8'))![1]!

function lightning() {
  const parsed = parseOwnKind(DOCUMENTED, 'lightning.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

describe('the file', () => {
  test('the documented one is read', () => {
    expect(lightning()).toMatchObject({
      file: 'lightning.yaml',
      name: 'lightning',
      ports: [{ transport: 'tcp', port: 9735 }],
      adminPorts: [{ port: 9835, service: 'rpc' }],
      peers: { at: 'peers', inbound: { key: 'direction', is: 'in' }, wanted: { min: 8, max: 20 }, outbound: 8 },
      restart: 'systemctl restart lightningd',
    })
  })

  test('the shortest one is read', () => {
    expect(parseOwnKind('node: 1\nname: x\nports: [udp/9]\n', 'f')).toMatchObject({ ok: true, value: { api: null } })
  })

  test.each([
    ['', 'f:1:1: found nothing'],
    ['[]', 'found a list'],
    ['node: 2\nname: x\nports: [udp/9]', 'f:1:7: node: found 2'],
    ['node: 1\nname: X\nports: [udp/9]', 'f:2:7: name: found "X"'],
    ['node: 1\nname: x\nports: [9]', 'ports[0]: found 9'],
    ['node: 1\nname: x\nports: [sctp/9]', 'a port such as tcp/4001'],
    ['node: 1\nname: x\nports: [udp/70000]', 'a port such as tcp/4001'],
    ['node: 1\nname: x\nports: [udp/9]\nport: 1', 'the unknown key "port"'],
    ['node: 1\nname: x\nports: [udp/9]\nprotocols: [quick]', 'did you mean "quic"?'],
    ['node: 1\nname: x\nports: [udp/9]\nadminPorts: { x: rpc }', 'a port from 1 to 65535'],
    ['node: 1\nname: x\nports: [udp/9]\nversion: { path: /a, at: b }', '"api", the port that answers it'],
    ['node: 1\nname: x\nports: [udp/9]\napi: 1\nversion: { path: "/a b", at: b }', 'a path of a URL'],
    ['node: 1\nname: x\nports: [udp/9]\napi: 1\nversion: { path: "/a\\r\\nX: y", at: b }', 'a path of a URL'],
    ['node: 1\nname: x\nports: [udp/9]\napi: 1\nversion: { path: /a, at: "b..c" }', 'keys with dots'],
    ['node: 1\nname: x\nports: [udp/9]\npeersInLog: nothing', '{peers} in it once'],
    ['node: 1\nname: x\nports: [udp/9]\nannounce: nothing', '{address} in it'],
    ['node: 1\nname: x\nports: [udp/9]\nrestart: "a\\u001b[2J"', 'one line'],
    [`node: 1\nname: x\nports: [${'udp/9, '.repeat(40)}]`, 'at most 32'],
    ['a: &a [x]\nb: *a', 'the alias *a'],
    ['x'.repeat(300_000), 'at most 262144'],
  ])('%j is refused', (source, said) => {
    const parsed = parseOwnKind(source.slice(0, 300_000), 'f')
    expect(parsed.ok).toBe(false)
    const all = parsed.ok ? '' : renderMessage(problemsMessage(parsed.problems), 'en')
    expect(all).toContain(said)
  })
})

describe('what it answers', () => {
  test.each([
    [{ a: { b: [5, 6] } }, 'a.b.1', 6],
    [{ a: 1 }, 'a.b', undefined],
    [{ a: 1 }, 'constructor', undefined],
    [{ a: [1] }, 'a.length', undefined],
    [null, 'a', undefined],
  ])('%j at %s is %j', (json, path, value) => {
    expect(valueAt(json, path)).toEqual(value)
  })

  test.each([
    [7, { peers: 7, inbound: null }],
    [[{ direction: 'in' }, { direction: 'out' }, {}, null], { peers: 4, inbound: 1 }],
    [{ a: { direction: 'in' } }, { peers: 1, inbound: 1 }],
    [-1, undefined],
    ['7', undefined],
    [undefined, undefined],
  ])('%j is %j peers', (answer, counted) => {
    const told = countPeers(lightning(), answer)
    if (counted === undefined) expect(told).toBeUndefined()
    else expect(told).toMatchObject({ ...counted, wanted: { min: 8, max: 20 }, outboundQuota: 8, from: 'api' })
  })

  test.each([
    [['INFO a: 3 peers connected', 'INFO b: 4 peers connected', 'other'], 4],
    [['x INFO : 12 peers connected y'], 12],
    [['INFO 3 peers connected'], undefined],
    [['INFO *: many peers connected'], undefined],
    [['INFO : 12345678 peers connected'], undefined],
    [[], undefined],
  ])('the log %j tells %j', (lines, peers) => {
    expect(countInLog(lightning(), lines)?.peers).toBe(peers)
  })

  test('a line of a million characters, and a pattern of many asterisks, take no time', () => {
    const own = { peersInLog: `${'a*'.repeat(200)}{peers}`, peers: null }
    const startedMs = performance.now()
    expect(countInLog(own, new Array(400).fill('a'.repeat(1_000_000)))).toBeUndefined()
    expect(performance.now() - startedMs).toBeLessThan(2000)
  })

  test('addresses as multiaddrs, and as people write them', () => {
    expect(placesIn(['/ip4/203.0.113.7/tcp/9', '02ab@198.51.100.1:9735', '[2001:db8::1]:1', 'nonsense', 7])).toEqual([
      { transport: 'tcp', address: '203.0.113.7', name: null, port: 9, isDirect: true },
      { transport: 'tcp', address: '198.51.100.1', name: null, port: 9735, isDirect: true },
      { transport: 'tcp', address: '2001:db8::1', name: null, port: 1, isDirect: true },
    ])
  })

  test('it is asked where it lives, and tells', async () => {
    const answers: Record<string, unknown> = {
      'GET /v1/getinfo': { version: 'v24', address: ['203.0.113.7:9735'] },
      'POST /v1/listpeers': { peers: [{ direction: 'in' }, { direction: 'out' }] },
    }
    const host = answeringHost({
      answers: { '127.0.0.1:9835': (line) => ({ body: JSON.stringify(answers[line]) }) },
    })
    const sockets = [{ transport: 'tcp', address: '127.0.0.1', port: 9835, families: ['ipv4'] }] as const
    const told = await ownKind(lightning()).ask(new NodePlace({ host, pid: null, container: null, sockets }))
    expect(told).toMatchObject({
      access: 'answered',
      asked: 'http://127.0.0.1:9835/',
      version: 'v24',
      peers: [{ peers: 2, inbound: 1 }],
      addresses: { announced: [{ address: '203.0.113.7', port: 9735 }] },
    })
  })

  test('how to have it announce an address', () => {
    const places = [{ transport: 'tcp', external: { address: '203.0.113.7', port: 9735 } }] as const
    expect(ownKind(lightning()).announcing?.steps(places)).toEqual([
      { id: 'step.own-announce', params: { command: 'lightning-cli setconfig announce-addr 203.0.113.7:9735' } },
      { id: 'step.own-restart', params: { command: 'systemctl restart lightningd' } },
    ])
  })
})
