import type { Host } from '../host/host.ts'
import type { Address, Endpoint, PortSpec } from '../model/endpoint.ts'
import { MAX_ECHO_TTL, MAX_OPEN_PORTS, type ReplyOf } from '../wire/control/messages.ts'
import { graceMs } from '../wire/patience.ts'
import type { ControlExchange, Question } from './control-exchange.ts'
import { dialQuestion, dialReport, dialTimeoutMs, mayComeFrom, refusedReport } from './dial-check.ts'
import type { DialReport, OpenedPorts, VantageControl } from './vantage.ts'

/** Whoever is sent away for no longer than this comes back, once. */
const LONGEST_RETRY_MS = 2000
/** For what the vantage answers at once: a lost segment or two may delay it. */
const ANSWER_MS = 3000
/** Two rounds of echo requests, as the vantage waits for them. */
const ECHO_MS = 3000
/** TCP repeats a lost segment after a second at the latest, then after two and four more. */
const STILL_THERE_MS = 10_000

export interface ControlFacts {
  readonly hello: ReplyOf<'hello'>
  /** In the order to use them. */
  readonly dialSources: readonly Address[]
  readonly rttMs: number
}

/** The control protocol as the probes see it. What a vantage says of a dial is checked against what was asked. */
export function controlOf(host: Host, exchange: ControlExchange, facts: ControlFacts): VantageControl {
  const { hello, dialSources, rttMs } = facts
  const { observed } = hello
  const ids = new WeakMap<DialReport, number>()

  return {
    observed,
    dialSources,
    canGrant: hello.capabilities.includes('grant'),
    canAskRouter: hello.capabilities.includes('router'),
    canMeasureRates: ['exchange', 'rate'].every((word) => hello.capabilities.includes(word)),
    canExchange: hello.capabilities.includes('exchange'),

    async dial(request) {
      const onConnected = ({ source }: ReplyOf<'connected'>) => {
        if (mayComeFrom(source, request)) request.onConnected?.(source)
      }
      const timeoutMs = dialTimeoutMs(request, rttMs)
      const { id, reply } = await askTwice(host, exchange, dialQuestion(request, rttMs), { timeoutMs, onConnected })
      if (typeof reply === 'string') return refusedReport(reply)
      if (reply.type === 'error') return refusedReport(reply.code)
      if (reply.type !== 'dialled') return refusedReport('violated-protocol')
      const report = dialReport(reply, request, { address: observed.address, port: request.port })
      ids.set(report, id)
      return report
    },

    release(report) {
      const id = ids.get(report)
      if (id !== undefined) exchange.release(id)
    },

    async echo({ maxTtl }) {
      if (!hello.capabilities.includes('echo')) return null
      const question = { type: 'echo', maxTtl: Math.min(MAX_ECHO_TTL, Math.max(1, maxTtl)), rttMs } as const
      const { reply } = await askTwice(host, exchange, question, { timeoutMs: ECHO_MS + ANSWER_MS })
      if (typeof reply === 'string' || reply.type !== 'echoed') return null
      return reply.hops.toSorted((a, b) => a.ttl - b.ttl)
    },

    async isUp() {
      // What has arrived is of no interest here: it is a question that every vantage answers at once.
      const { reply } = await exchange.ask({ type: 'arrivals' }, { timeoutMs: STILL_THERE_MS })
      return typeof reply !== 'string'
    },

    canSpeakLater: hello.capabilities.includes('speak'),

    canSendOnFlows: hello.capabilities.includes('flow'),

    async sendOnFlow(nonce, sends) {
      const { id, reply } = await askTwice(host, exchange, { type: 'flow', nonce, sends }, { timeoutMs: ANSWER_MS })
      return typeof reply !== 'string' && reply.type === 'flow-ready' ? () => exchange.release(id) : null
    },

    open: (ports) => open(ports, null),

    openInverting: async (ports) => (hello.capabilities.includes('exchange') ? open(ports, 'inverted') : null),
  }

  async function open(ports: readonly PortSpec[], returns: 'inverted' | null): Promise<OpenedPorts | null> {
    const wanted = { tcp: portsOf(ports, 'tcp'), udp: portsOf(ports, 'udp') }
    const timeoutMs = ANSWER_MS + graceMs(rttMs)
    const { reply } = await askTwice(host, exchange, { type: 'open', ...wanted, returns }, { timeoutMs })
    if (typeof reply === 'string' || reply.type !== 'opened') return null
    const isWanted = ({ transport, port }: PortSpec) => wanted[transport].includes(port)
    const arrived = async () => {
      const asked = await exchange.ask({ type: 'arrivals' }, { timeoutMs })
      return typeof asked.reply === 'string' || asked.reply.type !== 'arrived' ? null : asked.reply
    }
    return {
      address: hello.address,
      tcp: reply.tcp.filter((port) => wanted.tcp.includes(port)),
      udp: reply.udp.filter((port) => wanted.udp.includes(port)),
      arrivals: async () => (await arrived())?.ports.filter(isWanted) ?? null,
      flows: async () => (await arrived())?.flows?.filter(isWanted) ?? null,
    }
  }
}

function portsOf(ports: readonly PortSpec[], transport: PortSpec['transport']): readonly number[] {
  const all = ports.filter((one) => one.transport === transport).map(({ port }) => port)
  return [...new Set(all)].slice(0, MAX_OPEN_PORTS)
}

interface AskOptions {
  readonly timeoutMs: number
  readonly onConnected?: (reply: { readonly type: 'connected'; readonly id: number; readonly source: Endpoint }) => void
}

/** Asks again once, when told to come back soon. */
async function askTwice(host: Host, exchange: ControlExchange, question: Question, options: AskOptions) {
  const first = await exchange.ask(question, options)
  if (typeof first.reply === 'string' || first.reply.type !== 'error') return first
  const { code, retryAfterMs } = first.reply
  const isWorthIt = code === 'too-many-requests' && retryAfterMs !== null && retryAfterMs <= LONGEST_RETRY_MS
  if (!isWorthIt) return first
  await host.clock.sleep(retryAfterMs)
  return exchange.ask(question, options)
}
