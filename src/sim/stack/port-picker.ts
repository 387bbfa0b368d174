import type { Machine } from '../machine.ts'
import type { Prng } from '../prng.ts'

/** Linux's net.ipv4.ip_local_port_range. */
const FIRST = 32_768
const COUNT = 28_232

/** Ports that a system chooses for sockets that ask for any. */
export class PortPicker {
  readonly #machine: Machine
  readonly #label: string
  #random: Prng | null = null

  constructor(machine: Machine, label: string) {
    this.#machine = machine
    this.#label = label
  }

  /** Undefined when every port is taken. */
  pick(isFree: (port: number) => boolean): number | undefined {
    this.#random ??= this.#machine.world.random(`${this.#label}/${this.#machine.name}`)
    const start = this.#random.below(COUNT)
    for (let step = 0; step < COUNT; step++) {
      const port = FIRST + ((start + step) % COUNT)
      if (isFree(port)) return port
    }
    return undefined
  }
}
