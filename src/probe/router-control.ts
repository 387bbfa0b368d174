import type { Clock } from '../host/host.ts'
import type { Address, Transport } from '../model/endpoint.ts'
import type { RouterControlAnswer, RouterControlFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import type { VantageControl } from '../vantage/vantage.ts'
import type { DialPayload } from '../wire/control/messages.ts'
import { decodeNatPmpResponse } from '../wire/nat-pmp/message.ts'
import { PCP_PORT } from '../wire/pcp/message.ts'
import { SSDP_PORT } from '../wire/ssdp/ssdp.ts'
import type { Dialler } from './dial-backs.ts'
import type { FamilyContext } from './family-context.ts'
import type { GatewaySelf } from './gateway-self.ts'
import { isSameByEpoch, isSameByName } from './gateway-self.ts'

interface Question {
  readonly protocol: RouterControlAnswer['protocol']
  readonly transport: Transport
  readonly port: number
  readonly payload: DialPayload
}

interface Heard extends Question {
  readonly bytes: Uint8Array
  readonly atMs: number
}

const ALWAYS_ASKED: readonly Question[] = [
  { protocol: 'ssdp', transport: 'udp', port: SSDP_PORT, payload: { kind: 'ssdp' } },
  { protocol: 'nat-pmp', transport: 'udp', port: PCP_PORT, payload: { kind: 'nat-pmp' } },
]

/**
 * Is the control of this host's own router open to the Internet? The vantage puts the questions of hosts inside to our
 * external address, where another box owns that. It asks from the address that this host has contacted, so that no
 * other address of it is spent on this, and nothing of it is waited for that has not come when all else is known.
 *
 * Whatever this host, a DMZ host or the target of a forwarding answers is told apart from the router by what the gateways
 * say of themselves inside.
 */
export class RouterControl {
  #asked: { readonly vantage: string; readonly source: Address; readonly target: Address } | undefined
  readonly #heard: Heard[] = []

  /**
   * `elsewhere`: resolves when nobody counts any more what comes from the contacted address by TCP. `udpDone` of the
   * result: no datagram of this is under way any more.
   */
  ask(
    context: FamilyContext,
    { control, fact, name }: Dialler,
    elsewhere: Promise<unknown>,
  ): { readonly udpDone: Promise<void>; readonly done: Promise<void> } {
    const { host, ports, gatewaysAsked } = context
    const source = fact.address
    if (source === null || !isWorthAsking(context, control, source)) {
      return { udpDone: Promise.resolve(), done: Promise.resolve() }
    }
    this.#asked = { vantage: name, source, target: control.observed.address }
    // A port that was asked for is the node's, and is dialled as such.
    const isFree = ({ transport, port }: Question) =>
      !ports.some((one) => one.transport === transport && one.port === port)
    const put = (question: Question) =>
      isFree(question) ? this.#put(host.clock, control, source, question) : Promise.resolve()
    const udpDone = Promise.all(ALWAYS_ASKED.map(put)).then(() => {})
    const description = Promise.all([gatewaysAsked, elsewhere]).then(([selves]) =>
      Promise.all(descriptionsOf(selves).map(put)),
    )
    return { udpDone, done: Promise.all([udpDone, description]).then(() => {}) }
  }

  /** What has come by now, and whose answers it is; undefined where nothing has. */
  fact(selves: readonly GatewaySelf[]): RouterControlFact | undefined {
    if (this.#asked === undefined || this.#heard.length === 0) return undefined
    const heard = this.#heard.toSorted((a, b) => a.port - b.port)
    const answers = heard.map((one): RouterControlAnswer => {
      const { protocol, transport, port } = one
      return { protocol, transport, port, sameAs: ownerOf(one, this.#asked!.target, selves) }
    })
    return { family: 'ipv4', ...this.#asked, answers }
  }

  async #put(clock: Clock, control: VantageControl, source: Address, question: Question): Promise<void> {
    const { transport, port, payload } = question
    const report = await control.dial({ transport, port, payload, from: { source } })
    control.release(report)
    if (report.answer !== null) this.#heard.push({ ...question, bytes: report.answer, atMs: clock.monotonicMs() })
  }
}

/** Only IPv4 is translated: elsewhere our address is our own, and no router's. A vantage at home is no stranger. */
function isWorthAsking({ family, addresses }: FamilyContext, control: VantageControl, source: Address): boolean {
  const target = control.observed.address
  const isOwn = addresses.addresses.some(({ address }) => address === target)
  const bothPublic = scopeOf(source) === 'global' && scopeOf(target) === 'global'
  return family === 'ipv4' && control.canAskRouter && bothPublic && !isOwn
}

/** Where gateways describe themselves inside; without that nothing on a TCP port could be told from others. */
function descriptionsOf(selves: readonly GatewaySelf[]): readonly Question[] {
  return selves.flatMap(({ description }) => {
    if (description === null) return []
    const { port, path } = description
    return [{ protocol: 'upnp', transport: 'tcp', port, payload: { kind: 'description', path } } as const]
  })
}

function ownerOf({ protocol, bytes, atMs }: Heard, target: Address, selves: readonly GatewaySelf[]): Address | null {
  if (protocol !== 'nat-pmp') return selves.find((self) => isSameByName(self, bytes))?.gateway ?? null
  const answer = decodeNatPmpResponse(bytes)
  if (!answer.ok || !('externalAddress' in answer.value) || answer.value.externalAddress !== target) return null
  const told = { ...answer.value, atMs }
  return selves.find((self) => isSameByEpoch(self, told))?.gateway ?? null
}
