import type { Family, Transport } from '../../src/model/endpoint.ts'

export interface KnownFirewall {
  readonly language: 'nft' | 'iptables'
  readonly text: string
  /** Does it stop what opens a flow towards a port of this host? */
  readonly dropsInbound: (transport: Transport, family: Family, port: number) => boolean
  /** Does it do so before it is known whether the packet is for this host itself, or for a guest of it? */
  readonly dropsBeforeRouting?: boolean
  /** Does it stop what the program on a port sends? */
  readonly dropsOutbound: (transport: Transport, family: Family, port: number) => boolean
  /** Does it stop what this host sends of its own accord, but for answers? */
  readonly dropsOwn?: boolean
}

const none = () => false

function nftInput(rules: string, policy: 'accept' | 'drop' = 'accept', sets = ''): string {
  return `table inet filter {
${sets}  chain input {
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
  [
    'a-set-of-doors',
    {
      language: 'nft',
      text: nftInput(
        `${CAUTIOUS}    meta l4proto . th dport @doors accept`,
        'drop',
        '  set doors {\n    type inet_proto . inet_service\n    elements = { tcp . 22, tcp . 4001, udp . 4002 }\n  }\n',
      ),
      dropsInbound: (transport, _, port) => !(transport === 'tcp' ? port === 4001 : port === 4002),
      dropsOutbound: none,
    },
  ],
  [
    'friends-alone',
    {
      language: 'nft',
      text: nftInput(
        `${CAUTIOUS}    ip saddr @friends accept`,
        'drop',
        '  set friends {\n    type ipv4_addr\n    flags interval\n    elements = { 10.99.0.0/16, 192.0.2.1-192.0.2.9 }\n  }\n',
      ),
      dropsInbound: () => true,
      dropsOutbound: none,
    },
  ],
  [
    'a-map-of-ports',
    {
      language: 'nft',
      text: nftInput(
        '    udp dport vmap @ports\n    tcp dport vmap { 4001 : accept, 4002 : jump refuse }',
        'accept',
        '  map ports {\n    type inet_service : verdict\n    elements = { 4001 : accept, 4002 : drop }\n  }\n  chain refuse {\n    reject\n  }\n',
      ),
      dropsInbound: (_, __, port) => port === 4002,
      dropsOutbound: none,
    },
  ],
  [
    'raw-udp-4002',
    {
      language: 'nft',
      text: 'table inet early {\n  chain pre {\n    type filter hook prerouting priority raw\n    udp dport 4002 drop\n  }\n}\n',
      dropsInbound: (transport, _, port) => transport === 'udp' && port === 4002,
      dropsBeforeRouting: true,
      dropsOutbound: none,
    },
  ],
  [
    'ingress-tcp-4001',
    {
      language: 'nft',
      text: 'table netdev early {\n  chain in {\n    type filter hook ingress device "eth0" priority 0\n    tcp dport 4001 drop\n  }\n}\n',
      dropsInbound: (transport, _, port) => transport === 'tcp' && port === 4001,
      dropsBeforeRouting: true,
      dropsOutbound: none,
    },
  ],
  [
    'ipv6-alone',
    {
      language: 'nft',
      text: nftInput(`${CAUTIOUS}    meta nfproto ipv6 reject with icmpv6 type admin-prohibited`),
      dropsInbound: (_, family) => family === 'ipv6',
      dropsOutbound: none,
    },
  ],
  [
    'iptables-cautious',
    {
      language: 'iptables',
      text: '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p icmp -j ACCEPT\n-A INPUT -p tcp -m multiport --dports 4001,4002 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n',
      dropsInbound: (transport, family) => family === 'ipv4' && transport === 'udp',
      dropsOutbound: none,
    },
  ],
  [
    'answers-alone-out',
    {
      language: 'nft',
      text: `table inet filter {
  chain output {
    type filter hook output priority filter; policy drop
    oif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
  }
}
`,
      dropsInbound: none,
      dropsOutbound: none,
      dropsOwn: true,
    },
  ],
])

export type FirewallName = string
