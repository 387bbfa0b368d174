import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { message } from '../../src/model/message.ts'
import type { Change } from '../../src/remedy/change.ts'
import type { JournalEntry } from '../../src/remedy/journal.ts'
import type { FixedChange } from '../../src/remedy/repair-result.ts'
import { renderChanges } from '../../src/report/change-lines.ts'
import { reportChange, reportPlanned } from '../../src/report/change-report.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'

const schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile({
  ...schema,
  $ref: '#/$defs/change',
  required: [],
  properties: {},
  additionalProperties: true,
})

const INTERNAL = { address: '192.168.1.10', port: 4001 }
const REQUEST = {
  protocol: 'pcp' as const,
  gateway: '192.168.1.1',
  transport: 'udp' as const,
  internal: INTERNAL,
  suggestedPort: 4001,
  lifetimeSeconds: 86_400,
  nonce: '0'.repeat(24),
}
const MAPPING = {
  ...REQUEST,
  externalPort: 4002,
  externalAddress: '203.0.113.7',
  grantedAtMs: 1_767_225_600_000,
  epochSeconds: 1000,
  token: REQUEST.nonce,
  description: 'peerway:aaaaaaa7',
}

const CHANGES: readonly Change[] = [
  {
    id: 'aaaaaaa0',
    kind: 'nft-rule',
    family: 'inet',
    table: 'filter',
    chain: 'input',
    before: null,
    rule: 'tcp dport 4001 accept',
  },
  {
    id: 'aaaaaaa1',
    kind: 'iptables-rule',
    backend: 'legacy',
    family: 'ipv6',
    table: 'filter',
    chain: 'INPUT',
    before: '-j REJECT',
    rule: ['-p', 'tcp', '--dport', '4001', '-j', 'ACCEPT'],
  },
  { id: 'aaaaaaa2', kind: 'ufw-rule', rule: ['allow', '4001/tcp'], before: null },
  {
    id: 'aaaaaaa3',
    kind: 'firewalld-port',
    zone: 'public',
    port: '4001/tcp',
    configuration: 'runtime',
    ownFile: false,
  },
  { id: 'aaaaaaa4', kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' },
  { id: 'aaaaaaa5', kind: 'file', path: '/etc/nftables.conf', from: 'a', to: 'b' },
  { id: 'aaaaaaa6', kind: 'file', path: '/etc/sysctl.d/60-peerway.conf', from: null, to: 'b' },
  { id: 'aaaaaaa7', kind: 'port-mapping', request: REQUEST, mapping: MAPPING },
  {
    id: 'aaaaaaa8',
    kind: 'node-setting',
    node: 'ipfs',
    at: { address: '127.0.0.1', port: 5001 },
    key: 'Addresses.AppendAnnounce',
    from: null,
    add: ['/ip4/203.0.113.7/tcp/4001'],
  },
  {
    id: 'aaaaaaa9',
    kind: 'node-value',
    node: 'ipfs',
    at: { address: '127.0.0.1', port: 5001 },
    key: 'Swarm.RelayClient.Enabled',
    from: null,
    to: true,
  },
]

function entryOf(change: Change): JournalEntry {
  const untilReboot = change.kind === 'iptables-rule'
  const purpose = { remedy: 'allow-in-host-firewall', clears: [], endpoints: ['tcp/ipv4/4001'] } as const
  return { ...purpose, change, keeps: null, untilReboot, state: 'made', atMs: 1 }
}

const FATES: readonly FixedChange[] = CHANGES.map((change, index) => {
  const entry = entryOf(change)
  if (index === 5) return { entry, state: 'taken-back' }
  if (index === 6) return { entry, state: 'left', why: message('error.left.rule-changed') }
  return { entry, state: 'kept', isProven: index !== 4 && index < 8 }
})

describe.each(LANGUAGES)('changes in %s', (language) => {
  const options = { color: false, width: 80, language }

  test('as they were made', async () => {
    const text = renderChanges(
      FATES.map((fate) => reportChange(fate, language)),
      options,
    )
    await expect(text).toMatchFileSnapshot(`./golden/changes.${language}.golden.txt`)
  })

  test('as they would be made', async () => {
    const text = renderChanges(
      CHANGES.map((change) => reportPlanned(entryOf(change), language)),
      options,
    )
    await expect(text).toMatchFileSnapshot(`./golden/plan.${language}.golden.txt`)
  })

  test('are valid by the published schema', () => {
    const all = [...FATES.map((fate) => reportChange(fate, language)), reportPlanned(entryOf(CHANGES[0]!), language)]
    for (const one of all) {
      validate(JSON.parse(JSON.stringify(one)))
      expect(validate.errors, JSON.stringify(one)).toBeNull()
    }
  })
})

test.each([
  ['planned', 1],
  ['kept', 1],
  ['taken-back', 0],
] as const)('UPnP comes with its warning, once: %s', (state, times) => {
  const entry: JournalEntry = { ...entryOf(CHANGES[7]!), remedy: 'map-port-upnp' }
  const change = reportChange(
    state === 'taken-back' ? { entry, state } : { entry, state: 'kept', isProven: true },
    'en',
  )
  const one = state === 'planned' ? reportPlanned(entry, 'en') : change
  const text = renderChanges([one, one], { color: false, width: 80, language: 'en' })
  expect(text.split('UPnP is often broken')).toHaveLength(times + 1)
})

test('without any, nothing is said', () => {
  expect(renderChanges([], { color: false, width: 80, language: 'en' })).toBe('')
})
