import { describe, expect, test } from 'vitest'
import type { Container, ListeningSocket } from '../../src/model/evidence.ts'
import { findNodes, imageName } from '../../src/nodes/find-nodes.ts'
import { ALL_KINDS } from '../../src/nodes/kinds.ts'

export function socket(process: string | null, port: number, options: Partial<ListeningSocket> = {}): ListeningSocket {
  return {
    transport: 'tcp',
    address: '0.0.0.0',
    port,
    families: ['ipv4'],
    process,
    pid: process === null ? null : 10,
    namespace: null,
    ...options,
  }
}

export const CONTAINER: Container = {
  id: '812477fa3091',
  name: 'ipfs_host',
  image: 'ipfs/kubo:v0.42.0',
  engine: 'docker',
  compose: null,
  networkMode: 'bridge',
  networks: [{ name: 'bridge', driver: 'bridge', addresses: ['172.17.0.2'] }],
  isBehindHost: true,
  published: [{ transport: 'tcp', address: '0.0.0.0', port: 4001, hostPort: 14001 }],
  pid: 812,
  listening: [{ transport: 'tcp', address: '0.0.0.0', port: 4001, families: ['ipv4'] }],
}

const names = (sockets: readonly ListeningSocket[], containers: readonly Container[] = []) =>
  findNodes(ALL_KINDS, { sockets, containers }).map(
    ({ kind, foundBy, container }) => `${kind.name} ${foundBy} ${container?.name ?? '-'}`,
  )

describe('a node is known by', () => {
  test('the program that holds its sockets', () => {
    expect(names([socket('ipfs', 4001), socket('ipfs', 5001), socket('sshd', 22)])).toEqual(['ipfs process -'])
  })
  test('the image of its container', () => {
    expect(names([], [CONTAINER])).toEqual(['ipfs container ipfs_host'])
  })
  test('the program in a container whose image says nothing', () => {
    const sockets = [socket('ipfs', 4001, { namespace: CONTAINER.id })]
    expect(names(sockets, [{ ...CONTAINER, image: 'my/image' }])).toEqual(['ipfs process ipfs_host'])
  })
  test("both, where the container lives in the host's network: then it is one node", () => {
    const shared = { ...CONTAINER, networkMode: 'host', published: [], listening: null }
    expect(names([socket('ipfs', 4001)], [shared])).toEqual(['ipfs process ipfs_host'])
  })
})

describe('no node is', () => {
  test('a program in a network namespace of its own that is no container', () => {
    expect(names([socket('ipfs', 4001, { namespace: 'ipfs[812]' })])).toEqual([])
  })
  test('a program of another name on the usual port', () => {
    expect(names([socket('nginx', 4001)])).toEqual([])
  })
})

test('two processes are two nodes, the one on the usual ports first', () => {
  const found = findNodes(ALL_KINDS, {
    sockets: [socket('ipfs', 4011, { pid: 1 }), socket('ipfs', 4001, { pid: 2 })],
    containers: [],
  })
  expect(found.map(({ pid }) => pid)).toEqual([2, 1])
})

test.each([
  ['ipfs/kubo', 'ipfs/kubo'],
  ['ipfs/kubo:v0.42.0', 'ipfs/kubo'],
  ['docker.io/ipfs/kubo:latest@sha256:0123', 'ipfs/kubo'],
  ['localhost:5000/ipfs/kubo', 'ipfs/kubo'],
  ['registry.example/ipfs/kubo', 'ipfs/kubo'],
])('the image %s is %s', (image, name) => {
  expect(imageName(image)).toBe(name)
})
