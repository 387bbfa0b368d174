import type { Services } from '../../host/host.ts'
import { PeerwayError } from '../../model/error.ts'

/** A simulated machine has no programs of a system, and no engine of containers. */
export const simServices: Services = {
  async run([program]) {
    throw new PeerwayError('not-available', `${program} is not installed: this machine is simulated`)
  },
  async engines() {
    throw new PeerwayError('not-available', 'no container engine is installed: this machine is simulated')
  },
}
