/** Firewalls in the words of nft, one for each thing that the simulator's reader of them knows. */
export const NFT_TEXTS: Readonly<Record<string, string>> = {
  'named sets': `table inet t {
  set friends { type ipv4_addr; flags interval; elements = { 10.0.0.1-10.0.0.9, 192.0.2.0/24, 198.51.100.7 }; }
  set doors { type inet_proto . inet_service; elements = { tcp . 22, udp . 4001 }; }
  set inner { type ifname; elements = { "inside", "lo" }; }
  chain in { type filter hook input priority filter; policy drop;
    iifname @inner accept
    ip saddr @friends counter accept
    meta l4proto . th dport @doors accept comment "doors"
    ip saddr != @friends tcp dport 80 drop
  }
}`,
  'verdict maps': `table inet t {
  map doors { type inet_service : verdict; elements = { 22 : accept, 80 : jump web, 4001-4010 : goto web } ; flags interval; }
  chain web {
    ip saddr 10.0.0.0/8 drop
    accept; }
  chain in { type filter hook input priority 0; policy accept
    tcp dport vmap @doors
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname . udp dport vmap { "eth0" . 53 : drop, "inside" . 53 : accept }
  }
}`,
  'destination translation': `table ip nat {
  map taken { type inet_service : ipv4_addr . inet_service; elements = { 4003 : 10.0.0.4 . 80 }; }
  chain pre { type nat hook prerouting priority dstnat;
    iifname "eth0" tcp dport 4001 dnat to 10.0.0.2:4001
    udp dport { 4001, 4002 } dnat to 10.0.0.3
    tcp dport 8000 redirect to :8080
    ip daddr 203.0.113.10 tcp dport 81 counter dnat to 10.0.0.9:8000-8010 persistent
    tcp dport 4003 dnat ip to tcp dport map @taken
    tcp dport 83 dnat to ip saddr map { 192.0.2.1 : 10.0.0.5, 192.0.2.2 : 10.0.0.6 }
  }
  chain out { type nat hook output priority -100; fib daddr type local tcp dport 4001 dnat to 10.0.0.2; }
}`,
  'source translation': `table ip nat {
  chain post { type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 10.0.0.0/24 masquerade
    ip protocol udp snat to 203.0.113.10:40000-50000
    oifname != "lo" snat to 203.0.113.10 random
    ip saddr 10.9.0.0/16 meta l4proto tcp masquerade to :1024-65535 fully-random
  }
}`,
  'translation in tables of both families': `table inet nat {
  chain pre { type nat hook prerouting priority dstnat
    tcp dport 4001 dnat ip to 10.0.0.2:4001
    meta nfproto ipv6 tcp dport 4001 dnat ip6 to [2001:db8:9::2]:4001
    udp dport 53 redirect to :5353
  }
  chain post { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
}`,
  forwarding: `table inet f {
  chain forward { type filter hook forward priority filter; policy drop
    ct state established,related accept
    ct status dnat accept
    ct original ip daddr 203.0.113.10 meta l4proto tcp ct original proto-dst 4001 accept
    iifname "inside" oifname "eth0" accept
    ct direction reply accept
    reject with icmpx type admin-prohibited
  }
}`,
  'flags, marks and routes': `table inet m {
  chain pre { type filter hook prerouting priority mangle
    tcp flags & (syn | ack) == syn meta mark set 7
    tcp flags syn counter
    fib daddr type != local return
    fib saddr . iif oif missing drop
    meta mark 7 accept
    meta mark & 0xff == 0x12 drop
    tcp dport >= 1024 tcp sport < 1024 accept
    ip ttl 1 drop
    log prefix "seen: " level info
  }
}`,
  ingress: `table netdev n {
  chain in { type filter hook ingress device "eth0" priority -500; policy accept
    ip saddr 192.0.2.66 drop
    ip6 saddr 2001:db8:66::/48 udp dport 4001 drop
  }
}`,
  'two tables, and a flush before': `flush ruleset
table ip a { chain i { type filter hook input priority filter - 5; tcp dport 22 accept # a comment
 }
}
table ip6 b { comment "the other"
  chain o { type filter hook output priority 10; icmpv6 type { echo-request, nd-neighbor-solicit } accept; }
}`,
}
