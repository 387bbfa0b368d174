import { type Address, endpointName, formatEndpoint } from '../model/endpoint.ts'
import type {
  Evidence,
  FactOf,
  GatewayAnswer,
  Hop,
  NodeAddress,
  ProbeName,
  RouterControlAnswer,
} from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import { isStopped, placeParams, ruleName } from '../model/rule-place.ts'
import { GATEWAY_PROTOCOL_NAMES } from './gateway-protocol-names.ts'

/** What a piece of evidence saw, as a sentence: what happened, not what it means. */
export function evidenceText(evidence: Evidence): Message {
  const tell = TELLERS[evidence.probe] as (value: Evidence['value']) => Message
  return tell(evidence.value)
}

const TELLERS: { readonly [P in ProbeName]: (fact: FactOf<P>) => Message } = {
  addresses: ({ source, defaultRoutes }) => {
    const gateway = (family: string) => defaultRoutes.find((route) => route.family === family)?.gateway
    return message('evidence.addresses', {
      ipv4: source.ipv4,
      gateway4: gateway('ipv4'),
      ipv6: source.ipv6,
      gateway6: gateway('ipv6'),
    })
  },

  listeners: (fact) => {
    const socket = fact.sockets[0]
    return message(`evidence.listeners.${fact.state}`, {
      endpoints: endpointName(fact),
      process: socket?.process,
      address: [...new Set(fact.sockets.map((each) => each.address))].join(', '),
      namespace: socket?.namespace,
      all: flag(fact.namespacesSeen === 'all'),
      redirected: flag(fact.redirected === 'yes'),
    })
  },

  containers: tellContainers,

  'rule-sources': (fact) => {
    const named = (enabled: boolean) =>
      fact.atBoot.filter((one) => (one.enabled === 'yes') === enabled).map(({ name, file }) => `${name} (${file})`)
    return message(`evidence.rule-sources.${fact.access}`, {
      detail: fact.told ?? fact.detail,
      boot: named(true).join(', ') || null,
      other: named(false).join(', ') || null,
    })
  },

  'host-rules': tellHostRules,

  vantage: (fact) =>
    message(`evidence.vantage.${contactOf(fact)}`, {
      name: fact.name,
      family: fact.family,
      rttMs: rounded(fact.rttMs),
      observed: fact.observed && formatEndpoint(fact.observed),
      failed: flag(fact.control !== 'answered' && fact.control !== 'not-asked'),
    }),

  'external-address': (fact) => {
    const [local, mapped] = [formatEndpoint(fact.local), formatEndpoint(fact.mapped)]
    const params = { name: fact.vantage, server: formatEndpoint(fact.server), local, mapped }
    return message(local === mapped ? 'evidence.external-address.same' : 'evidence.external-address', params)
  },

  'local-answer': (fact) => message(`evidence.local-answer.${fact.answer}`, { endpoints: endpointName(fact) }),

  'dial-back': tellDialBack,

  'datagrams-read': (fact) =>
    message(fact.read > 0 ? 'evidence.datagrams-read.some' : 'evidence.datagrams-read.none', {
      endpoints: endpointName(fact),
    }),

  mapping: (fact) =>
    message(`evidence.mapping.${fact.behavior}`, {
      family: fact.family,
      local: fact.local && formatEndpoint(fact.local),
      mapped: [...new Set(fact.bindings.map((binding) => formatEndpoint(binding.mapped)))].join(', '),
      ...reasonFlag(fact.reason),
    }),

  filtering: (fact) =>
    message(`evidence.filtering.${fact.behavior}`, { family: fact.family, ...reasonFlag(fact.reason) }),

  hairpinning: (fact) =>
    message(`evidence.hairpinning.${fact.answer}`, {
      family: fact.family,
      mapped: fact.mapped && formatEndpoint(fact.mapped),
    }),

  'port-preservation': (fact) => {
    const pairs = fact.pairs.map((pair) => `${pair.localPort} → ${pair.mappedPort}`).join(', ')
    return message(`evidence.port-preservation.${fact.answer}`, { family: fact.family, pairs: pairs || null })
  },

  outbound: (fact) =>
    message(`evidence.outbound.${isTaken(fact) ? 'taken' : fact.outcome}`, {
      transport: fact.transport,
      server: fact.server,
      port: fact.port,
      listening: flag(fact.listening === 'yes' && fact.arrived !== 'yes'),
      lost: flag(fact.arrived === 'no'),
      arrived: flag(fact.arrived === 'yes'),
    }),

  'client-rules': (fact) => tellClientRules(fact),
  'own-rules': ({ fate, transport, server, port }) =>
    message(`evidence.own-rules.${fate.kind}`, {
      transport,
      server,
      port,
      ...placeParams(fate.at),
      expression: fate.expression,
    }),

  interception: ({ whose, family, asked }) => {
    const page = asked.find((one) => one.page !== null)?.page
    return message(`evidence.interception.${whose}`, {
      family,
      targets: asked.map(({ address, port }) => formatEndpoint({ address, port })).join(', '),
      status: page?.status ?? null,
      location: page?.location ?? null,
    })
  },

  'protocol-exchange': tellExchange,

  'protocol-answer': (fact) =>
    message(fact.answered === 0 ? 'evidence.protocol-answer.none' : 'evidence.protocol-answer.some', {
      ...{ name: fact.vantage, protocol: fact.protocol, endpoints: endpointName(fact) },
      ...{ answered: fact.answered, tries: fact.tries },
    }),

  'protocol-rate': ({ protocol, vantage, transport, port, spoken, answered, neutral }) => {
    const told = (rates: readonly number[]) => rates.join(', ')
    return message('evidence.protocol-rate', {
      ...{ protocol, name: vantage, transport, port },
      ...{ spoken: told(spoken), answered: told(answered), plain: told(neutral) },
    })
  },

  'flow-rules': ({ out, in: into, transport, port, opener }) => {
    const doubtful = [out, into].find(({ kind }) => kind !== 'accept')
    return message(`evidence.flow-rules.${doubtful === undefined ? 'pass' : 'unknown'}`, {
      transport,
      port,
      here: flag(opener === 'vantage'),
      expression: doubtful?.expression ?? null,
    })
  },

  'path-mtu': ({ vantage, family, sizes }) => {
    const of = (...outcomes: readonly string[]) =>
      sizes.flatMap(({ bytes, outcome }) => (outcomes.includes(outcome) ? bytes : [])).join(', ') || null
    const told = { returned: of('returned'), lost: of('lost', 'arrived'), kept: of('not-sent') }
    return message('evidence.path-mtu', { name: vantage, family, ...told })
  },

  hops: (fact) => message('evidence.hops', { toward: fact.toward, hops: hopList(fact.hops) }),

  'inbound-hops': (fact) =>
    message('evidence.inbound-hops', {
      name: fact.vantage,
      toward: fact.toward,
      hops: hopList(fact.hops),
      routers: fact.routers,
    }),

  'external-owner': (fact) => message('evidence.external-owner', { toward: fact.toward, hops: hopList(fact.hops) }),

  'router-page': (fact) =>
    message(`evidence.router-page.${fact.outcome}`, { address: fact.address, port: fact.port, hop: fact.ttl }),

  gateways: ({ gateways }) => {
    const told = gateways.flatMap(speakingGateway)
    const silent = gateways.filter(({ answers }) => answers.every(({ outcome }) => outcome !== 'speaks'))
    const tables = gateways.flatMap(({ mappings }) => (mappings === null ? [] : [mappings.length]))
    const refused = gateways.flatMap(({ refusedLocations }) =>
      refusedLocations.map(({ from, url }) => `${url} (${from})`),
    )
    return message('evidence.gateways', {
      gateways: told.join(', ') || null,
      others: silent.map(({ address }) => address).join(', ') || null,
      mappings: tables.length === 0 ? null : tables.reduce((sum, count) => sum + count, 0),
      refused: [...new Set(refused)].join(', ') || null,
      none: gatewaysWhere(gateways, ({ hasNoExternal }) => hasNoExternal === true),
    })
  },

  'outer-gateways': ({ gateways }) =>
    message('evidence.outer-gateways', {
      asked: gateways.map(({ address }) => address).join(', '),
      gateways: gateways.flatMap(speakingGateway).join(', ') || null,
      translated: gatewaysWhere(gateways, ({ seesAnotherAddress }) => seesAnotherAddress === true),
      none: gatewaysWhere(gateways, ({ hasNoExternal }) => hasNoExternal === true),
    }),

  'filter-hop': ({ transport, protocol, port, hops }) => {
    const list = (some: typeof hops) => some.map(({ ttl }) => ttl).join(', ') || null
    const spoken = (was: (typeof hops)[number]['spoken']) => hops.filter((hop) => hop.spoken === was)
    return message('evidence.filter-hop', {
      protocol,
      transport: transport.toUpperCase(),
      port,
      passed: list(spoken('passed')),
      reset: list(spoken('reset')),
      stopped: list(spoken('silent').filter(({ neutral }) => neutral === 'passed')),
    })
  },

  'idle-flows': ({ server, windows }) => {
    const whole = windows.find(({ keptUpTo, keptFrom }) => keptUpTo === 0 && keptFrom === null)
    const flows = windows.reduce(
      (sum, { livedSeconds, diedSeconds }) => sum + livedSeconds.length + diedSeconds.length,
      0,
    )
    return message('evidence.idle-flows', {
      server: formatEndpoint(server),
      flows,
      lived: whole?.livedSeconds.join(', ') || null,
      died: whole?.diedSeconds.join(', ') || null,
    })
  },

  'idle-tcp': ({ server, livedSeconds, diedSeconds }) =>
    message('evidence.idle-tcp', {
      server: formatEndpoint(server),
      lived: [...new Set(livedSeconds)].join(', ') || null,
      died: [...new Set(diedSeconds)].join(', ') || null,
    }),

  node: tellNode,

  'node-addresses': ({ announced, configured }) =>
    message('evidence.node-addresses', {
      announced: nodeAddressList(announced),
      configured: nodeAddressList(configured ?? []),
    }),

  'node-peers': ({ part, peers, inbound, fromOutside, wanted, from }) =>
    message(`evidence.node-peers.${from}`, {
      part,
      peers,
      inbound,
      outside: fromOutside === null ? null : fromOutside.reduce((sum, each) => sum + each.peers, 0),
      min: wanted?.min,
      max: wanted?.max,
    }),

  'node-opinion': ({ transport, family, answer, words, told }) =>
    message(`evidence.node-opinion.${answer}`, { transport, family, words: told ?? words }),

  'router-control': (fact) => {
    const { answers, vantage, target } = fact
    const sameAs = [...new Set(answers.map((answer) => answer.sameAs))].filter((each) => each !== null)
    const others = answers.filter((answer) => answer.sameAs === null)
    return message('evidence.router-control', {
      name: vantage,
      target,
      own:
        answers
          .filter((answer) => answer.sameAs !== null)
          .map(controlName)
          .join(', ') || null,
      gateway: sameAs.join(', ') || null,
      others: others.map(controlName).join(', ') || null,
    })
  },

  internet: ({ asked }) => {
    const answered = asked.filter((each) => each.outcome === 'answered' || each.outcome === 'rejected')
    const names = answered.map((each) => each.server).join(', ')
    return message('evidence.internet', { asked: asked.length, answered: answered.length, names: names || null })
  },
}

function tellNode(fact: FactOf<'node'>): Message {
  const { kind, foundBy, process, container, version, asked, access, ports, adminPorts, others } = fact
  return message(`evidence.node.${access}`, {
    kind,
    process,
    container,
    version,
    asked,
    ports: ports.map(({ transport, port }) => `${port}/${transport}`).join(', ') || null,
    admin: adminPorts.map(({ port, service }) => `${port} (${service})`).join(', ') || null,
    others: others.join(', ') || null,
    unseen: flag(foundBy === 'option'),
  })
}

function nodeAddressList(addresses: readonly NodeAddress[]): string | null {
  const words = addresses.map(({ transport, address, name, port, isDirect }) => {
    const where = address === null ? `${name}:${port}` : formatEndpoint({ address, port })
    return `${where}/${transport}${isDirect ? '' : ' (relay)'}`
  })
  return [...new Set(words)].join(', ') || null
}

const CONTROL_NAMES = { ssdp: 'SSDP', 'nat-pmp': 'NAT-PMP', upnp: 'UPnP' } as const

function controlName({ protocol, transport, port }: RouterControlAnswer): string {
  return `${CONTROL_NAMES[protocol]} (${transport}/${port})`
}

/** Answered, and not by whom it was sent to. */
function isTaken({ transport, outcome, arrived }: FactOf<'outbound'>): boolean {
  return transport === 'tcp' && outcome === 'answered' && arrived === 'no'
}

function tellExchange(fact: FactOf<'protocol-exchange'>): Message {
  const { spoken, answered, neutral, opener, memory } = fact
  const { later = null, rest = null } = memory ?? {}
  return message(`evidence.protocol-exchange.${opener}`, {
    ...{ protocol: fact.protocol, name: fact.vantage, transport: fact.transport, port: fact.port },
    ...{ said: spoken.arrived ?? '?', saidTries: spoken.tries, heard: answered.returned, heardTries: answered.tries },
    ...{ plain: neutral.returned, plainTries: neutral.tries, resets: spoken.resets + answered.resets || null },
    ...(opener === 'host' && {
      ...{ later: later?.passed ?? null, laterTries: later?.tries ?? null },
      ...{ rest: rest?.passed ?? null, restTries: rest?.tries ?? null },
    }),
  })
}

interface AskedGateway {
  readonly address: Address
  readonly answers: readonly GatewayAnswer[]
}

/** `192.168.1.1 (PCP + UPnP, 203.0.113.7)`; nothing for one that opens no ports. */
function speakingGateway({ address, answers }: AskedGateway): readonly string[] {
  const speaking = answers.filter(({ outcome }) => outcome === 'speaks')
  const external = speaking.find((each) => each.externalAddress !== null)?.externalAddress ?? null
  const names = speaking.map(({ protocol }) => GATEWAY_PROTOCOL_NAMES[protocol]).join(' + ')
  return names === '' ? [] : [`${address} (${names}${external === null ? '' : `, ${external}`})`]
}

function gatewaysWhere(gateways: readonly AskedGateway[], says: (answer: GatewayAnswer) => boolean): string | null {
  const named = gateways.filter(({ answers }) => answers.some(says)).map(({ address }) => address)
  return named.join(', ') || null
}

function tellContainers({ engines, running, containers }: FactOf<'containers'>): Message {
  const failed = engines.filter(({ access }) => access !== 'read')
  const state = engines.length === 0 ? 'none' : failed.length === engines.length ? 'failed' : 'read'
  const about = containers.map(({ name, image, networkMode, published }) => {
    const ports = published.map(
      ({ address, hostPort, port, transport }) =>
        `${formatEndpoint({ address, port: hostPort })}->${port}/${transport}`,
    )
    return `${name} (${[image, networkMode, ...ports].join(', ')})`
  })
  return message(`evidence.containers.${state}`, {
    running,
    names: about.join('; ') || null,
    sockets: failed.map(({ socket }) => socket).join(', ') || null,
    denied: flag(failed.length > 0 && failed.every(({ access }) => access === 'not-permitted')),
    detail: inARow(failed.map(({ told, detail }) => told ?? message('error.plain', { text: detail }))),
  })
}

/** Null for none. */
function inARow(all: readonly Message[]): Message | null {
  return all.length === 0 ? null : all.reduce((first, second) => message('error.and', { first, second }))
}

function tellHostRules(fact: FactOf<'host-rules'>): Message {
  const { inbound, answer, outbound, translatedTo, forwarding } = fact
  return message(`evidence.host-rules.${inbound.kind}`, {
    endpoints: endpointName(fact),
    ...placeParams(inbound.at),
    expression: inbound.expression,
    guest: translatedTo && formatEndpoint(translatedTo),
    setting: forwarding?.on === 'no' ? forwarding.setting : null,
    answers: isStopped(answer) ? ruleName(answer.at) : null,
    own: isStopped(outbound) ? ruleName(outbound.at) : null,
  })
}

function tellClientRules({ interface: name, client, isThere, outwards, back }: FactOf<'client-rules'>): Message {
  const worse = !isStopped(outwards) && isStopped(back) ? back : outwards
  return message(`evidence.client-rules.${worse.kind}`, {
    name,
    client,
    absent: flag(!isThere),
    ...placeParams(worse.at),
    expression: worse.expression,
  })
}

function tellDialBack(fact: FactOf<'dial-back'>): Message {
  const { arrival } = fact
  return message(`evidence.dial-back.${fact.outcome}`, {
    name: fact.vantage,
    transport: fact.transport,
    family: fact.family,
    port: fact.port,
    target: fact.target ? formatEndpoint(fact.target) : String(fact.port),
    // Nobody knows the port of a TCP dial that was never answered.
    source: fact.source && (fact.source.port === 0 ? fact.source.address : formatEndpoint(fact.source)),
    attempts: fact.attempts,
    rttMs: rounded(fact.rttMs),
    greeting: fact.greeting,
    refusal: fact.refusal,
    contacted: flag(fact.source !== null && !fact.sourceClean),
    comparison: flag(fact.purpose === 'comparison'),
    vacant: flag(fact.purpose === 'vacant'),
    admin: flag(fact.purpose === 'admin'),
    passed: flag(arrival.passed === 'yes'),
    eaten: flag(arrival.wire === 'yes' && arrival.passed === 'no'),
    arrived: flag(arrival.wire === 'yes'),
    absent: flag(arrival.wire === 'no'),
  })
}

/** The one thing worth telling of a contact: an answer before a failure, the control protocol before STUN. */
function contactOf(fact: FactOf<'vantage'>): string {
  if (fact.control === 'answered') return 'answered'
  if (fact.stun === 'answered') return 'stun-answered'
  if (fact.control !== 'not-asked') return fact.control
  return fact.stun === 'not-asked' ? 'not-asked' : `stun-${fact.stun}`
}

function hopList(hops: readonly Hop[]): string {
  const shown = hops.map(({ address, rttMs }) => {
    if (address === null) return '*'
    return rttMs === null ? address : `${address} (${rounded(rttMs)} ms)`
  })
  return shown.join(', ') || '*'
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

/** Given or not given: what the catalogue asks with `{?name}`. */
function flag(holds: boolean): 1 | null {
  return holds ? 1 : null
}

function reasonFlag(reason: string | null): Readonly<Record<string, 1>> {
  return reason === null ? {} : { [reason]: 1 }
}
