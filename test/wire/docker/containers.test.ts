import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeContainerInspection,
  decodeContainerList,
  decodeNetworkDrivers,
} from '../../../src/wire/docker/containers.ts'

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

describe('the id of the first process and its network', () => {
  test.each([
    [
      'of a container that runs',
      '{"State":{"Pid":812},"Config":{"Env":["SECRET=x"]}}',
      { pid: 812, networkMode: null },
    ],
    ['of one that runs no more', '{"State":{"Pid":0}}', { pid: null, networkMode: null }],
    ['as Podman tells it', '{"State":{"Pid":9},"HostConfig":{"NetworkMode":"host"}}', { pid: 9, networkMode: 'host' }],
  ])('%s', (_name, body, value) => expect(decodeContainerInspection(body)).toEqual({ ok: true, value }))
  test('is no fraction', () => expect(decodeContainerInspection('{"State":{"Pid":1.5}}').ok).toBe(false))
})

test('the drivers of networks', () => {
  const body = JSON.stringify([{ Id: 'e04f', Driver: 'macvlan', Options: { parent: 'eth0' } }])
  expect(decodeNetworkDrivers(body)).toEqual({ ok: true, value: new Map([['e04f', 'macvlan']]) })
})

/** As Podman 4.3.1 as root lists containers with a port published, in the host's network and in a macvlan, shortened. */
const BY_PODMAN = {
  containers: `[
    {"Id":"d4dd6838c7c4d438c9fa514580e39a015d3ddfda29ad7d9e6502aa1f4a6166cf","Names":["/served"],"Image":"localhost/peerway-test:1","Command":"/bin/node","Created":1795570813,"Ports":[{"PrivatePort":4001,"PublicPort":5001,"Type":"tcp"},{"PrivatePort":4001,"PublicPort":5001,"Type":"udp"}],"Labels":{},"State":"running","Status":"Up 2 seconds","NetworkSettings":{"Networks":{"podman":{"IPAMConfig":null,"Links":null,"Aliases":["d4dd6838c7c4"],"NetworkID":"podman","EndpointID":"","Gateway":"10.88.0.1","IPAddress":"10.88.0.4","IPPrefixLen":16,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"MacAddress":"0e:4e:cd:ec:81:7f","DriverOpts":null}}},"Mounts":[],"Name":"","Config":null,"NetworkingConfig":null,"Platform":null,"AdjustCPUShares":false},
    {"Id":"c506b4815fe8118fd3dd3f734f1f0ec942c58477c1caf8387ccfa3e3f69f18c9","Names":["/hostnet"],"Image":"localhost/peerway-test:1","Ports":[],"Labels":{},"NetworkSettings":{"Networks":null}},
    {"Id":"1a841b3f91bcb13a646f7fea2753c7f440eec98f57ca2f2aa8a23b75be739567","Names":["/apart"],"Image":"localhost/peerway-test:1","Ports":[],"Labels":{},"NetworkSettings":{"Networks":{"lan":{"NetworkID":"lan","EndpointID":"","Gateway":"203.0.113.1","IPAddress":"203.0.113.65","IPPrefixLen":24,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0}}}}
  ]`,
  networks: `[
    {"Name":"bridge","Id":"2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9","Driver":"bridge"},
    {"Name":"lan","Id":"094a367b9f37f223e3186033f61afc2bf02bd9a0","Driver":"macvlan"}
  ]`,
}

test('Podman names networks where Docker gives their ids, and keeps silent about the host’s own', () => {
  const list = decodeContainerList(BY_PODMAN.containers)
  const drivers = decodeNetworkDrivers(BY_PODMAN.networks)
  if (!list.ok || !drivers.ok) throw new Error('not read')
  const told = list.value.map(({ name, networkMode, networks }) => {
    return [name, networkMode, ...networks.map(({ id, addresses }) => [drivers.value.get(id ?? ''), ...addresses])]
  })
  expect(told).toEqual([
    // Its default network is called podman here and bridge there.
    ['served', '', [undefined, '10.88.0.4']],
    ['hostnet', ''],
    ['apart', '', ['macvlan', '203.0.113.65']],
  ])
})

test('random JSON and random text never throw', () => {
  const some = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.object()).map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(some, (body) => {
      for (const decode of [decodeContainerList, decodeContainerInspection, decodeNetworkDrivers]) {
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
