import { latin1 } from '../latin1.ts'

/** No greeting below is told apart by more than this. */
const LOOKED_AT_BYTES = 256

/**
 * How servers begin, on their own or when a multistream header meets them: one of the prefixes (bytes as Latin-1
 * characters), and, where a third column stands, a first line that has it. The first row that matches counts.
 */
const GREETINGS: readonly (readonly [name: string, prefixes: readonly string[], line?: RegExp])[] = [
  ['multistream', ['\x13/multistream/1.0.0\n']],
  ['peerway', ['peerway-reply ', '{"type":"hello","protocol":"peerway-vantage"']],
  ['ssh', ['SSH-']],
  ['http', ['HTTP/1.', 'HTTP/2']],
  // An alert or a handshake record: what a TLS server (HTTPS, Syncthing, Tor) says to something that is not TLS.
  ['tls', ['\x15\x03', '\x16\x03']],
  ['smtp', ['220 ', '220-'], /SMTP/i],
  ['ftp', ['220 ', '220-'], /FTP/i],
  ['banner-220', ['220 ', '220-']],
  ['pop3', ['+OK']],
  ['imap', ['* OK']],
  // Magic numbers of mainnet, testnet3, testnet4 and signet.
  ['bitcoin', ['\xf9\xbe\xb4\xd9', '\x0b\x11\x09\x07', '\x1c\x16\x3f\x28', '\x0a\x03\xcf\x40']],
  ['bittorrent', ['\x13BitTorrent protocol']],
  ['nats', ['INFO {']],
  ['redis', ['-ERR', '-NOAUTH', '-DENIED']],
  ['vnc', ['RFB 0']],
  ['telnet', ['\xff\xfb', '\xff\xfc', '\xff\xfd', '\xff\xfe']],
]

/**
 * Which protocol a TCP server's first bytes belong to; null when they are none that we know, or too few to tell.
 * Any bytes are taken. A name says what was recognised, not that the server is honest.
 */
export function classifyGreeting(bytes: Uint8Array): string | null {
  const text = latin1(bytes.subarray(0, LOOKED_AT_BYTES))
  const firstLine = text.split('\n', 1)[0]!
  const row = GREETINGS.find(
    ([, prefixes, line]) => prefixes.some((prefix) => text.startsWith(prefix)) && (line?.test(firstLine) ?? true),
  )
  return row?.[0] ?? null
}
