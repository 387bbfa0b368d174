/** The services of an Internet gateway device that peerway speaks to, the best of a kind first. */
export const WAN_SERVICES = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const
export const FIREWALL_SERVICE = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1'
export const IGD_SERVICES = [...WAN_SERVICES, FIREWALL_SERVICE] as const
export type IgdService = (typeof IGD_SERVICES)[number]

/**
 * What is searched for. A device answers for its own version and all below, most answer for their services; the root
 * device is asked of gateways alone, because everything in the house would answer for its own.
 */
export const IGD_TARGETS = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const
export const ROOT_TARGET = 'upnp:rootdevice'
