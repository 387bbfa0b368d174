import type { Services } from '../../host/host.ts'
import { PeerwayError } from '../../model/error.ts'

/** A simulated machine has no programs of a system. */
export const simServices: Services = {
  async run([program]) {
    throw new PeerwayError('not-available', `${program} is not installed: this machine is simulated`)
  },
}
