import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMessage } from '../../src/report/render-message.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { problemsMessage } from '../../src/topology/problem.ts'

const folder = new URL('../../topologies/', import.meta.url)

/** The messages that a file gives, as people read them. */
function mistakes(text: string): readonly string[] {
  const parsed = parseTopology(text, 'f.yaml')
  return parsed.ok ? [] : renderMessage(problemsMessage(parsed.problems), 'en').split('\n')
}

const HEAD = `topology: 1
title: A test
networks:
  net: { ipv4: 192.0.2.0/24 }
  lan: { ipv4: 10.0.0.0/24 }
`

test('mistakes are told in the language of whoever reads them', () => {
  const parsed = parseTopology(`${HEAD}hosts: { a: { network: nat, defaultRoute: maybe } }\nhost: {}\n`, 'f.yaml')
  const told = parsed.ok ? '' : renderMessage(problemsMessage(parsed.problems), 'fr').replaceAll('\u00a0', ' ')
  expect(told.split('\n')).toEqual([
    'f.yaml:6:24: hosts.a.network : trouvé : "nat" ; attendu : l\'un de : net, lan (vouliez-vous dire « net » ?)',
    'f.yaml:6:43: hosts.a.defaultRoute : trouvé : "maybe" ; attendu : yes ou no',
    expect.stringMatching(
      /^f\.yaml:7:1: trouvé : la clé inconnue « host » ; attendu : l'un de : topology, .* « hosts » \?\)$/,
    ),
  ])
})

describe('the mistakes of a file are told with their place, what was found and what was expected', () => {
  const rows: readonly (readonly [name: string, text: string, ...lines: readonly string[]])[] = [
    [
      'nothing at all',
      '',
      'f.yaml:1:1: found nothing, expected a map with topology, title, networks, hosts, routers, carriers, providers, vantages, links, truth',
    ],
    [
      'a list',
      '- 1',
      'f.yaml:1:1: found a list, expected a map with topology, title, networks, hosts, routers, carriers, providers, vantages, links, truth',
    ],
    [
      'broken YAML',
      'topology: [1',
      'f.yaml:1:13: found a line that is indented too little, or a bracket that nothing closes, expected YAML 1.2',
    ],
    ['a key twice', 'topology: 1\ntopology: 1\n', 'f.yaml:2:1: found a key that is there twice, expected YAML 1.2'],
    ['two documents', `${HEAD}---\na: 1\n`, 'f.yaml:6:1: found several documents in one file, expected YAML 1.2'],
    [
      'an alias',
      'topology: 1\ntitle: &t A test\nnetworks: *t\n',
      'f.yaml:3:11: found the alias *t, expected the value itself',
    ],
    [
      'another version',
      HEAD.replace('topology: 1', 'topology: 2'),
      'f.yaml:1:11: topology: found version 2, expected version 1',
    ],
    [
      'no title, no networks',
      'topology: 1\n',
      'f.yaml:1:1: found no key "title", expected "title" here',
      'f.yaml:1:1: found no key "networks", expected "networks" here',
    ],
    [
      'a misspelt key',
      `${HEAD}host: {}\n`,
      'f.yaml:6:1: found the unknown key "host", expected one of topology, title, networks, hosts, routers, carriers, providers, vantages, links, truth (did you mean "hosts"?)',
    ],
    ['a key that is a list', `${HEAD}hosts: { [a]: 1 }\n`, 'f.yaml:6:10: hosts: found a list, expected a key'],
    [
      'a network without a prefix',
      HEAD.replace('{ ipv4: 10.0.0.0/24 }', '{}'),
      'f.yaml:5:8: networks.lan: found no prefix, expected ipv4, ipv6, or both',
    ],
    [
      'a prefix with host bits',
      HEAD.replace('10.0.0.0/24', '10.0.0.1/24'),
      'f.yaml:5:16: networks.lan.ipv4: found "10.0.0.1/24", expected the first address of the prefix, 10.0.0.0/24',
    ],
    [
      'a prefix of the other family',
      HEAD.replace('10.0.0.0/24', '"2001:db8::/64"'),
      'f.yaml:5:16: networks.lan.ipv4: found "2001:db8::/64", expected an IPv4 prefix of length 8 to 29, such as 192.168.1.0/24',
    ],
    [
      'a prefix too long',
      HEAD.replace('10.0.0.0/24', '10.0.0.0/31'),
      'f.yaml:5:16: networks.lan.ipv4: found "10.0.0.0/31", expected an IPv4 prefix of length 8 to 29, such as 192.168.1.0/24',
    ],
    [
      'a name too long',
      `${HEAD}hosts: { a-very-long-name-indeed: { network: net } }\n`,
      'f.yaml:6:10: hosts: found "a-very-long-name-indeed", expected a name of 1 to 15 small letters, digits and hyphens, beginning with a letter',
    ],
    [
      'a name twice',
      `${HEAD}hosts: { a: { network: net } }\nvantages: { a: { network: net, address: 192.0.2.5 } }\n`,
      'f.yaml:7:13: vantages: found the name "a" a second time, expected a name that nothing else in the file has',
    ],
    [
      'a network that is not there',
      `${HEAD}hosts: { a: { network: nat } }\n`,
      'f.yaml:6:24: hosts.a.network: found "nat", expected one of net, lan (did you mean "net"?)',
    ],
    [
      'no network',
      `${HEAD}hosts: { a: {} }\n`,
      'f.yaml:6:13: hosts.a: found no key "network", expected "network" here',
    ],
    [
      'a router that serves to the outside what it does not serve',
      `${HEAD}routers: { r: { inside: lan, outside: net, portMapping: [upnp], portMappingOutside: yes } }\n`,
      'f.yaml:6:15: routers.r: found portMappingOutside, expected nat and portMapping with it',
    ],
    [
      'a port out of range',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 70000 }] } }\n`,
      'f.yaml:6:49: hosts.a.listeners[0].port: found 70000, expected a port from 1 to 65535',
    ],
    [
      'a port that is text',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: http }] } }\n`,
      'f.yaml:6:49: hosts.a.listeners[0].port: found "http", expected a port from 1 to 65535',
    ],
    [
      'a behavior misspelt',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 1, behavior: ecko }] } }\n`,
      'f.yaml:6:62: hosts.a.listeners[0].behavior: found "ecko", expected one of echo, greet, silent, nxdomain (did you mean "echo"?)',
    ],
    [
      'a listener on no address',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 1, address: here }] } }\n`,
      'f.yaml:6:61: hosts.a.listeners[0].address: found "here", expected any, loopback or an address',
    ],
    [
      'a resolver on TCP',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 53, behavior: nxdomain }] } }\n`,
      'f.yaml:6:41: hosts.a.listeners[0]: found nxdomain with tcp, expected transport udp with it',
    ],
    [
      'contacts of a TCP listener',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 1, transport: tcp, contacts: [a:1] }] } }\n`,
      'f.yaml:6:41: hosts.a.listeners[0]: found contacts, expected a listener on udp',
    ],
    [
      'a contact that is not there',
      `${HEAD}hosts: { a: { network: net, listeners: [{ port: 1, contacts: [b:1] }] } }\n`,
      'f.yaml:6:63: hosts.a.listeners[0].contacts[0]: found "b", expected a',
    ],
    [
      'listeners that are a map',
      `${HEAD}hosts: { a: { network: net, listeners: { port: 1 } } }\n`,
      'f.yaml:6:40: hosts.a.listeners: found a map, expected a list',
    ],
    [
      'a flag that is none',
      `${HEAD}hosts: { a: { network: net, defaultRoute: maybe } }\n`,
      'f.yaml:6:43: hosts.a.defaultRoute: found "maybe", expected yes or no',
    ],
    [
      'a firewall in no language',
      `${HEAD}hosts: { a: { network: net, firewall: {} } }\n`,
      'f.yaml:6:39: hosts.a.firewall: found neither, expected either nft or iptables',
    ],
    [
      'an address elsewhere',
      `${HEAD}hosts: { a: { network: net, address: 10.0.0.7 } }\n`,
      'f.yaml:6:10: hosts: found the address 10.0.0.7, expected one in 192.0.2.0/24, the network "net"',
    ],
    [
      'an address twice',
      `${HEAD}hosts: { a: { network: net, address: 192.0.2.7 }, b: { network: net, address: 192.0.2.7 } }\n`,
      'f.yaml:6:51: hosts: found the address 192.0.2.7, expected one of its own, for "a" has it',
    ],
    [
      'no address at all',
      `${HEAD}hosts: { a: { network: net, address: 192.0.2.256 } }\n`,
      'f.yaml:6:38: hosts.a.address: found "192.0.2.256", expected an IPv4 or IPv6 address',
    ],
    [
      'a network with room for nobody',
      `${HEAD.replace('192.0.2.0/24', '192.0.2.0/29')}hosts: { a: { network: net } }\n`,
      'f.yaml:4:3: networks: found no room for the address of "a", expected a shorter prefix than 192.0.2.0/29',
    ],
    [
      'both sides on one network',
      `${HEAD}routers: { r: { inside: lan, outside: lan } }\n`,
      'f.yaml:6:15: routers.r: found the same network inside and outside, expected two networks',
    ],
    [
      'NAT in other words',
      `${HEAD}routers: { r: { inside: lan, outside: net, nat: full-cone } }\n`,
      'f.yaml:6:49: routers.r.nat: found "full-cone", expected none, or a map with mapping and filtering',
    ],
    [
      'NAT half described',
      `${HEAD}routers: { r: { inside: lan, outside: net, nat: { mapping: endpoint-independent } } }\n`,
      'f.yaml:6:49: routers.r.nat: found no key "filtering", expected "filtering" here',
    ],
    [
      'NAT that no router has',
      `${HEAD}routers: { r: { inside: lan, outside: net, nat: { mapping: address-dependent, filtering: address-dependent } } }\n`,
      'f.yaml:6:49: routers.r.nat: found filtering address-dependent with mapping address-dependent, expected address-and-port-dependent filtering there',
    ],
    [
      'ports kept and not kept',
      `${HEAD}routers: { r: { inside: lan, outside: net, nat: { mapping: address-dependent, filtering: address-and-port-dependent, portPreservation: yes } } }\n`,
      'f.yaml:6:49: routers.r.nat: found portPreservation with mapping address-dependent, expected endpoint-independent mapping with it',
    ],
    [
      'a memory without a filter',
      `${HEAD}routers: { r: { inside: lan, outside: net, nat: { mapping: endpoint-independent, filtering: endpoint-independent, remembers: host } } }\n`,
      'f.yaml:6:49: routers.r.nat: found remembers: host with filtering endpoint-independent, expected address-dependent filtering with it',
    ],
    [
      'a forward to nobody',
      `${HEAD}routers: { r: { inside: lan, outside: net, forwards: [{ port: 1, to: a }] } }\n`,
      'f.yaml:6:70: routers.r.forwards[0].to: found "a", expected a name and a port, such as node:4001',
    ],
    [
      'a forward to the outside',
      `${HEAD}hosts: { a: { network: net } }\nrouters: { r: { inside: lan, outside: net, forwards: [{ port: 1, to: a:1 }] } }\n`,
      'f.yaml:7:12: routers: found a forward to "a", expected somebody on its inside network "lan"',
    ],
    [
      'two ways out',
      `${HEAD}routers: { r: { inside: lan, outside: net }, s: { inside: lan, outside: net } }\n`,
      'f.yaml:6:46: routers: found a second way out of "lan" beside "r", expected one inside for each network',
    ],
    [
      'a circle',
      `${HEAD}routers: { r: { inside: lan, outside: net }, s: { inside: net, outside: lan } }\n`,
      'f.yaml:6:12: routers: found a circle through "r", expected a way to the outermost network',
      'f.yaml:6:46: routers: found a circle through "s", expected a way to the outermost network',
    ],
    [
      'a carrier without NAT',
      `${HEAD}carriers: { c: { inside: lan, outside: net } }\n`,
      'f.yaml:6:16: carriers.c: found no key "nat", expected "nat" here',
    ],
    [
      'a carrier that forwards',
      `${HEAD}carriers: { c: { inside: lan, outside: net, nat: none, forwards: [] } }\n`,
      'f.yaml:6:56: carriers.c: found the unknown key "forwards", expected one of inside, outside, address, nat',
    ],
    [
      'ports of two kinds',
      `${HEAD}providers: { p: { inside: lan, outside: net, filters: [{ direction: in, transport: udp, ports: [1], exceptPorts: [2] }] } }\n`,
      'f.yaml:6:56: providers.p.filters[0]: found both ports and exceptPorts, expected at most one of them',
    ],
    [
      'ports of everything',
      `${HEAD}providers: { p: { inside: lan, outside: net, filters: [{ direction: in, ports: [1] }] } }\n`,
      'f.yaml:6:56: providers.p.filters[0]: found ports without a transport, expected transport udp, tcp or both with it',
    ],
    [
      'a SYN proxy for UDP',
      `${HEAD}providers: { p: { inside: lan, outside: net, filters: [{ direction: in, transport: udp, action: syn-proxy }] } }\n`,
      'f.yaml:6:56: providers.p.filters[0]: found action syn-proxy with transport udp, expected transport tcp with it',
    ],
    [
      'a direction misspelt',
      `${HEAD}providers: { p: { inside: lan, outside: net, filters: [{ direction: inn }] } }\n`,
      'f.yaml:6:69: providers.p.filters[0].direction: found "inn", expected one of in, out (did you mean "in"?)',
    ],
    [
      'a vantage without an address',
      `${HEAD}vantages: { v: { network: net } }\n`,
      'f.yaml:6:16: vantages.v: found no key "address", expected "address" here',
    ],
    [
      'more loss than there is',
      `${HEAD}hosts: { a: { network: net } }\nlinks: [{ from: a, to: net, lossPercent: 101 }]\n`,
      'f.yaml:7:42: links[0].lossPercent: found 101, expected percent from 0 to 100',
    ],
    [
      'a cable that is not there',
      `${HEAD}hosts: { a: { network: net } }\nlinks: [{ from: a, to: lan, delayMs: 5 }]\n`,
      'f.yaml:7:9: links[0]: found a link from "a" to "lan", expected net',
    ],
    [
      'a cable twice',
      `${HEAD}hosts: { a: { network: net } }\nlinks: [{ from: a, to: net, delayMs: 5 }, { from: a, to: net }]\n`,
      'f.yaml:7:43: links[1]: found a second link from "a" to "net", expected one link for each cable',
    ],
    [
      'truth of nobody',
      `${HEAD}truth: [{ on: a, check: "", verdict: unknown, exit: 3, endpoints: {} }]\n`,
      'f.yaml:6:15: truth[0].on: found "a", expected a host, and the file has none',
    ],
    [
      'truths of another kind',
      `${HEAD}hosts: { a: { network: net } }\ntruth: [{ on: a, check: x, verdict: good, exit: 4, endpoints: { udp/4001: yes, tcp/ipv4/1: perhaps } }]\n`,
      'f.yaml:7:37: truth[0].verdict: found "good", expected one of reachable, partly-reachable, unreachable, unknown',
      'f.yaml:7:49: truth[0].exit: found 4, expected an exit status from 0 to 3',
      'f.yaml:7:65: truth[0].endpoints: found "udp/4001", expected an endpoint, such as udp/ipv4/4001',
      'f.yaml:7:92: truth[0].endpoints.tcp/ipv4/1: found "perhaps", expected one of yes, no, unknown',
    ],
    [
      'an obstacle misspelt',
      `${HEAD}hosts: { a: { network: net } }\ntruth: [{ on: a, check: x, verdict: unknown, exit: 3, endpoints: {}, atMostLikely: [router-source-nats] }]\n`,
      'f.yaml:7:85: truth[0].atMostLikely[0]: found "router-source-nats", expected one of not-listening, listening-on-loopback, port-not-published, host-firewall-drops-inbound, host-firewall-drops-forwarded, host-firewall-drops-outbound, ip-forwarding-disabled, router-source-nat, router-forward-elsewhere, router-filter-drops-inbound, double-nat, carrier-nat, provider-blocks-inbound-port, provider-blocks-inbound-udp, provider-blocks-inbound-tcp, provider-blocks-outbound-udp, provider-blocks-outbound-port, provider-filters-protocol, no-internet, announces-unreachable-address (did you mean "router-source-nat"?)',
    ],
    [
      'an obstacle before an endpoint that nobody asked for',
      `${HEAD}hosts: { a: { network: net } }\ntruth: [{ on: a, check: x, verdict: unknown, exit: 3, endpoints: { udp/ipv4/1: no }, obstacles: { carrier-nat: [tcp/ipv4/1] } }]\n`,
      'f.yaml:7:9: truth[0]: found tcp/ipv4/1 under carrier-nat, expected udp/ipv4/1',
    ],
  ]
  test.each(rows)('%s', (_, text, ...lines) => expect(mistakes(text)).toEqual(lines))

  test('all of them in one go, in the order of the file', () => {
    const text = `${HEAD}hosts:\n  a: { network: nte, listeners: [{ port: 0 }] }\n  b: { newtork: net }\n`
    expect(mistakes(text)).toEqual([
      'f.yaml:7:17: hosts.a.network: found "nte", expected one of net, lan (did you mean "net"?)',
      'f.yaml:7:42: hosts.a.listeners[0].port: found 0, expected a port from 1 to 65535',
      'f.yaml:8:6: hosts.b: found no key "network", expected "network" here',
      'f.yaml:8:8: hosts.b: found the unknown key "newtork", expected one of network, address, defaultRoute, resolver, listeners, firewall, inside, forwarding (did you mean "network"?)',
    ])
  })

  test('but at most twenty', () => {
    const hosts = Array.from({ length: 50 }, (_, index) => `  h${index}: { network: nowhere }\n`)
    expect(mistakes(`${HEAD}hosts:\n${hosts.join('')}`)).toHaveLength(20)
  })

  test('a file that is too long, or nested too deep, is one mistake', () => {
    expect(mistakes('#'.repeat(300_000))).toEqual(['f.yaml:1:1: found 300000 characters, expected at most 262144'])
    expect(mistakes('['.repeat(100_000)).length).toBeGreaterThan(0)
  })
})

describe('no text makes the parser throw', () => {
  const valid = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseTopology(text, 'f.yaml')))
  })

  test('topologies with a piece cut out, doubled or replaced', () => {
    const piece = fc.tuple(fc.constantFrom(...valid), fc.nat(4_000), fc.nat(40), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(piece, ([text, start, length, replacement]) => {
        parseTopology(text.slice(0, start) + replacement + text.slice(start + length), 'f.yaml')
      }),
      { numRuns: 300 },
    )
  })
})

describe('every topology of the package is valid and carries a truth', () => {
  test.each(readdirSync(folder))('%s', (file) => {
    const parsed = parseTopology(readFileSync(new URL(file, folder), 'utf8'), file)
    expect(parsed.ok ? [] : renderMessage(problemsMessage(parsed.problems), 'en').split('\n')).toEqual([])
    expect(parsed.ok && parsed.topology.truth.length).toBeGreaterThan(0)
  })
})
