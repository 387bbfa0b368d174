import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A network that `peerway fix` can repair: what stands in the way, and which remedies clear it. */
export interface RepairCase {
  readonly name: string
  readonly yaml: string
  /** Arguments of check and fix. */
  readonly asked: readonly string[]
  readonly obstacles: readonly string[]
  readonly remedies: readonly string[]
  /** Further arguments of fix. */
  readonly only?: readonly string[]
  /** Shell lines that run on the node first, in its own mount namespace: a firewall's program that is to be set up. */
  readonly setUp?: string
  /** Shell lines that run there last, to leave nothing on the machine. */
  readonly tidyUp?: string
  /** Variables of peerway's, `NAME=VALUE`. */
  readonly environment?: readonly string[]
  /** The same on the host called neighbour. */
  readonly neighbour?: string
  /** Programs without which the case cannot be. */
  readonly needs?: readonly string[]
}

const VANTAGE = '198.51.100.20'
const VANTAGE6 = '[2001:db8:1::20]:3478'

const LISTENERS = 'listeners: [{ port: 4001, behavior: greet }]'

/** The lines of `text`, whatever stands before them, so far in: `iptables-restore` wants them at the very beginning. */
function block(text: string, spaces: number): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `${' '.repeat(spaces)}${line.trim()}`)
    .join('\n')
}

function outside(more = ''): string {
  return `
vantages:
  vantage: { network: internet, address: ${VANTAGE}, alternateAddress: 198.51.100.21 }
${more}`
}

/** A rented server with a public address, and rules of its own. */
function server(language: 'nft' | 'iptables' | null, rules: string): string {
  const firewall = language === null ? '' : `    firewall:\n      ${language}: |\n${block(rules, 8)}`
  return `
topology: 1
title: A server
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
hosts:
  node:
    network: access
    address: 203.0.113.10
    ${LISTENERS}
${firewall}
  stranger: { network: internet }
providers:
  isp: { inside: access, outside: internet }
${outside()}`
}

/** The same over IPv6 alone. */
function server6(rules: string): string {
  return `
topology: 1
title: A server
networks:
  internet: { ipv6: 2001:db8:1::/64 }
  access: { ipv6: 2001:db8:2::/64 }
hosts:
  node:
    network: access
    address: "2001:db8:2::10"
    ${LISTENERS}
    firewall:
      nft: |
${block(rules, 8)}
  stranger: { network: internet }
providers:
  isp: { inside: access, outside: internet }
vantages:
  vantage6: { network: internet, address: "2001:db8:1::20", alternateAddress: "2001:db8:1::21" }
`
}

/** A home; its access line has an address that miniupnpd takes for public, in a lab that nothing leaves. */
function home(protocols: string, rules = '', language: 'nft' | 'iptables' = 'nft'): string {
  const firewall = rules === '' ? '' : `    firewall:\n      ${language}: |\n${block(rules, 8)}`
  return `
topology: 1
title: A home
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 45.67.89.0/24 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node:
    network: home
    ${LISTENERS}
${firewall}
  neighbour: { network: home }
  stranger: { network: internet }
routers:
  box:
    inside: home
    outside: access
    nat: { mapping: endpoint-independent, filtering: address-and-port-dependent }
    portMapping: [${protocols}]
providers:
  isp: { inside: access, outside: internet }
${outside()}`
}

/** A server that sends its port on to a guest, with a policy that passes nothing on. */
const guest = `
topology: 1
title: A guest
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
  bridge: { ipv4: 172.29.0.0/24 }
hosts:
  node:
    network: access
    address: 203.0.113.10
    inside: bridge
    forwarding: no
    firewall:
      nft: |
        table ip nat {
          map guests {
            type inet_service : ipv4_addr . inet_service
            elements = { 4001 : 172.29.0.2 . 4001 }
          }
          chain in {
            type nat hook prerouting priority dstnat
            iifname "eth0" meta l4proto { tcp, udp } dnat ip to th dport map @guests
          }
          chain out {
            type nat hook postrouting priority srcnat
            oifname "eth0" masquerade
          }
        }
        table inet fw {
          chain pass {
            type filter hook forward priority filter; policy drop
            ct state established,related accept
            iifname "inside" accept
          }
        }
  guest: { network: bridge, address: 172.29.0.2, ${LISTENERS} }
  stranger: { network: internet }
providers:
  isp: { inside: access, outside: internet }
${outside()}`

/** A topology file of this project. */
function topology(name: string): string {
  return readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8')
}

const DOCKER = 'unix:///media/docker.sock'
const GUEST = fileURLToPath(new URL('../../dist/lab/guest.js', import.meta.url))
const GREETERS = ['tcp', 'udp'].map((transport) => {
  return { transport, port: 4001, address: '0.0.0.0', behavior: 'greet', contacts: [] }
})

/** A real dockerd, whose one container greets on port 4001, published. The image is the machine's own folders. */
const DOCKER_UP = `
  mount -t tmpfs tmpfs /media
  mkdir -p /media/root/bin
  cp /bin/busybox /media/root/bin/
  ln -s busybox /media/root/bin/chroot
  setsid dockerd --data-root /media/data --exec-root /media/exec --pidfile /media/pid -H ${DOCKER} \
    --storage-driver vfs --cgroup-parent /peerway-fix-${process.pid} >/media/log 2>&1 </dev/null &
  export DOCKER_HOST=${DOCKER}
  for i in $(seq 100); do docker info >/dev/null 2>&1 && break; sleep 0.1; done
  tar -C /media/root -c . | docker import - peerway-fix:1
  docker run -d -v /:/host:ro -p 4001:4001/tcp -p 4001:4001/udp peerway-fix:1 \
    /bin/chroot /host ${process.execPath} ${GUEST} '${JSON.stringify({ listeners: GREETERS, pages: [] })}'`
const DOCKER_DOWN = `
  docker -H ${DOCKER} rm -f $(docker -H ${DOCKER} ps -aq)
  kill $(cat /media/pid)
  while [ -e /media/pid ]; do sleep 0.05; done
  find /sys/fs/cgroup -depth -path '*/peerway-fix-${process.pid}*' -type d -exec rmdir {} +`

const INPUT = ['host-firewall-drops-inbound']
const ALLOW = ['allow-in-host-firewall']
const V4 = ['--port', '4001', '--vantage', VANTAGE]
const V6 = ['--port', '4001', '--vantage', VANTAGE6]

const onServer = (name: string, language: 'nft' | 'iptables', rules: string): RepairCase => ({
  name,
  yaml: server(language, rules),
  asked: V4,
  obstacles: INPUT,
  remedies: ALLOW,
})

export const CASES: readonly RepairCase[] = [
  onServer(
    'nft: a policy that drops',
    'nft',
    `table inet filter {
      chain input {
        type filter hook input priority filter; policy drop
        iif lo accept
        ct state established,related accept
        meta l4proto { icmp, ipv6-icmp } accept
        tcp dport 22 accept
      }
    }`,
  ),
  onServer(
    'nft: a rule in the middle that drops',
    'nft',
    `table inet filter {
      chain input {
        type filter hook input priority filter; policy accept
        ct state established,related accept
        tcp dport 22 accept
        iif lo accept
        meta l4proto { tcp, udp } drop
        counter
      }
    }`,
  ),
  onServer(
    'nft: a chain that is jumped to',
    'nft',
    `table inet filter {
      chain input {
        type filter hook input priority filter; policy accept
        iif lo accept
        ct state vmap { established : accept, related : accept, new : jump fresh }
      }
      chain fresh {
        icmp type echo-request accept
        tcp dport { 22, 80 } accept
        reject with icmpx admin-prohibited
      }
    }`,
  ),
  onServer(
    'nft: two tables that both drop',
    'nft',
    `table inet filter {
      chain input {
        type filter hook input priority filter; policy drop
        iif lo accept
        ct state established,related accept
        meta l4proto icmp accept
      }
    }
    table ip guard {
      chain early {
        type filter hook input priority -10; policy accept
        ct state established,related accept
        udp dport 1024-65535 drop
        tcp dport 1024-65535 drop
      }
    }`,
  ),
  onServer(
    'nft: a rule before routing',
    'nft',
    `table ip guard {
      chain early {
        type filter hook prerouting priority raw; policy accept
        iif lo accept
        udp dport 4001 drop
        tcp dport 4001 drop
      }
    }`,
  ),
  onServer(
    'nft: a set of ports that are refused',
    'nft',
    `table inet filter {
      set shut { type inet_service; flags interval; elements = { 1000-5000, 6000 } }
      chain input {
        type filter hook input priority filter; policy accept
        ct state established,related accept
        tcp dport @shut reject with tcp reset
        udp dport @shut drop
      }
    }`,
  ),
  onServer(
    'iptables: a policy that drops',
    'iptables',
    `*filter
    :INPUT DROP [0:0]
    :FORWARD DROP [0:0]
    :OUTPUT ACCEPT [0:0]
    -A INPUT -i lo -j ACCEPT
    -A INPUT -p icmp -j ACCEPT
    -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A INPUT -p tcp --dport 22 -j ACCEPT
    COMMIT`,
  ),
  onServer(
    'iptables: a last rule that rejects',
    'iptables',
    `*filter
    :INPUT ACCEPT [0:0]
    :FORWARD ACCEPT [0:0]
    :OUTPUT ACCEPT [0:0]
    :web - [0:0]
    -A INPUT -i lo -j ACCEPT
    -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A INPUT -p icmp -j ACCEPT
    -A INPUT -j web
    -A INPUT -j REJECT --reject-with icmp-host-prohibited
    -A web -p tcp -m multiport --dports 80,443 -j ACCEPT
    COMMIT`,
  ),
  {
    name: 'iptables-legacy: a policy that drops',
    yaml: server(null, ''),
    asked: V4,
    obstacles: INPUT,
    remedies: ALLOW,
    needs: ['iptables-legacy'],
    setUp: `
      iptables-legacy -A INPUT -i lo -j ACCEPT
      iptables-legacy -A INPUT -p icmp -j ACCEPT
      iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables-legacy -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
      iptables-legacy -P INPUT DROP`,
  },
  {
    name: 'iptables-legacy: a rule that peerway cannot judge, and that counters saw to drop',
    yaml: server(null, ''),
    asked: V4,
    obstacles: INPUT,
    remedies: ALLOW,
    needs: ['iptables-legacy'],
    // Bytes 22 and 23 of a packet without options: the port that it is sent to.
    setUp: `
      iptables-legacy -A INPUT -i lo -j ACCEPT
      iptables-legacy -A INPUT -m u32 --u32 '20&0xFFFF=4001' -j DROP`,
  },
  {
    name: 'both back ends of iptables at once',
    yaml: server(null, ''),
    asked: V4,
    obstacles: INPUT,
    remedies: ALLOW,
    needs: ['iptables-legacy', 'iptables-nft'],
    setUp: `
      iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables-legacy -A INPUT -p udp -j DROP
      iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables-nft -A INPUT -p tcp -j DROP
      iptables-nft -A INPUT -p udp -m udp --dport 4001 -j DROP`,
  },
  {
    name: 'IPv6: a policy that drops',
    yaml: server6(`table ip6 filter {
      chain input {
        type filter hook input priority filter; policy drop
        iif lo accept
        ct state established,related accept
        meta l4proto ipv6-icmp accept
      }
    }`),
    asked: V6,
    obstacles: INPUT,
    remedies: ALLOW,
  },
  {
    name: "a rule that drops the node's answers",
    yaml: server(
      'nft',
      `table inet filter {
        chain output {
          type filter hook output priority filter; policy accept
          udp sport 4001 drop
          tcp sport 4001 drop
        }
      }`,
    ),
    asked: V4,
    obstacles: ['host-firewall-drops-outbound'],
    remedies: ['allow-outbound-in-host-firewall'],
  },
  {
    name: 'a home router with PCP',
    yaml: home('pcp'),
    asked: V4,
    obstacles: ['router-source-nat'],
    remedies: ['map-port-pcp'],
  },
  {
    name: 'a home router with UPnP alone',
    yaml: home('upnp'),
    asked: V4,
    obstacles: ['router-source-nat'],
    remedies: ['map-port-upnp'],
  },
  {
    name: 'a home router with UPnP and PCP, and rules of the host',
    yaml: home(
      'upnp, pcp',
      `table inet filter {
        chain input {
          type filter hook input priority filter; policy drop
          iif lo accept
          ct state established,related accept
          meta l4proto icmp accept
        }
      }`,
    ),
    asked: V4,
    obstacles: ['router-source-nat', 'host-firewall-drops-inbound'],
    remedies: ['map-port-pcp', 'allow-in-host-firewall'],
  },
  {
    name: 'a home router with NAT-PMP',
    yaml: home('nat-pmp'),
    asked: V4,
    only: ['--only', 'map-port-nat-pmp'],
    obstacles: ['router-source-nat'],
    remedies: ['map-port-nat-pmp'],
  },
  {
    name: 'a home router on which a neighbour has the port already',
    yaml: home('pcp, upnp'),
    asked: V4,
    obstacles: ['router-forward-elsewhere'],
    remedies: ['map-port-pcp'],
    needs: ['natpmpc'],
    neighbour: 'natpmpc -a 4001 4001 tcp 7200 && natpmpc -a 4001 4001 udp 7200',
  },
  {
    name: 'a home router with UPnP, and rules of iptables',
    yaml: home(
      'upnp',
      `*filter
      :INPUT DROP [0:0]
      :FORWARD DROP [0:0]
      :OUTPUT ACCEPT [0:0]
      -A INPUT -i lo -j ACCEPT
      -A INPUT -p icmp -j ACCEPT
      -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      COMMIT`,
      'iptables',
    ),
    asked: V4,
    obstacles: ['router-source-nat', 'host-firewall-drops-inbound'],
    remedies: ['map-port-upnp', 'allow-in-host-firewall'],
  },
  {
    name: 'a home router with PCP, over both families',
    yaml: topology('home-pcp'),
    asked: [...V4, '--vantage', VANTAGE6],
    obstacles: ['router-source-nat', 'router-filter-drops-inbound'],
    remedies: ['map-port-pcp', 'open-pinhole-pcp'],
  },
  {
    name: 'a home router with UPnP alone, over IPv6, known by its link-local address',
    yaml: topology('home-pcp').replace(/portMapping: .*/, 'portMapping: [upnp]'),
    asked: V6,
    only: ['--only', 'open-pinhole-upnp'],
    obstacles: ['router-filter-drops-inbound'],
    remedies: ['open-pinhole-upnp'],
    // As router advertisements make it; all routers of the link answer.
    setUp: `
      router=$(ping -n -c 1 ff02::2%eth0 | sed -n 's/.*from \\(fe80:[0-9a-f:]*\\)%.*/\\1/p')
      ip -6 route replace default via $router dev eth0`,
  },
  onServer(
    'nft: a rule as the packet comes in from the device',
    'nft',
    `table netdev guard {
      chain early {
        type filter hook ingress device "eth0" priority 0; policy accept
        udp dport 4001 drop
        tcp dport 4001 drop
      }
    }`,
  ),
  onServer(
    'iptables: the raw table',
    'iptables',
    `*raw
    -A PREROUTING -p tcp -m tcp --dport 4001 -j DROP
    -A PREROUTING -p udp -m udp --dport 4001 -j DROP
    COMMIT`,
  ),
  {
    name: 'IPv6 by ip6tables',
    yaml: server6('table ip6 nothing { }'),
    asked: V6,
    obstacles: INPUT,
    remedies: ALLOW,
    setUp: `
      ip6tables -A INPUT -i lo -j ACCEPT
      ip6tables -A INPUT -p ipv6-icmp -j ACCEPT
      ip6tables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      ip6tables -P INPUT DROP`,
  },
  {
    name: 'ufw',
    yaml: server(null, ''),
    asked: V4,
    obstacles: INPUT,
    remedies: ALLOW,
    needs: ['ufw'],
    setUp: 'ufw --force enable; ufw allow 22/tcp; ufw reload',
  },
  {
    name: 'firewalld',
    yaml: server(null, ''),
    asked: V4,
    obstacles: INPUT,
    remedies: ALLOW,
    needs: ['firewalld', 'firewall-cmd', 'dbus-daemon'],
    setUp: `
      mkdir -p /run/dbus
      mount -t tmpfs tmpfs /run/dbus
      dbus-daemon --system --fork --nopidfile
      setsid firewalld --nofork --nopid >/dev/null 2>&1 </dev/null &
      for i in $(seq 100); do firewall-cmd --state >/dev/null 2>&1 && break; sleep 0.1; done
      firewall-cmd --quiet --zone=public --change-interface=eth0`,
  },
  {
    name: 'a container of a real Docker, before which DOCKER-USER drops',
    yaml: server(null, '').replace(LISTENERS, ''),
    asked: V4,
    obstacles: ['host-firewall-drops-forwarded'],
    remedies: ['allow-forwarding-in-host-firewall'],
    needs: ['dockerd', 'docker', 'busybox', 'iptables-nft'],
    environment: [`DOCKER_HOST=${DOCKER}`],
    setUp: `${DOCKER_UP}
      iptables -I DOCKER-USER -i eth0 -p tcp -m tcp --dport 4001 -j DROP
      iptables -I DOCKER-USER -i eth0 -p udp -j REJECT`,
    tidyUp: DOCKER_DOWN,
  },
  {
    name: 'a guest to which a rule of the host passes nothing on',
    yaml: topology('guest-forward-dropped'),
    asked: V4,
    obstacles: ['host-firewall-drops-forwarded'],
    remedies: ['allow-forwarding-in-host-firewall'],
  },
  {
    name: 'a guest behind a kernel that passes nothing on',
    yaml: topology('guest-forwarding-off'),
    asked: V4,
    obstacles: ['ip-forwarding-disabled'],
    remedies: ['enable-ip-forwarding'],
  },
  {
    name: 'a guest behind a map of translations, rules of two back ends that both stop it, and forwarding off',
    yaml: guest,
    asked: V4,
    obstacles: ['host-firewall-drops-forwarded', 'ip-forwarding-disabled'],
    remedies: ['allow-forwarding-in-host-firewall', 'enable-ip-forwarding'],
    needs: ['iptables-legacy'],
    // Which of the two comes first, nobody tells; and this file is read after all others.
    setUp: `
      printf '# mine\\nnet/ipv4/ip_forward=0\\n' > /etc/sysctl.conf
      iptables-legacy -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables-legacy -A FORWARD -i eth0 -m comment --comment "guests: no" -j REJECT --reject-with icmp-admin-prohibited`,
  },
  {
    name: 'a VPN server whose kernel passes nothing on',
    yaml: topology('vpn-forwarding-off'),
    asked: ['--port', 'udp/1194', '--port', 'tcp/4001', '--vantage', VANTAGE],
    obstacles: ['ip-forwarding-disabled'],
    remedies: ['enable-ip-forwarding'],
  },
]
