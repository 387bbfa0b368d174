import type { Host } from '../../src/host/host.ts'
import type { Machine } from '../../src/sim/machine.ts'
import { holdPortMapping } from '../../src/sim/port-mapping/hold-port-mapping.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import type { PortMappingProtocol } from '../../src/topology/topology.ts'
import { OWNER, SmallWorld } from '../sim/small-world.ts'

export const GATEWAY = '192.168.1.1'
export const GATEWAY6 = '2001:db8:1::1'
export const NODE = '192.168.1.10'
export const NODE6 = '2001:db8:1::a'
export const OUTSIDE = '203.0.113.1'

/** A simulated home whose router serves the protocols named. */
export class Home extends SmallWorld {
  readonly node: Host
  readonly other: Host

  constructor(protocols: readonly PortMappingProtocol[], outside: 'public' | 'private' = 'public') {
    super()
    const [inside, outer] = this.box.interfaces as [Machine['interfaces'][0], Machine['interfaces'][0]]
    if (outside === 'private') this.guard.restart([this.id('100.64.0.7')])
    const site = { machine: this.box, guard: this.guard, inside, outside: outer, served: inside.addresses }
    holdPortMapping(site, protocols)
    this.node = openSimHost(this.a)
    this.other = openSimHost(this.b)
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.world.run(work)
  }

  /** What the router lets in, as `udp 4001 -> 192.168.1.10:4001`. */
  get openings(): readonly string[] {
    return this.guard.openings.all().map(({ transport, externalPort, internal }) => {
      return `${transport} ${externalPort} -> ${this.world.addresses.text(internal.address)}:${internal.port}`
    })
  }

  /** Power is lost and comes back: nothing that was opened is known any more. */
  restart(): void {
    this.guard.restart()
  }
}

export interface Told {
  readonly datagram: Uint8Array
  /** 5351 of the gateway itself without it. */
  readonly from?: { readonly address: string; readonly port: number }
  readonly afterMs?: number
}

/** A home whose gateway says to every datagram what `answers` makes of it; keeps what was asked, with the time. */
export class OddHome extends Home {
  readonly asked: { readonly atMs: number; readonly datagram: Uint8Array }[] = []

  constructor(answers: (datagram: Uint8Array, index: number) => readonly Told[]) {
    super([])
    for (const address of [GATEWAY, GATEWAY6]) {
      const binding = this.box.udp.bind({
        address: this.id(address),
        port: 5351,
        owner: OWNER,
        onDatagram: ({ payload, source, sourcePort }) => {
          this.asked.push({ atMs: this.world.nowMs, datagram: payload })
          const to = { address: source, port: sourcePort }
          for (const { datagram, from, afterMs = 0 } of answers(payload, this.asked.length - 1)) {
            this.world.timer(afterMs, () => {
              if (from === undefined) this.box.udp.send(binding!, this.id(address), datagram, to)
              else this.#spoof(datagram, from, to)
            })
          }
        },
      })
    }
  }

  #spoof(
    datagram: Uint8Array,
    from: { readonly address: string; readonly port: number },
    to: { address: number; port: number },
  ) {
    const binding = { address: this.id(from.address), port: from.port, owner: OWNER, onDatagram: () => {} }
    this.box.udp.send(binding, binding.address, datagram, to)
  }
}
