import type { PortMappingProtocol } from '../../topology/topology.ts'
import { holdPort5351 } from './hold-port-5351.ts'
import type { RouterSite } from './router-site.ts'
import { holdUpnp } from './upnp.ts'

/**
 * Starts what hosts inside of a router may ask it for openings with. Every service answers on the addresses of
 * `site.served`, and keeps all it grants in `site.guard.openings`, so that each of them sees what the others did.
 */
export function holdPortMapping(site: RouterSite, protocols: readonly PortMappingProtocol[]): void {
  holdPort5351(site, protocols)
  if (protocols.includes('upnp')) holdUpnp(site)
}
