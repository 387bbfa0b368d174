import { expect, test } from 'vitest'
import type { AddressesFact } from '../../src/model/evidence.ts'
import { ipfs } from '../../src/nodes/ipfs.ts'
import type { NodeKind } from '../../src/nodes/node-kind.ts'
import { probeNode } from '../../src/probe/node.ts'
import { answeringHost } from './answering-host.ts'
import { socket } from './find-nodes.test.ts'

const NODES = [
  socket('ipfs', 4001, { pid: 10 }),
  socket('ipfs', 4001, { pid: 10, transport: 'udp' }),
  socket('ipfs', 5002, { pid: 11, address: '127.0.0.1' }),
  socket('ipfs', 4101, { pid: 11 }),
  socket('tor', 9001, { pid: 12 }),
]

const question = (kind: NodeKind | null, ports: readonly number[]) =>
  probeNode(answeringHost({ answers: {} }), {
    kind,
    ports: ports.map((port) => ({ transport: 'tcp', port })),
    around: { sockets: NODES, containers: [] },
    addresses: { addresses: [], defaultRoutes: [] } as unknown as AddressesFact,
  })

test('of several of one kind that on the usual ports is asked about, and the others are told with theirs', async () => {
  expect((await question(null, []))?.node).toMatchObject({
    kind: 'ipfs',
    ports: [
      { transport: 'tcp', port: 4001 },
      { transport: 'udp', port: 4001 },
    ],
    others: ['ipfs (tcp/4101)', 'tor'],
  })
})

test.each([null, ipfs])('whoever holds a port asked for is meant', async (kind) => {
  const found = await question(kind, [4101])
  expect(found?.node).toMatchObject({ kind: 'ipfs', others: [] })
  expect(found?.kind).toBe(ipfs)
})

test('a port that none of them holds is asked about all the same', async () => {
  expect((await question(ipfs, [4999]))?.node).toMatchObject({ kind: 'ipfs', others: ['ipfs (tcp/4101)'] })
})
