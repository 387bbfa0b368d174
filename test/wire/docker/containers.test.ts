import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeContainerList, decodeContainerPid, decodeNetworkDrivers } from '../../../src/wire/docker/containers.ts'

const ID = '812477fa309138798ddc065e2e9ee3c78ed718cf1469598e0c9ee427c3d59954'

/** As dockerd 20.10.24 lists a container, a little shortened. */
const LISTED = {
  Id: ID,
  Names: ['/other/alias', '/node'],
  Image: 'parity/polkadot:v1.2',
  Command: '/bin/node --key hunter2',
  Ports: [
    { IP: '0.0.0.0', PrivatePort: 30333, PublicPort: 4001, Type: 'tcp' },
    { IP: '::', PrivatePort: 30333, PublicPort: 4001, Type: 'tcp' },
    { PrivatePort: 9944, Type: 'tcp' },
    { IP: '127.0.0.1', PrivatePort: 7, PublicPort: 7, Type: 'sctp' },
  ],
  Labels: { maintainer: 'a\nb', 'com.docker.compose.service': 'node' },
  HostConfig: { NetworkMode: 'default' },
  NetworkSettings: {
    Networks: {
      bridge: {
        NetworkID: 'e04f',
        IPAddress: '172.17.0.2',
        GlobalIPv6Address: '',
        Gateway: '172.17.0.1',
        IPv6Gateway: '',
      },
    },
  },
}

const listed = (changes: object = {}) => decodeContainerList(JSON.stringify([{ ...LISTED, ...changes }]))

test('a container as Docker lists it, and only what is asked for', () => {
  expect(listed()).toEqual({
    ok: true,
    value: [
      {
        id: ID,
        name: 'node',
        image: 'parity/polkadot:v1.2',
        networkMode: 'default',
        networks: [{ name: 'bridge', id: 'e04f', addresses: ['172.17.0.2'], gateways: ['172.17.0.1'] }],
        published: [
          { transport: 'tcp', port: 30333, hostPort: 4001, hostAddress: '0.0.0.0' },
          { transport: 'tcp', port: 30333, hostPort: 4001, hostAddress: '::' },
        ],
        compose: { service: 'node', file: null },
      },
    ],
  })
})

test.each([
  ['no ports', { Ports: null }],
  ['no labels', { Labels: null }],
  ['no networks', { NetworkSettings: { Networks: null } }],
  ['no host configuration', { HostConfig: undefined }],
  ['an exposed port with the number 0', { Ports: [{ PrivatePort: 1, PublicPort: 0, Type: 'udp' }] }],
  [
    'a port that is published on no address in particular',
    { Ports: [{ IP: '', PrivatePort: 1, PublicPort: 2, Type: 'udp' }] },
  ],
])('%s is no fault', (_name, changes) => expect(listed(changes).ok).toBe(true))

test.each([
  ['an id that leads elsewhere', { Id: '../../../networks' }],
  ['a name with a command in it', { Names: ['/x;reboot'] }],
  ['an image with a command in it', { Image: 'x $(reboot)' }],
  ['an image that looks like an option', { Image: '--privileged' }],
  ['a service with an escape sequence', { Labels: { 'com.docker.compose.service': '\u001b[2J' } }],
  ['an address that is none', { Ports: [{ IP: '1.2.3', PrivatePort: 1, PublicPort: 1, Type: 'tcp' }] }],
  ['a port out of range', { Ports: [{ IP: '::', PrivatePort: 65_536, PublicPort: 1, Type: 'tcp' }] }],
  ['a network mode with a space', { HostConfig: { NetworkMode: 'a b' } }],
])('%s spoils the list', (_name, changes) => {
  expect(listed(changes)).toEqual({ ok: false, code: 'unexpected', offset: 0 })
})

describe('the id of the first process', () => {
  test.each([
    ['of a container that runs', '{"State":{"Pid":812},"Config":{"Env":["SECRET=x"]}}', 812],
    ['of one that runs no more', '{"State":{"Pid":0}}', null],
  ])('%s', (_name, body, value) => expect(decodeContainerPid(body)).toEqual({ ok: true, value }))
  test('is no fraction', () => expect(decodeContainerPid('{"State":{"Pid":1.5}}').ok).toBe(false))
})

test('the drivers of networks', () => {
  const body = JSON.stringify([{ Id: 'e04f', Driver: 'macvlan', Options: { parent: 'eth0' } }])
  expect(decodeNetworkDrivers(body)).toEqual({ ok: true, value: new Map([['e04f', 'macvlan']]) })
})

test('random JSON and random text never throw', () => {
  const some = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.object()).map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(some, (body) => {
      for (const decode of [decodeContainerList, decodeContainerPid, decodeNetworkDrivers]) {
        expect(typeof decode(body).ok).toBe('boolean')
      }
    }),
  )
})

test('a list cut short at any place is told from a whole one', () => {
  const whole = JSON.stringify([LISTED])
  for (let length = 0; length < whole.length; length++) {
    expect(decodeContainerList(whole.slice(0, length)).ok).toBe(false)
  }
})
