/**
 * Every remedy there is, the best first: take the NAT or the filter away, then forward the port, then the DMZ host, and
 * UPnP, and where nothing opens the way, go round. What stands on this host itself comes before all of them, for it is needed in
 * any case and is the quickest to do.
 */
export const REMEDY_IDS = [
  'restore-internet',
  'start-node',
  'listen-on-all-addresses',
  'publish-port',
  'allow-in-host-firewall',
  'allow-forwarding-in-host-firewall',
  'allow-outbound-in-host-firewall',
  'enable-ip-forwarding',
  'announce-reachable-address',
  'bridge-mode',
  'ask-provider-public-address',
  'ask-provider-unblock',
  'open-pinhole-pcp',
  'allow-in-router-firewall-ipv6',
  'allow-in-router-firewall',
  'correct-forwarding',
  'map-port-pcp',
  'map-port-nat-pmp',
  'forward-by-hand',
  'forward-on-both-routers',
  'dmz-host',
  'map-port-upnp',
  'open-pinhole-upnp',
  'enable-upnp-in-router',
  'use-another-port',
  'use-tcp',
  'use-ipv6',
  'hole-punching',
  'relay',
] as const

export type RemedyId = (typeof REMEDY_IDS)[number]
