/**
 * Public STUN servers that are asked where no vantage is given, and to tell a dead vantage from a dead access line.
 * The first ones answer from a second address and port (RFC 5780), so that they can tell mapping and filtering.
 * The settings replace the list (`stunServers`).
 */
export const PUBLIC_STUN_SERVERS: readonly string[] = [
  'stun.mysterium.network:3478',
  'stun.sip.us:3478',
  'stunserver2025.stunprotocol.org:3478',
  'stun.nextcloud.com:3478',
  'stun.cloudflare.com:3478',
  'stun.l.google.com:19302',
]
