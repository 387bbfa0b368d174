import type { Family, Transport } from '../../src/model/endpoint.ts'

export interface KnownFirewall {
  readonly language: 'nft' | 'iptables'
  readonly text: string
  /** Does it stop what opens a flow towards a port of this host? */
  readonly dropsInbound: (transport: Transport, family: Family, port: number) => boolean
  /** Does it stop what the program on a port sends? */
  readonly dropsOutbound: (transport: Transport, family: Family, port: number) => boolean
}

const none = () => false

function nftInput(rules: string, policy: 'accept' | 'drop' = 'accept'): string {
  return `table inet filter {
  chain input {
    type filter hook input priority filter; policy ${policy}
${rules}
  }
}
`
}

const CAUTIOUS = `    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
`

/** Rules of hosts, with what they do. They are few and simple, so that nobody needs to trust a second reader of rules. */
export const FIREWALLS = new Map<string, KnownFirewall>([
  [
    'everything-in',
    { language: 'nft', text: nftInput(CAUTIOUS, 'drop'), dropsInbound: () => true, dropsOutbound: none },
  ],
  [
    'all-but-udp-4001',
    {
      language: 'nft',
      text: nftInput(`${CAUTIOUS}    udp dport 4001 accept`, 'drop'),
      dropsInbound: (transport, _, port) => !(transport === 'udp' && port === 4001),
      dropsOutbound: none,
    },
  ],
  [
    'udp-4001',
    {
      language: 'nft',
      text: nftInput('    udp dport 4001 drop'),
      dropsInbound: (transport, _, port) => transport === 'udp' && port === 4001,
      dropsOutbound: none,
    },
  ],
  [
    'tcp-4001-reset',
    {
      language: 'nft',
      text: nftInput('    tcp dport 4001 reject with tcp reset'),
      dropsInbound: (transport, _, port) => transport === 'tcp' && port === 4001,
      dropsOutbound: none,
    },
  ],
  [
    'ipv4-4001',
    {
      language: 'iptables',
      text: '*filter\n-A INPUT -p tcp --dport 4001 -j DROP\n-A INPUT -p udp --dport 4001 -j DROP\nCOMMIT\n',
      dropsInbound: (_, family, port) => family === 'ipv4' && port === 4001,
      dropsOutbound: none,
    },
  ],
  [
    'answers-of-tcp-4001',
    {
      language: 'nft',
      text: `table inet filter {
  chain output {
    type filter hook output priority filter; policy accept
    tcp sport 4001 drop
  }
}
`,
      dropsInbound: none,
      dropsOutbound: (transport, _, port) => transport === 'tcp' && port === 4001,
    },
  ],
])

export type FirewallName = string
