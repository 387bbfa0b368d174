import { allowForwardingInHostFirewall } from './recipes/allow-forwarding-in-host-firewall.ts'
import { allowInHostFirewall } from './recipes/allow-in-host-firewall.ts'
import { allowInRouterFirewall } from './recipes/allow-in-router-firewall.ts'
import { allowInRouterFirewallIpv6 } from './recipes/allow-in-router-firewall-ipv6.ts'
import { allowOutboundInHostFirewall } from './recipes/allow-outbound-in-host-firewall.ts'
import { announceReachableAddress } from './recipes/announce-reachable-address.ts'
import { askProviderPublicAddress } from './recipes/ask-provider-public-address.ts'
import { askProviderUnblock } from './recipes/ask-provider-unblock.ts'
import { bridgeMode } from './recipes/bridge-mode.ts'
import { correctForwarding } from './recipes/correct-forwarding.ts'
import { dmzHost } from './recipes/dmz-host.ts'
import { enableIpForwarding } from './recipes/enable-ip-forwarding.ts'
import { enableUpnpInRouter } from './recipes/enable-upnp-in-router.ts'
import { forwardByHand } from './recipes/forward-by-hand.ts'
import { forwardOnBothRouters } from './recipes/forward-on-both-routers.ts'
import { holePunching } from './recipes/hole-punching.ts'
import { listenOnAllAddresses } from './recipes/listen-on-all-addresses.ts'
import { mapPortNatPmp } from './recipes/map-port-nat-pmp.ts'
import { mapPortPcp } from './recipes/map-port-pcp.ts'
import { mapPortUpnp } from './recipes/map-port-upnp.ts'
import { openPinholePcp } from './recipes/open-pinhole-pcp.ts'
import { openPinholeUpnp } from './recipes/open-pinhole-upnp.ts'
import { publishPort } from './recipes/publish-port.ts'
import type { Recipe } from './recipes/recipe.ts'
import { relay } from './recipes/relay.ts'
import { restoreInternet } from './recipes/restore-internet.ts'
import { startNode } from './recipes/start-node.ts'
import { useAnotherPort } from './recipes/use-another-port.ts'
import { useIpv6 } from './recipes/use-ipv6.ts'
import { useTcp } from './recipes/use-tcp.ts'

/** What is done on this host itself; each clears one obstacle and is needed whatever else stands in the way. */
export const HOST_RECIPES: readonly Recipe[] = [
  startNode,
  listenOnAllAddresses,
  publishPort,
  allowInHostFirewall,
  allowForwardingInHostFirewall,
  allowOutboundInHostFirewall,
  enableIpForwarding,
  announceReachableAddress,
]

/** What is done between the stranger and this host. */
export const NETWORK_RECIPES: readonly Recipe[] = [
  restoreInternet,
  bridgeMode,
  askProviderPublicAddress,
  askProviderUnblock,
  openPinholePcp,
  allowInRouterFirewallIpv6,
  allowInRouterFirewall,
  correctForwarding,
  mapPortPcp,
  mapPortNatPmp,
  forwardByHand,
  forwardOnBothRouters,
  dmzHost,
  mapPortUpnp,
  openPinholeUpnp,
  enableUpnpInRouter,
  useAnotherPort,
  useTcp,
  useIpv6,
  holePunching,
  relay,
]
