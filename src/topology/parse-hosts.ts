import { isScalar } from 'yaml'
import type { Address } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import { parseAddress } from '../model/ip.ts'
import { checkName, type Names, nameOf } from './names.ts'
import { asWritten, either, keyWith, neededToo, neitherOrBoth } from './problem.ts'
import { found, list, optional, type Parse, record, required } from './reader.ts'
import { address, addresses, BOTH, checkedLater, flag, nameAndPort, port, text, transports, word } from './scalars.ts'
import { type Firewall, type HostSpec, LISTENER_BEHAVIORS, type ListenerSpec, type VantageSpec } from './topology.ts'

/** The value of one entry of `hosts:`. */
export function hostParser(names: Names): Parse<Omit<HostSpec, 'name'>> {
  const fields = record({
    network: required(nameOf(names, 'network')),
    address: optional(addresses, []),
    defaultRoute: optional(flag, true),
    resolver: optional<Address | null>(address, null),
    listeners: optional(list(listenerParser(names)), []),
    firewall: optional<Firewall | null>(firewall, null),
    inside: optional<string | null>(nameOf(names, 'network'), null),
    forwarding: optional<boolean | null>(flag, null),
  })
  return (reader, at) => {
    const host = fields(reader, at)
    if (host === undefined) return undefined
    const { address: addresses, listeners, ...rest } = host
    const { network, inside, forwarding } = rest
    if (inside === network) {
      return reader.wrong(at, errorText('problem.own-network-inside'), errorText('problem.another-network'))
    }
    if (forwarding !== null && inside === null) {
      return reader.wrong(at, asWritten('forwarding'), neededToo('inside'))
    }
    return { ...rest, addresses, listeners: listeners.flat(), forwarding: forwarding ?? inside !== null }
  }
}

/** One entry of `listeners:`; without `transport` it stands for two programs, one on each. */
function listenerParser(names: Names): Parse<readonly ListenerSpec[]> {
  const peer = checkedLater(nameAndPort, (reader, at, { name }) =>
    checkName(names, ['host', 'vantage'], reader, at, name),
  )
  const fields = record({
    port: required(port),
    transport: optional(transports, BOTH),
    address: optional(boundAddress, 'any'),
    behavior: optional(word(LISTENER_BEHAVIORS), 'echo'),
    contacts: optional(list(peer), []),
  })
  return (reader, at) => {
    const given = fields(reader, at)
    if (given === undefined) return undefined
    const { transport, contacts, ...rest } = given
    if (rest.behavior === 'nxdomain' && transport.includes('tcp')) {
      return reader.wrong(at, keyWith('nxdomain', 'tcp'), neededToo('transport udp'))
    }
    if (contacts.length > 0 && !transport.includes('udp')) {
      return reader.wrong(at, asWritten('contacts'), errorText('problem.udp-listener'))
    }
    const peers = contacts.map(({ name, port }) => ({ host: name, port }))
    return transport.map((each) => ({ ...rest, transport: each, contacts: each === 'udp' ? peers : [] }))
  }
}

const boundAddress: Parse<'any' | 'loopback' | Address> = (reader, at) => {
  const written = isScalar(at.node) ? String(at.node.value) : ''
  if (written === 'any' || written === 'loopback') return written
  return parseAddress(written) ?? reader.wrong(at, found(at.node), errorText('problem.bound-address'))
}

const firewall: Parse<Firewall> = (reader, at) => {
  const fields = record({ nft: optional(text, null), iptables: optional(text, null) })(reader, at)
  if (fields === undefined) return undefined
  const { nft, iptables } = fields
  if (nft !== null && iptables === null) return { language: 'nft', text: nft }
  if (iptables !== null && nft === null) return { language: 'iptables', text: iptables }
  return reader.wrong(at, neitherOrBoth(nft === null, 'nft', 'iptables'), either('nft', 'iptables'))
}

/** The value of one entry of `vantages:`. */
export function vantageParser(names: Names): Parse<Omit<VantageSpec, 'name'>> {
  return record({
    network: required(nameOf(names, 'network')),
    kind: optional(word(['peerway', 'stun'] as const), 'peerway'),
    address: required(address),
    alternateAddress: optional<Address | null>(address, null),
    port: optional(port, 3478),
    token: optional<string | null>(text, null),
    dead: optional<'refused' | 'silent' | null>(word(['refused', 'silent'] as const), null),
  })
}
