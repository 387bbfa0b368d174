import type { Host } from '../../host/host.ts'
import type { Address, EndpointKey } from '../../model/endpoint.ts'
import type { AddressesFact, ClientRulesFact, LocalAddress, NodeClients, RuleFate } from '../../model/evidence.ts'
import { addressBytes, formatAddress, inPrefix } from '../../model/ip.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import { entranceOf, understood } from './host-rules.ts'
import { commonFate, ruleFate } from './rule-fate.ts'
import { answerToGuest, type Entrance, passedPacket, strangersFor } from './strangers.ts'
import { Surroundings } from './surroundings.ts'

/** What everybody asks for: rules against single ports (mail, say) do not stop a client's work. */
const ASKED: readonly EndpointKey[] = [
  { transport: 'tcp', port: 443, family: 'ipv4' },
  { transport: 'udp', port: 443, family: 'ipv4' },
]

/**
 * What this host's rules do to packets that it passes on for a client of the node: one that is there, else one that stands for
 * those to come. Undefined where this host has no IPv4 address towards the Internet.
 */
export async function probeClientRules(
  host: Host,
  rules: CompiledRuleset,
  addresses: AddressesFact,
  clients: NodeClients,
): Promise<ClientRulesFact | undefined> {
  const { isThere, ...client } = clientOf(addresses, clients)
  const around = new Surroundings(host, isThere ? addresses : withInterface(addresses, client))
  const entrance = entranceOf(around, addresses, 'ipv4')
  if (entrance === undefined) return undefined
  const outwards: RuleFate[] = []
  const back: RuleFate[] = []
  for (const key of ASKED) {
    for (const { address } of strangersFor(key)) {
      const packet = passedPacket(key, { address: client.client, interface: client.interface }, address)
      outwards.push(ruleFate((await around.walk(rules, packet)).fate))
      back.push(await followBack(around, rules, key, entrance, { client: client.client, server: address }))
    }
  }
  return {
    ...client,
    isThere,
    outwards: understood(commonFate(outwards), rules),
    back: understood(commonFate(back), rules),
  }
}

async function followBack(
  around: Surroundings,
  rules: CompiledRuleset,
  key: EndpointKey,
  entrance: Entrance,
  ends: { readonly client: Address; readonly server: Address },
): Promise<RuleFate> {
  const { packet, connection } = answerToGuest(key, entrance, ends)
  return ruleFate((await around.walk(rules, packet, connection)).fate)
}

function clientOf(
  { addresses }: AddressesFact,
  { interfaces, network }: NodeClients,
): Pick<ClientRulesFact, 'interface' | 'client' | 'isThere'> {
  const own = addresses.find(
    (one) => one.family === 'ipv4' && one.interface.startsWith(interfaces) && inPrefix(one.address, network),
  )
  return own === undefined
    ? { interface: `${interfaces}0`, client: besides(network.split('/')[0]!), isThere: false }
    : { interface: own.interface, client: besides(own.address), isThere: true }
}

/** As it will be with the client: what the kernel says by now of the way to it is not how it will be. */
function withInterface(
  fact: AddressesFact,
  { interface: name, client }: Pick<ClientRulesFact, 'interface' | 'client'>,
): AddressesFact {
  const own: LocalAddress = { interface: name, address: besides(client), family: 'ipv4', prefixLength: 30 }
  return { ...fact, addresses: [...fact.addresses, own] }
}

/** The address that differs in its last two bits: the node has the first of a network of its own for each client. */
function besides(address: Address): Address {
  const bytes = addressBytes(address)
  const last = bytes.length - 1
  bytes[last] = bytes[last]! % 4 === 2 ? bytes[last]! - 1 : bytes[last]! - (bytes[last]! % 4) + 2
  return formatAddress(bytes)
}
