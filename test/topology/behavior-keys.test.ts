import { describe, expect, test } from 'vitest'
import { planLab } from '../../src/lab/lab-plan.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { renderMessage } from '../../src/report/render-message.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { problemsMessage } from '../../src/topology/problem.ts'

interface Given {
  readonly host?: string
  readonly router?: string
  readonly filter?: string
  readonly link?: string
  readonly more?: string
}

/** A host, a router and a provider, with more words at one place. */
function parse({ host = '', router = '', filter = '', link = '', more = '' }: Given) {
  return parseTopology(
    `topology: 1
title: A test
networks:
  net: { ipv4: 198.51.100.0/24, ipv6: "2001:db8::/64" }
  access: { ipv4: 203.0.113.0/24 }
  home: { ipv4: 192.168.1.0/24 }
  bridge: { ipv4: 172.17.0.0/16 }
  spare: { ipv4: 10.1.0.0/16 }
hosts:
  a: { network: home${host} }
routers:
  r: { inside: home, outside: access, nat: { ${router === '' ? 'mapping: endpoint-independent, filtering: endpoint-independent' : router} } }
providers:
  p: { inside: access, outside: net, filters: [${filter}] }
links: [${link}]
${more}`,
    'f.yaml',
  )
}

function mistakes(given: Given): readonly string[] {
  const parsed = parse(given)
  return parsed.ok
    ? []
    : renderMessage(problemsMessage(parsed.problems), 'en')
        .split('\n')
        .map((line) => line.replace(/^f\.yaml:\d+:\d+: /, ''))
}

function topologyOf(given: Given) {
  const parsed = parse(given)
  if (!parsed.ok) throw new Error(mistakes(given).join('\n'))
  return parsed.topology
}

const EIM = 'mapping: endpoint-independent, filtering: endpoint-independent'
const APDM = 'mapping: address-and-port-dependent, filtering: address-and-port-dependent'

describe('what goes wrong with', () => {
  test.each<readonly [string, Given, string]>([
    [
      'overtaking without jitter',
      { link: '{ from: r, to: access, reorderPercent: 5 }' },
      'links[0]: found reorderPercent without jitterMs, expected jitterMs with it: what is not held back is not overtaken',
    ],
    [
      'an MTU that nothing has',
      { link: '{ from: r, to: access, mtu: 68 }' },
      'links[0].mtu: found 68, expected bytes from 576 to 1500',
    ],
    [
      'an MTU that ends IPv6',
      { link: '{ from: p, to: net, mtu: 1000 }' },
      'links[0]: found an MTU of 1000 where there is IPv6, expected at least 1280 (RFC 8200)',
    ],
    [
      'a payload in no words',
      { filter: '{ direction: in, transport: udp, payload: {} }' },
      'providers.p.filters[0].payload: found neither, expected either text or hex',
    ],
    [
      'half a byte',
      { filter: '{ direction: in, transport: udp, payload: { hex: 123 } }' },
      'providers.p.filters[0].payload.hex: found 123, expected pairs of hexadecimal digits, such as 13426974',
    ],
    [
      'an empty payload',
      { filter: '{ direction: in, transport: udp, payload: { text: "" } }' },
      'providers.p.filters[0].payload: found 0 bytes, expected 1 to 64 bytes',
    ],
    [
      'a payload of whatever',
      { filter: '{ direction: in, payload: { text: x } }' },
      'providers.p.filters[0]: found payload without a transport, expected transport udp, tcp or both with it',
    ],
    [
      'a reset of UDP',
      { filter: '{ direction: in, transport: both, action: reset }' },
      'providers.p.filters[0]: found action reset with transport both, expected transport tcp with it',
    ],
    [
      'a handshake with payload',
      { filter: '{ direction: in, transport: tcp, action: syn-proxy, payload: { text: x } }' },
      'providers.p.filters[0]: found action syn-proxy with payload, expected another action with it, as no handshake has any',
    ],
    [
      'ports told twice',
      { router: `${EIM}, ports: random, portPreservation: no` },
      'routers.r.nat: found both ports and portPreservation, expected at most one of them',
    ],
    [
      'ports kept by destination',
      { router: `${APDM}, ports: overloaded` },
      'routers.r.nat: found ports: overloaded with mapping address-and-port-dependent, expected endpoint-independent mapping with it',
    ],
    [
      'ports changed by destination',
      { router: `${APDM}, ports: changed` },
      'routers.r.nat: found ports: changed with mapping address-and-port-dependent, expected endpoint-independent mapping with it',
    ],
    [
      'ports in another word',
      { router: `${EIM}, ports: contigous` },
      'routers.r.nat.ports: found "contigous", expected one of preserved, overloaded, changed, contiguous, random (did you mean "contiguous"?)',
    ],
    [
      'no time at all',
      { router: `${EIM}, icmpTimeoutSeconds: 0` },
      'routers.r.nat.icmpTimeoutSeconds: found 0, expected whole seconds from 1 to 86400',
    ],
    [
      'a host inside of itself',
      { host: ', inside: home' },
      'hosts.a: found its own network inside, expected another network',
    ],
    ['forwarding to nobody', { host: ', forwarding: no' }, 'hosts.a: found forwarding, expected inside with it'],
    [
      'two ways out of guests',
      { host: ', inside: access' },
      'hosts: found a second way out of "access" beside "p", expected one inside for each network',
    ],
    [
      'a circle of hosts',
      { more: '', host: ', inside: bridge }\n  b: { network: bridge, inside: net' },
      'hosts: found a circle through "a", expected a way to the outermost network',
    ],
    [
      'a router behind a host',
      { host: ', inside: bridge', more: 'carriers: { c: { inside: spare, outside: bridge, nat: none } }' },
      'carriers: found "c" behind the host "a", expected hosts alone there',
    ],
  ])('%s', (_, given, line) => expect(mistakes(given)[0]).toBe(line))
})

describe('what is left out', () => {
  test('is as it was before anybody could say it', () => {
    const { hosts, boxes, links } = topologyOf({ filter: '{ direction: in }', link: '{ from: r, to: access }' })
    expect(hosts[0]).toMatchObject({ inside: null, forwarding: false })
    expect(boxes[0]!.nat).toMatchObject({ ports: null, portPreservation: true, udpUnansweredTimeoutSeconds: null })
    expect(boxes[1]!.filters[0]).toMatchObject({ payload: null })
    expect(links[0]).toMatchObject({ jitterMs: 0, reorderPercent: 0, mtu: 1500 })
  })

  test('of what is said stays what was said', () => {
    const { boxes, hosts } = topologyOf({
      host: ', inside: bridge',
      router: `${EIM}, ports: overloaded`,
      filter:
        '{ direction: in, transport: udp, payload: { hex: 13426974 } }, { direction: in, transport: tcp, payload: { text: "é" } }',
    })
    expect(hosts[0]).toMatchObject({ inside: 'bridge', forwarding: true })
    expect(boxes[0]!.nat).toMatchObject({ ports: 'overloaded', portPreservation: true })
    expect(boxes[1]!.filters.map(({ payload }) => payload && [...payload])).toEqual([
      [0x13, 0x42, 0x69, 0x74],
      [0xc3, 0xa9],
    ])
  })
})

describe('the lab', () => {
  test.each([
    [
      `${EIM}, ports: random`,
      'the kernel cannot make "ports: random" with "mapping: endpoint-independent" of r; peerway sim can',
    ],
    [
      `${EIM}, ports: overloaded`,
      'the kernel cannot make "ports: overloaded" with "mapping: endpoint-independent" of r; peerway sim can',
    ],
    [`${EIM}, mostConnections: 9`, 'the kernel cannot make "mostConnections" of r; peerway sim can'],
    [`${APDM}, portParity: yes`, 'the kernel cannot make "portParity" of r; peerway sim can'],
    [`${EIM}, pooling: paired`, 'the kernel cannot make "pooling" of r; peerway sim can'],
    [`${EIM}, refresh: outbound`, 'the kernel cannot make "refresh: outbound" of r; peerway sim can'],
  ])('refuses in one line what the kernel cannot make: %s', (router, line) => {
    const plan = () => planLab(topologyOf({ router }))
    expect(plan).toThrow(PeerwayError)
    expect(plan).toThrow(line)
  })

  test('tells the kernel the rest', () => {
    const plan = planLab(
      topologyOf({
        host: ', inside: bridge, forwarding: no',
        router: `${APDM}, ports: contiguous, udpUnansweredTimeoutSeconds: 20, tcpClosingTimeoutSeconds: 9`,
        filter: '{ direction: in, transport: tcp, payload: { text: "0123456789abcdefgh" }, action: reset }',
        link: '{ from: r, to: access, mtu: 1400, jitterMs: 3, reorderPercent: 2 }',
      }),
    )
    const of = (name: string) => plan.namespaces.find((each) => each.name === name)!
    expect(of('r').ip).toContain('link set outside mtu 1400')
    expect(of('r').nft).toContain('snat to 203.0.113.2:numgen inc mod 20000 offset 40000')
    expect(Object.fromEntries(of('r').sysctls)).toMatchObject({
      'net/netfilter/nf_conntrack_udp_timeout': '20',
      'net/netfilter/nf_conntrack_udp_timeout_stream': '300',
      'net/netfilter/nf_conntrack_tcp_timeout_last_ack': '9',
    })
    expect(Object.fromEntries(of('a').sysctls)).toMatchObject({ 'net/ipv4/ip_forward': '0' })
    expect(of('a').ip).toContain('addr add 172.17.0.1/16 dev inside')
    expect(of('p').nft).toContain(
      '@ih,0,128 0x30313233343536373839616263646566 @ih,128,16 0x6768 meta mark set 1 dup to ip6 daddr',
    )
    expect(plan.cables.find(({ network, namespace }) => namespace === 'r' && network === 'access')).toMatchObject({
      jitterMs: 3,
      reorderPercent: 2,
      mtu: 1400,
    })
  })
})
