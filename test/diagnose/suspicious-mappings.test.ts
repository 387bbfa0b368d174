import { expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { suspiciousMappings } from '../../src/diagnose/suspicious-mappings.ts'
import type { AddressesFact, GatewayMapping } from '../../src/model/evidence.ts'
import { renderMessage } from '../../src/report/render-message.ts'
import { run } from './evidence.ts'

const OWN = '192.168.1.10'
const addresses: AddressesFact = {
  addresses: [{ interface: 'eth0', address: OWN, family: 'ipv4', prefixLength: 24 }],
  defaultRoutes: [],
  source: { ipv4: OWN, ipv6: null },
}

const mapping = (port: number, address = '192.168.1.11', externalPort = port): GatewayMapping => ({
  transport: 'tcp',
  externalPort,
  internal: { address, port },
  description: '',
})

function warnings(mappings: readonly GatewayMapping[] | null) {
  const gateway = { family: 'ipv4', address: '192.168.1.1', answers: [], mappings, refusedLocations: [] } as const
  const evidence = run({ probe: 'addresses', value: addresses }, { probe: 'gateways', value: { gateways: [gateway] } })
  return suspiciousMappings(new Findings(evidence))
}

test.each<[string, readonly GatewayMapping[] | null, number]>([
  ["another machine's SMB", [mapping(445)], 1],
  ["another machine's SMB behind another port", [mapping(445, '192.168.1.11', 40_000)], 1],
  ["another machine's RDP and Telnet", [mapping(3389), mapping(23)], 2],
  ["another machine's node", [mapping(4001)], 0],
  ["another machine's web server on an external port of SMB", [mapping(8080, '192.168.1.11', 445)], 0],
  ["this host's own", [mapping(445, OWN)], 0],
  ['an empty table', [], 0],
  ['a table that is not shown', null, 0],
])('%s', (_, mappings, count) => expect(warnings(mappings)).toHaveLength(count))

test('a warning names the machine, the service and the evidence', () => {
  const [warning] = warnings([mapping(3389, '192.168.1.11', 33_890)])
  expect(warning).toMatchObject({ id: 'suspicious-mapping', evidence: ['e2'] })
  expect(renderMessage(warning!.text, 'en')).toContain(
    'The router 192.168.1.1 forwards tcp/33890 to RDP (port 3389) of another machine, 192.168.1.11.',
  )
})
