import type { Services } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'

/** A simulated machine has no programs of a system, and no engine of containers. */
export const simServices: Services = {
  async run([program]) {
    throw new PeerwayError('not-available', errorText('error.sim-not-installed', { program }))
  },
  async engines() {
    throw new PeerwayError('not-available', errorText('error.sim-no-engine'))
  },
}
