import { errorTexts } from '../../model/error-texts.ts'
import { oneCatalogue } from './one-catalogue.ts'
import { pageEn } from './page-en.ts'
import { watchEn } from './watch-en.ts'

const sentences = {
  // ------------------------------------------------------------------------------------------ verdict
  'verdict.reachable': 'Reachable: strangers get in to {endpoints}.',
  'verdict.reachable-to-known':
    'Reachable: an address that this host has, or may have, spoken to before gets in to {endpoints}; that complete strangers do is not proven.',
  'verdict.partly-reachable':
    'Partly reachable: strangers get in to {open}, but not to {shut}[; for {rest} nothing is proven].',
  'verdict.unreachable': 'Unreachable: strangers do not get in to {shut}[; for {rest} nothing is proven].',
  'verdict.unknown':
    '[Unknown: for {rest} nothing proves that strangers get in, and nothing that they do not; to {open} they do.|Unknown: nothing proves that strangers get in, and nothing proves that they do not.]',
  'verdict.nothing-asked': 'Unknown: there was no port to ask about.',
  'stopped-at.provider': '[Over {family} they|They] are stopped at the provider.',
  'stopped-at.carrier':
    "[Over {family} they|They] are stopped at the provider's shared address translation[ ({address})].",
  'stopped-at.router': '[Over {family} they|They] are stopped at the router[ {address}].',
  'stopped-at.host-firewall': "[Over {family} they|They] are stopped at this host's firewall.",
  'stopped-at.container': '[Over {family} they|They] are stopped at the container.',
  'stopped-at.process': '[Over {family} they|They] reach this host, but no program listens there.',

  // ------------------------------------------------------------------------------------------ words of the text
  'text.clears': 'removes {numbers}',
  'text.nat':
    'Address translation (NAT): [{layers} {layers#layer|layers}|{least} to {most} layers|at least {least} {least#layer|layers}|number of layers not known]; mapping {mapping}, filtering {filtering}[ ("{alias}")].',
  'text.punching':
    'Peers can meet this node half-way (hole punching over UDP) from behind the usual home router: {answer}.',
  'text.punching-one-port': "The peer's NAT keeps one port; by its filtering: {table}.",
  'text.punching-per-peer': "The peer's NAT takes a new port for every peer; by its filtering: {table}.",
  'text.remains':
    'What remains without a repair: UDP {udp}, TCP ? (how its ports are mapped is not measured), a relay ✓.',
  'punching.yes': 'yes',
  'punching.no': 'no',
  'punching.unknown': 'not known',
  'text.udp-lifetime':
    'An idle UDP mapping was still there after {seconds} s, and later no more: what shall keep one open must be sent more often.',
  'text.gateway':
    'The router {address}[ ({model})] opens ports when a program asks it: {protocols}.[ It says that its address outside is {external}.]',
  'text.node':
    '{kind}[ with {peers} {peers#peer|peers}; {min} to {max} are usual| with {peers} {peers#peer|peers}|, which did not tell how many peers it has].',
  'text.json-hint': 'Numbers like (e1) name the evidence: add --json to see it.',
  'nat.endpoint-independent': 'endpoint-independent',
  'nat.address-dependent': 'address-dependent',
  'nat.address-and-port-dependent': 'address-and-port-dependent',
  'nat.unknown': 'not known',

  // ------------------------------------------------------------------------------------------ obstacles
  'obstacle.not-listening':
    "[The node listens on {endpoints} only at {address}, and not at {internal}, where strangers' packets arrive.|Nothing on this host listens on {endpoints}, and nothing on port {inside} of the container {container}, to which it leads: the node is not running, or it uses another port.|Nothing on this host listens on {endpoints}, and nothing in the container {container}, to which it leads: the node is not running, or it uses another port.|Nothing on this host listens on {endpoints}: the node is not running, or it uses another port.|Nothing on this host listens on the port: the node is not running, or it uses another port.]",
  'obstacle.listening-on-loopback':
    '[In the container {container} the node listens|The program {process} listens|The node listens] on [{endpoints}|the port] only at [{address}|a loopback address]. That address is for programs [inside {container}|on this host] alone; nobody else can dial it.',
  'obstacle.port-not-published':
    '[The container {container} ({image})|The container {container}|A container] listens on [{endpoints}|the port], but [the port is published on this host under another number, {published}|it is published on this host at {only} alone, which is not where strangers come|it is published in name only, for neither a rule nor a proxy carries that out{?ineffective}|the port is not published on this host], so what arrives here is not passed on to it.',
  'obstacle.host-firewall-drops-inbound':
    "[This host itself drops what the vantage sends to {endpoints}, although no rule of its firewall does so to strangers{?unexplained}. A rule for that address may do it, or the kernel, where answers would leave by another interface (rp_filter).|This host's own firewall drops what comes in to {endpoints} before the node sees it.|This host's own firewall drops what comes in to the port before the node sees it.][ The rule: {rule} (chain {chain}, table {table}).| The rule: {rule}| A rule that peerway cannot judge may do it: {unjudged} (chain {chain}, table {table}).]",
  'obstacle.host-firewall-drops-forwarded':
    "This host's own firewall drops what it should pass on [to {endpoints}|for the clients of the node ({clients}), so that they get no Internet through it|to a container, guest or VPN client].[ The rule: {rule} (chain {chain}, table {table}).| The rule: {rule}]",
  'obstacle.host-firewall-drops-outbound':
    "This host's own firewall drops [what the node on {endpoints} answers|packets that this host sends of its own accord to peers].[ The rule: {rule} (chain {chain}, table {table}).| The rule: {rule}]",
  'obstacle.ip-forwarding-disabled':
    'This host must pass packets on to a container, a guest or VPN clients, but packet forwarding is switched off in its kernel[ ({setting})].',
  'obstacle.router-source-nat':
    '[Your router {address}|Your router] shares [the public address {external}|one address] among the devices behind it (NAT). What strangers send to [{endpoints}|the port] does not come through to this host[ ({internal})]: the router has no forwarding for it, or, where its list shows one, somebody before it stops them.',
  'obstacle.router-forward-elsewhere':
    '[Your router {address}|Your router] forwards [{endpoints}|the port], but [to {other}|to another device or another port], not to this host[ ({internal})].',
  'obstacle.router-filter-drops-inbound':
    '[Your router {address}|Your router] passes addresses through unchanged, but its firewall drops whatever no device inside has asked for. So nothing from strangers reaches [{endpoints}|the port][ at {internal}].',
  'obstacle.double-nat':
    'Beyond your router stands a second one[ ({address})] that also shares its address (double NAT). Strangers who dial [{external}|your public address] are stopped there; a forwarding on your own router alone does not help.',
  'obstacle.carrier-nat':
    'Your provider shares [the public address {external}|one public address] among many customers (carrier-grade NAT)[; the translation stands at {address}]. What strangers send ends there, and no setting of your router changes that.',
  'obstacle.provider-blocks-inbound-port':
    'Your provider blocks [{endpoints}|this port] from outside: other ports of this host get in, this one does not.',
  'obstacle.provider-blocks-inbound-udp':
    'Your provider blocks all incoming UDP: nothing that strangers send by UDP reaches [{endpoints}|this host].',
  'obstacle.provider-blocks-inbound-tcp':
    'Your provider blocks all incoming TCP: no connection that strangers open reaches [{endpoints}|this host].',
  'obstacle.provider-blocks-outbound-udp':
    'No UDP gets out of this network: UDP is blocked on the way out, while TCP passes.',
  'obstacle.provider-blocks-outbound-port':
    'Some ports are blocked on the way out[: {ports}]. The node cannot call peers that listen there.',
  'obstacle.provider-filters-protocol':
    "[Somebody on the way, as a rule the provider, slows down flows that speak {protocol}: they run at {slow} kbit/s at most, and those of the same shape without meaning at {plain} kbit/s and more, on the same port|{endpoints}: somebody on the way, as a rule the provider, lets plain bytes through but stops {protocol}|Somebody on the way, as a rule the provider, lets plain bytes through but stops {protocol}, on the same port|Somebody on the way recognises the node's protocol and stops it][, on the way in and on the way out by breaking its connections off with forged resets{?both-reset}|, on the way in and on the way out by cutting it short{?both-cut}|, on the way in and on the way out by dropping its packets{?both-lost}][, on the way in by breaking its connections off with forged resets{?in-reset}|, on the way in by cutting it short{?in-cut}|, on the way in by dropping its packets{?in-lost}][, on the way out by breaking its connections off with forged resets{?out-reset}|, on the way out by cutting it short{?out-cut}|, on the way out by dropping its packets{?out-lost}].[ It looks at the first packet of a flow alone, and then stops all of the flow.{?first-packet}{?rest-stopped}| It looks at the first packet of a flow alone: behind other bytes the same ones pass.{?first-packet}| It looks at every packet of a flow, and stops all that follows.{?every-packet}{?rest-stopped}| It looks at every packet of a flow, and stops none but those.{?every-packet}{?rest-passes}| It looks at every packet of a flow.{?every-packet}]",
  'obstacle.no-internet':
    '[This host has no default route for {family}{?no-route}, so it reaches nobody outside over {family}.|Nothing on the Internet answers this host: no name server, no vantage, no STUN server.]',
  'obstacle.announces-unreachable-address':
    'The node tells its peers to dial [{transport} {address}|{address}|an address that they cannot dial][, which is not where strangers get in{?address}][; they get in at {external}].',

  // ------------------------------------------------------------------------------------------ what would settle it
  'settled-by.run-as-root':
    'run peerway again as root; it then sees packets arrive even when the node stays silent, and reads the firewall rules.',
  'settled-by.second-address':
    'give a second vantage, or one with a second address: its dial comes from an address that this host has never spoken to.',
  'settled-by.router-page':
    "open [the page of your router, http://{address},|your router's page] and look for its WAN (Internet) address. If it is [{external}|your public address], your router is the only one that translates; if not, somebody beyond it translates too.",
  'settled-by.deep': 'run [`{command}`|`peerway check --deep`]; it looks at every hop.',
  'settled-by.another-vantage': 'ask another vantage, in another network, with a second `--vantage HOST`.',
  'settled-by.port-on-vantage':
    'a vantage that listens on [{endpoints}|that port] would tell; this one could not open it.',
  'settled-by.router-table':
    "look at the list of forwarded ports on [your router's page, http://{address}|your router's page]: where does [{endpoints}|the port] go?",
  'settled-by.trace-rules':
    'watch with `nft monitor trace` which rule takes the packets[ to {endpoints}], while a vantage dials.',
  'settled-by.dial-announced':
    'have somebody outside dial [{address}|what the node announces]: it may lead to this host as well.',
  'settled-by.while-client':
    'run peerway again while a client is connected: then the node listens, and has switched on what it needs.',
  'settled-by.start-node': 'start the node and run peerway again.',
  'settled-by.stop-node':
    'stop the node and run peerway again: it then holds the port itself and tries the protocol there.',

  // ------------------------------------------------------------------------------------------ warnings
  'warning.admin-port-exposed':
    "[{endpoints}, by which the node is administered ({service}),|{endpoints}, by which the node is administered,|A port for administration] can be reached from the Internet[: a dial from outside was answered{?endpoints}][, though from an address that this host has, or may have, spoken to before{?known}].[ Docker publishes it, and what Docker publishes passes by ufw and other rules for this host's own programs: publish it on 127.0.0.1 alone{?published}.| Let it listen on 127.0.0.1 alone{?endpoints}.]",
  'warning.few-peers':
    'The node has [{peers} {peers#peer|peers}|few peers][ in its half {part}][; {min} to {max} are usual][, and it dials {quota} by itself, so perhaps nobody has come in].[ It dialled all of them itself: nobody has come in{?alone}.]',
  'warning.hole-punching-impossible':
    '[No UDP gets out, so hole punching works with nobody{?blocked}|The translation on the way takes a new port for every peer, so hole punching works neither with peers behind the same kind nor with those behind the usual home router, but with peers whose filter lets in any port of an address that they have spoken to{?laxer}|The translation on the way takes a new port for every peer, so hole punching does not work with peers behind other routers].',
  'warning.router-control-open-to-internet':
    '[The router {address}|The router] answers anybody on the Internet[ at {ports}], where it should hear this home alone: strangers learn about it there, and may open its ports. Update its firmware; where that does not help, switch UPnP and NAT-PMP off in it.',
  'warning.suspicious-mapping':
    '[The router {router} forwards {external} to {service} (port {port}) of another machine, {machine}|The router forwards a port to a service of another machine that should not be open to the Internet]. If nobody here wants that, delete it in the router, and look into what that machine runs.',
  'warning.clock-skew': "This host's clock is wrong[ by {seconds} {seconds#second|seconds}].",

  // ------------------------------------------------------------------------------------------ notes
  'note.vantage-in-own-network':
    'The vantage {name} stands in this host’s own private network: no stranger comes from there, so its dial proves nothing about strangers. Use one on the Internet.',
  'note.no-vantage':
    'Nobody outside was asked to dial this host, so nothing is proven. To get a proof, run `npx peerway vantage` on any rented server, or ask a friend to (who can use yours in return), and then here [`peerway check {ports} --vantage HOST`|`peerway check --port PORT --vantage HOST`].',
  'note.vantage-silent':
    '[The vantage {name}|The vantage] does not answer[ at {address}]. Does it run, and does its own firewall let in its port by TCP and UDP?',
  'note.vantage-refused':
    '[The vantage {name}|The vantage] refuses the connection[ at {address}]: no vantage runs on that port.',
  'note.vantage-not-speaking':
    '[At {name} something|Something] takes the connection, but it does not speak as a vantage does. Is it another program, or a proxy on the way that answers for everybody?',
  'note.vantage-name-not-looked-up':
    'The name [{name}|of the vantage] could not be looked up: no name server answers. Are the name servers of this host right (/etc/resolv.conf)?',
  'note.vantage-did-not-dial': '[The vantage {name}|The vantage] did not dial this host[: {refusal}].',
  'note.vantage-by-another-way':
    "By this host's routes the way to the vantage[ {name}] is not the way to the Internet. That its dial does not get in proves nothing about strangers.",
  'note.no-vantage-of-family':
    'This host reaches the Internet over [{family}|another address family], and no vantage with such an address was given. Give one, for strangers may get in that way.',
  'note.other-public-address':
    'This host also has the public address[ {address}], at which nobody dialled it: strangers may get in there. The way to the vantage leaves by another interface.',
  'note.dialled-anothers-address':
    'The vantage knows this host by [the address {address}|an address] from which none of its datagrams come: a proxy on the way takes its connections, or the provider gives each flow another address. What was dialled there may be another machine, so it counts for nothing. Have the proxy let the port of the vantage through, or use another port for it.',
  'note.vantage-name-not-found': 'The name [{name}|of the vantage] has no address: is it spelled right?',
  'note.captive-portal':
    'A captive portal answers in the place of everybody whom this host calls by TCP[ over {family}]: this network wants a login first. Open a browser here[ ({location})], log in, and check again. What was answered by TCP before proves nothing.',
  'note.answers-for-everybody':
    'Somebody on the way[ over {family}] takes TCP connections to every address, even to those that nobody has: a proxy, or a portal that wants a login. What is answered by TCP proves nothing here. Log in where this network asks for it, or have the proxy let this host through, and check again.',
  'note.handshakes-on-the-way':
    'Somebody on the way to the vantage[ over {family}] completes TCP handshakes, even on ports that nobody opened there: a transparent proxy on this side, or a shield before the vantage. A connection that stands is therefore no proof that it got out; what the vantage saw of it is.',
  'note.connections-redialled':
    'TCP to port {ports} is answered, but none of it comes to the vantage from the address of this host, and something comes from another: a transparent proxy that dials in its place, or a provider who sends flows from several addresses. No obstacle is said of these ports; what peers see of this host there is the other address.',
  'note.connections-taken':
    'TCP to port {ports} is answered by somebody else than the server that was called, which saw nothing of it: a transparent proxy or a portal, in the router, at the provider, or a security program on this host. Switch it off for this host, or let the node use other ports.',
  'note.mtu-black-hole':
    '[Packets of {lost} bytes and more|Long packets] are lost on the way[ over {family}] without a word[, while those of {fits} come through] (an MTU black hole): connections stand and then hang. Set the MTU of this host, or of the router, [to {fits}|lower].',
  'note.vantage-violated-protocol':
    '[The vantage {name}|The vantage] broke the rules of the protocol, so nothing that it said was believed.',
  'note.vantage-only-stun':
    '[{name}|That server] is a plain STUN server: it tells how this host looks from outside, but it cannot dial it. A proof needs a peerway vantage.',
  'note.filter-hop':
    'Counted in hops from this host, who stops [{protocol}|the protocol] stands [at hop {after}, at hop {before} or between them|at hop {after} or behind it, before the vantage|at hop {before} or before it|somewhere on the way].',
  'note.filter-hop-unknown':
    'At which hop [{protocol}|the protocol] is stopped is not known: that shows only on the way out, for TCP only to root, and only where hops tell of packets that end there.',
  'note.flow-boxes':
    'Who forgets idle UDP flows[ over {family}], counted in hops from this host (0 is this host itself), and after how long[: {boxes}].[ {?complete}No other box on the way does, within {waited} s.| There may be others.]',
  'note.flow-boxes-translate':
    'To remember a flow is not to translate it, for a firewall remembers too. Of the boxes on the way [{count} {count#translates|translate}|{least} to {most} translate|at least {least} {least#translates|translate}|some may translate] addresses.',
  'note.no-flow-boxes':
    'No box on the way[ over {family}] was seen to forget a UDP flow that was idle[ for {waited} s].',
  'note.flows-kept':
    '[What either side sends keeps a UDP flow{?inside}{?outside}|What comes from outside alone does not keep a UDP flow{?inside}|What this host sends alone does not keep a UDP flow{?outside}|What one side alone sends does not keep a UDP flow][ over {family}] alive[.{?inside}{?outside}|: this host must send something itself, again and again.{?inside}|: something must come back, again and again.]',
  'note.idle-tcp-lives':
    'A TCP connection on which nothing is said is remembered on the way[ over {family}] for longer than {lived} s.',
  'note.idle-tcp-forgotten':
    'A TCP connection on which nothing is said is forgotten on the way[ over {family}] after {lived} to {died} s: let the node send something more often (keepalive).',
  'note.listens-on-demand':
    'The node opens its UDP ports[, {first} to {last},] only while a client is with it, so nobody can be reached there now.[ A stranger got in to {endpoints} while peerway held it: the way is open there.]',
  'note.not-root':
    "Without root peerway cannot see packets arrive before the firewall, nor read the firewall's rules, nor tell which program holds a port of somebody else. Run it as root to see more.",
  'note.vantages-disagree': 'The vantages[ {names}] do not agree: what one gets in to, another does not.',
  'note.handshake-proves-nothing':
    'Something on the way completes every TCP handshake, even on ports where nobody listens[ ({address})]. A completed handshake therefore proves nothing here.',
  'note.proxy-answers':
    "On [TCP {port}|the port] Docker's proxy completes the handshake for the container, and the node behind it said nothing of its own: whether it was reached is not known. With rules of Docker's (`iptables`; for IPv6 `ip6tables`) strangers come to the container itself, and that can be seen.",
  'note.no-answer-from-node-udp':
    '[The packets to {endpoints} reach this host, but the node{?arrived}|Whether packets to UDP {port} arrive is not known: the node|The node] stays silent to the first packet of a stranger, as many do by UDP.[ Run peerway as root to see whether they arrive.{?not-root}]',
  'note.address-dependent':
    'The dial came from an address that this host has, or may have, spoken to before. A filter that lets in only known addresses would have let it in too; a vantage that it never spoke to would tell.',
  'note.container-own-address':
    '[The container {container}|A container] has [an address of its own, {addresses}|an address of its own] in the network around this host. Strangers come to it there and not by way of this host, so peerway cannot tell from here whether they get in: run it inside the container.',
  'note.restart-node':
    'The settings of the node have it announce the right address already: it takes them at its next start, so restart it.',
  'note.no-endpoints':
    'No port was named. Say which port strangers shall reach, for example `peerway check --port 4001`.',

  // ------------------------------------------------------------------------------------------ remedies
  'remedy.restore-internet': 'Bring the connection to the Internet back',
  'remedy.start-node': 'Start the node, or let it listen on [{ports}|the port asked for]',
  'remedy.listen-on-all-addresses': 'Let the node listen on all addresses',
  'remedy.publish-port': "Publish the container's port on this host",
  'remedy.allow-in-host-firewall': "Let {ports} through this host's firewall",
  'remedy.allow-forwarding-in-host-firewall': "Let forwarded packets through this host's firewall",
  'remedy.allow-outbound-in-host-firewall': "Let the node's own packets out through this host's firewall",
  'remedy.enable-ip-forwarding': "Switch packet forwarding on in this host's kernel",
  'remedy.announce-reachable-address': 'Let the node announce an address that peers can dial',
  'remedy.use-ipv6': 'Use IPv6, which needs no address translation',
  'remedy.bridge-mode': 'Put the outer router into bridge mode, so that it no longer translates',
  'remedy.ask-provider-public-address': 'Ask the provider for a public IPv4 address of your own',
  'remedy.ask-provider-unblock': 'Ask the provider to take the block away',
  'remedy.forward-by-hand': 'Forward {ports} on the router by hand',
  'remedy.correct-forwarding': "Correct the router's forwarding of {ports}",
  'remedy.allow-in-router-firewall': "Let {ports} through the router's firewall",
  'remedy.allow-in-router-firewall-ipv6': "Let {ports} through the router's IPv6 firewall (open a pinhole)",
  'remedy.forward-on-both-routers': 'Forward {ports} on both routers, one to the next',
  'remedy.dmz-host': "Make this host the router's DMZ host, which gets everything that nobody asked for",
  'remedy.use-another-port': 'Move the node to another port',
  'remedy.use-tcp': 'Use TCP instead of UDP',
  'remedy.open-pinhole-pcp': 'Ask the router by PCP to let {ports} through its IPv6 firewall',
  'remedy.open-pinhole-upnp': 'Ask the router by UPnP to let {ports} through its IPv6 firewall',
  'remedy.map-port-pcp': 'Ask the router by PCP to forward {ports}',
  'remedy.map-port-nat-pmp': 'Ask the router by NAT-PMP to forward {ports}',
  'remedy.map-port-upnp': 'Ask the router by UPnP to forward {ports}',
  'remedy.enable-upnp-in-router':
    'Switch PCP, NAT-PMP or UPnP on in the router, so that it can be asked to forward {ports}',
  'remedy.hole-punching': 'Switch hole punching on in the node, so that peers meet it half-way',
  'remedy.relay': 'Let a rented server with a public address take the connections in (a relay)',

  // ------------------------------------------------------------------------------------------ steps of remedies
  'step.check-again': 'Check again: `{command}`',
  'step.check-cables':
    'Look at the modem and the router[ {address}]: are they on, and does the light for the Internet shine?',
  'step.check-default-route':
    'Look at the default route: `ip route` and `ip -6 route`. Without a line that begins with "default" this host reaches nobody outside.',
  'step.call-provider': 'If the router itself has no Internet, restart it, and then call the provider.',
  'step.start-node': 'Start the node and look into its log: does it say that it listens on {endpoints}?',
  'step.compare-port': 'If it listens on another port, change its settings, or check that port instead.',
  'step.change-listen-address':
    "In the node's settings change the listening address from [{address}|127.0.0.1 or ::1] to [{any}|0.0.0.0 (IPv6: ::)], and restart the node.",
  'step.publish-port':
    'Start the container again with its port published: for Docker `-p {flags}`, or the same under `ports:` in the compose file.',
  'step.publish-port-compose':
    'In [{file}|the compose file], under `services:`, `{service}:`, `ports:`, write {entries}[ in the place of what is published at {only}| in the place of `- {published}`].',
  'step.publish-port-compose-up':
    'Then: `{engine} compose up -d {service}`, which makes that container anew and keeps its volumes.',
  'step.publish-port-run':
    'A container that runs cannot be given a port: make it anew, with everything that it was made with (`{engine} inspect {container}` shows it) and the port: `{command}`.',
  'step.published-passes-ufw':
    'Mind that what Docker publishes passes by ufw: `ufw deny` does not close it, and `ufw allow` is not needed. Where it shall be reached from here alone, publish it on 127.0.0.1.',
  'step.publish-port-engine':
    'Docker makes neither a rule nor a proxy for the published port. In /etc/docker/daemon.json set `"userland-proxy": true`, or let it make rules (`"iptables": true`; for IPv6 `"ipv6"` and `"ip6tables"` too), and restart it.',
  'step.allow-in-host-firewall': 'Allow {endpoints} in. With ufw: `{ufw}`. With firewalld: `{firewalld}`.',
  'step.allow-forwarding':
    'Find the rule that drops it (`nft list ruleset`, chain forward) and accept the packets before it.',
  'step.allow-clients':
    'As root, accept what clients send and what comes back to them: `{out}` and `{back}`. These rules are gone after a restart: write them to where your rules are loaded from.',
  'step.docker-forward-policy':
    'Docker sets the policy of that chain to drop when it switches packet forwarding on. Leave `"iptables": false` alone: with it Docker drops nothing, but containers lose their way out, and their ports go through a proxy that hides who calls.',
  'step.allow-outbound':
    'Find the rule that drops it (`nft list ruleset`, chain output) and accept the packets before it.',
  'step.enable-ip-forwarding':
    'As root: `{command}`. Write the same into a file in /etc/sysctl.d/, so that it holds after a restart.',
  'step.announce':
    "In the node's settings set the address that it announces to [{external}|the one that strangers see].",
  'step.restart-node': 'Restart the node: most read their settings only when they start.',
  'step.own-announce': 'Have the node announce the address: `{command}`',
  'step.own-restart': 'Then restart it: `{command}`',
  'step.ipfs-announce':
    'As the user that the node runs as: `{command}` (if the list has entries already, write them in too). Where your public address changes now and then, this has to be repeated.',
  'step.ipfs-port':
    'In its settings (`ipfs config edit`) write [{port}|a port above 1024 and far from the blocked one] in place of the old port in every line of Addresses.Swarm, TCP and UDP alike.',
  'step.ipfs-tcp':
    'Kubo listens on TCP already. So that it stops trying UDP: `{command}`, and delete the lines with `/udp/` from Addresses.Swarm (`ipfs config edit`).',
  'step.node-command': 'As the user that the node runs as: `{command}`',
  'step.node-flag': 'On the command line of the node: `{flags}`',
  'step.node-line': 'In {path} write `{line}`.',
  'step.phala-port':
    'In the environment of the container set PARACHAIN_PORT or RELAYCHAIN_PORT to {port} (PARACHAIN_LIBP2P_PORT or RELAYCHAIN_LIBP2P_PORT where the image has a launcher), and publish that port. With the solo scripts this belongs into the template in `temp/`.',
  'step.ethereum-port':
    'On the command line of the client set its port (geth: `--port {port} --discovery.port {port}`; Lighthouse, Teku, Lodestar: `--port {port}`; Prysm: `--p2p-tcp-port {port}`), the same number outside.',
  'step.syncthing-port':
    'In its settings, under connections, write as addresses to listen on: `tcp://:{port}, quic://:{port}`.',
  'step.syncthing-tcp': 'In its settings, under connections, write as addresses to listen on: `tcp://:22000`.',
  'step.syncthing-relay':
    'In its settings, under connections, see that relaying is switched on; it is so as installed.',
  'step.bittorrent-port':
    'Set {port} as the port for incoming connections (qBittorrent: under connection; Transmission: stop the daemon first, then `peer-port` in settings.json).',
  'step.bittorrent-tcp':
    'Let the client speak TCP beside µTP (qBittorrent: protocol TCP and µTP; Transmission: `preferred_transports`).',
  'step.mysterium-port':
    'Give it another range of at least 20 UDP ports, of which the end does not count: `--udp.ports=A:B` in DAEMON_OPTS of /etc/default/mysterium-node, or behind `service` in Docker. Outside they must have the same numbers. The older `--openvpn.port` and `--wireguard.listen.ports` change nothing today.',
  'step.mysterium-punching':
    'Have it try hole punching first: `--traversal=holepunching,manual,upnp` in DAEMON_OPTS of /etc/default/mysterium-node, or behind `service` in Docker.',
  'step.fix-only': 'peerway does that, and takes it back, when you name it: `{command}`',
  'step.ipfs-restart': 'Restart the node: it reads its settings only when it starts.',
  'step.substrate-announce':
    'Add to the command line of the node: `{flags}` (a validator or collator without the `/ws` at the end).',
  'step.phala-announce':
    'Add `{flags}` to PARACHAIN_EXTRA_ARGS (port 30333) or RELAYCHAIN_EXTRA_ARGS (port 30334). With the solo scripts this belongs into the template in `temp/`, as `phala start` makes the compose file in `conf/` anew each time and locks it (`chattr +i`).',
  'step.phala-restart':
    'Then `sudo phala stop` and `sudo phala start`; save the logs before, for stopping removes them.',
  'step.bitcoin-announce': 'Add to bitcoin.conf: `{lines}`.',
  'step.open-router-page':
    "Open [the page of the router ({model}), http://{address},|the router's page, http://{address},|the router's page] in a browser and log in.",
  'step.open-outer-router-page':
    "Open [the outer router's page, http://{address},|the page of the outer router] in a browser and log in.",
  'step.fix': 'peerway can do this by itself, with all that it takes: `{command}`',
  'step.hindered': 'Of that `peerway fix` leaves something to you: {why}.',
  'step.ask-mapping':
    'The router[ {address}] is asked by {protocol} to send {ports} on to [{internal}|this host], for a day; before it ends it has to be asked again.',
  'step.ask-pinhole':
    'The router[ {address}] is asked by {protocol} to let {ports} in to [{internal}|this host], for a day; before it ends it has to be asked again.',
  'step.upnp-warning':
    'UPnP is often broken, and lets any program at home open ports: where the router has another way, take that.',
  'step.enable-mapping-protocol':
    'Look for PCP or NAT-PMP, else for UPnP (often under NAT, firewall or home network), switch it on, and check again.',
  'step.punch-holes':
    'In its settings switch hole punching on (libp2p calls it DCUtR), and a relay client with it; peers that can do it too then get in, others do not.',
  'step.fixed-address':
    'Under DHCP let this host always get the same address[, {internal}], or the forwarding will one day point elsewhere.',
  'step.forward-range':
    'The node takes any port from {first} to {last}: forward all of them, with the same numbers inside. Where the router wants fewer, give the node a smaller range first.',
  'step.add-forwarding':
    'Under port forwarding (also called virtual server or NAT rule) add: {ports} to [{internal}|the address of this host], the same port numbers inside. Where such an entry is there already, see that it leads to that very address.',
  'step.correct-forwarding':
    'Under port forwarding find the entries for {ports} and let them go to [{internal}|the address of this host], the same port numbers inside.',
  'step.add-pinhole':
    'Under firewall (on some routers: IPv6 firewall, exposed host, pinhole) allow {ports} in to [{internal}|the address of this host].',
  'step.set-dmz': 'Under DMZ (also called exposed host) enter [{internal}|the address of this host].',
  'step.dmz-warning':
    "Then only this host's own firewall protects it: make sure that it has one and that it allows no more than the node needs.",
  'step.enable-bridge':
    'Switch it to bridge mode (also called modem mode or IP passthrough). Your own router then gets the public address.',
  'step.no-bridge': 'If it has no such setting, ask the provider to switch it over; many do so on request.',
  'step.outer-forward':
    "On the outer router[, http://{address},] forward {ports} to your own router's WAN (Internet) address, the same port numbers.",
  'step.inner-forward':
    'On your own router[, http://{gateway},] forward {ports} to [{internal}|the address of this host].',
  'step.ask-public-address':
    'Ask the provider for a public IPv4 address without carrier-grade NAT ("I need incoming connections"). Some give it for nothing, some for a few euros a month.',
  'step.ask-unblock-port': 'Ask the provider to let {ports} in, and whether a business contract would.',
  'step.ask-unblock-udp-out': 'Ask the provider, or whoever runs this network, to let UDP out.',
  'step.ask-unblock-ports-out':
    'Ask the provider, or whoever runs this network, to let the blocked ports out[: {ports}].',
  'step.ask-unblock-protocol':
    'Ask the provider why [{protocol} to {endpoints}|{protocol}|the protocol of the node] is blocked, and to let it through.',
  'step.change-port':
    "Set another port in the node's settings, above 1024 and far from the blocked one, and restart the node.[ Strangers got in to {ports} a moment ago, while peerway held it.]",
  'step.node-tcp': "Switch TCP on in the node's settings, if it can speak it, and restart the node.",
  'step.enable-ipv6': 'Switch IPv6 on in the router, or ask the provider for it.',
  'step.use-ipv6-address':
    'Let the node listen on IPv6[ ({internal})] and announce that address. Peers that have only IPv4 still cannot dial this node.',
  'step.rent-server':
    "Rent a small server with a public address and tie this host to it by a tunnel that this host opens (WireGuard, or the node's own relay, such as libp2p circuit relay).",
  'step.forward-on-server':
    'On that server forward {ports} through the tunnel to this host, and let the node announce the address of the server.',

  // ------------------------------------------------------------------------------------------ evidence
  'evidence.addresses':
    "This host's addresses towards the Internet: IPv4 [{ipv4} by way of {gateway4}|{ipv4}|none]; IPv6 [{ipv6} by way of {gateway6}|{ipv6}|none].",
  'evidence.datagrams-read.some': 'While {endpoints} was dialled again, programs of this host read datagrams.',
  'evidence.datagrams-read.none': 'While {endpoints} was dialled again, no program of this host read a datagram.',
  'evidence.containers.none': 'No engine of containers (Docker, Podman) has a socket on this host.',
  'evidence.containers.failed':
    'The engine of containers[ at {sockets}] could not be asked[: this user may not; root may, and the members of its group{?denied}|: {detail}].',
  'evidence.containers.read':
    '{running} {running#container runs|containers run} on this host.[ The ports asked for have to do with {names}.| None has to do with the ports asked for.][ Another engine, at {sockets}, could not be asked: {detail}.]',
  'evidence.listeners.listening': '[{process} listens|A program listens] on {endpoints}[ at {address}].',
  'evidence.listeners.loopback-only':
    '[{process} listens|A program listens] on {endpoints} only at [the loopback address {address}|a loopback address].',
  'evidence.listeners.elsewhere-only':
    '[{process} listens|A program listens] on {endpoints} only inside [{namespace}|another network namespace].',
  'evidence.listeners.none':
    'Nothing listens on {endpoints}[ on this host or in its containers{?all}| on this host; its containers could not be looked into].[ A rule of this host sends the port elsewhere.{?redirected}]',
  'evidence.listeners.unknown': 'This system does not tell who listens on {endpoints}.',
  'evidence.local-answer.yes': 'The node answers a stranger’s first packets on {endpoints} when this host sends them.',
  'evidence.local-answer.no':
    'The node on {endpoints} stays silent even when this host sends it a stranger’s first packets.',
  'evidence.local-answer.unknown':
    'Whether the node on {endpoints} answers strangers could not be tried from this host.',
  'evidence.rule-sources.read':
    "This host's firewall rules could be read.[ At boot they can be loaded by {boot}.][ Also here, but not known to be started at boot: {other}.]",
  'evidence.rule-sources.not-permitted':
    "This host's firewall rules were not read[: {detail}].[ At boot they can be loaded by {boot}.][ Also here, but not known to be started at boot: {other}.]",
  'evidence.rule-sources.not-available':
    "This host's firewall rules could not be read[: {detail}].[ At boot they can be loaded by {boot}.][ Also here, but not known to be started at boot: {other}.]",
  'evidence.rule-sources.unreadable':
    "This host's firewall rules were listed, but not in a form that is known[: {detail}].[ At boot they can be loaded by {boot}.][ Also here, but not known to be started at boot: {other}.]",
  'evidence.host-rules.accept':
    "This host's rules let strangers in to {endpoints}[ and send them on to {guest}].[ But the kernel passes nothing on: {setting} is off.][ The answers are dropped: {answers}.][ What the node itself sends is dropped: {own}.]",
  'evidence.host-rules.drop':
    "This host's rules drop what strangers send to {endpoints}[, which should go on to {guest}][: `{rule}` in chain {chain} of table {table}].[ The kernel would pass nothing on either: {setting} is off.][ The answers are dropped: {answers}.][ What the node itself sends is dropped: {own}.]",
  'evidence.host-rules.reject':
    "This host's rules reject what strangers send to {endpoints}[, which should go on to {guest}][: `{rule}` in chain {chain} of table {table}].[ The kernel would pass nothing on either: {setting} is off.][ The answers are dropped: {answers}.][ What the node itself sends is dropped: {own}.]",
  'evidence.host-rules.unroutable':
    "This host's rules let strangers in to {endpoints}, but no route leads on[ to {guest}].[ The kernel would pass nothing on either: {setting} is off.][ The answers are dropped: {answers}.][ What the node itself sends is dropped: {own}.]",
  'evidence.host-rules.unknown':
    "What this host's rules do to strangers' packets to {endpoints} could not be told[: it depends on `{expression}`][ in chain {chain} of table {table}].[ They should go on to {guest}.][ The kernel passes nothing on: {setting} is off.][ The answers are dropped: {answers}.][ What the node itself sends is dropped: {own}.]",
  'evidence.vantage.answered':
    'The vantage {name} answers over {family}[ in {rttMs} ms][ and sees this host as {observed}].',
  'evidence.vantage.stun-answered': '{name} answers STUN over {family}[, but does not speak as a vantage{?failed}].',
  'evidence.vantage.refused': 'The vantage {name} refuses the connection over {family}.',
  'evidence.vantage.reset': 'The connection to the vantage {name} over {family} was broken off.',
  'evidence.vantage.timed-out': 'The vantage {name} does not answer over {family}.',
  'evidence.vantage.unreachable': 'The vantage {name} cannot be reached over {family}: a box on the way says so.',
  'evidence.vantage.not-permitted': 'This host does not permit a connection to the vantage {name} over {family}.',
  'evidence.vantage.not-a-vantage': '{name} takes the connection over {family}, but does not speak as a vantage.',
  'evidence.vantage.violated-protocol': 'The vantage {name} broke the rules of the protocol over {family}.',
  'evidence.vantage.name-not-found': 'The name {name} has no {family} address.',
  'evidence.vantage.stun-silent': '{name} does not answer STUN over {family}.',
  'evidence.vantage.stun-error-answer': '{name} answers STUN over {family} with an error.',
  'evidence.vantage.stun-garbage': '{name} answers over {family} with something that is not STUN.',
  'evidence.vantage.stun-send-not-permitted': 'This host does not permit packets to {name} over {family}.',
  'evidence.vantage.not-asked': '{name} was not asked over {family}.',
  'evidence.external-address': '{name} ({server}) sees {local} of this host as {mapped}.',
  'evidence.external-address.same': '{name} ({server}) sees {local} of this host unchanged: nothing translates.',
  'evidence.dial-back.connected':
    '{name} dialled {transport} {target}[ from {source}][, which this host has, or may have, contacted before{?contacted}]: connected[ in {rttMs} ms][, and {greeting} spoke back].[ The node is administered by that port{?admin}.| Nobody listens there{?vacant}.| For comparison, peerway itself held the port{?comparison}.]',
  'evidence.dial-back.answered':
    '{name} sent {transport} to {target}[ from {source}][, which this host has, or may have, contacted before{?contacted}]: answered[ in {rttMs} ms][, by {greeting}].[ For comparison, peerway itself held the port{?comparison}.]',
  'evidence.dial-back.refused':
    '{name} dialled {transport} {target}[ from {source}][, which this host has, or may have, contacted before{?contacted}]: refused.[ The packets reached this host{?arrived}.| The packets did not reach this host{?absent}.]',
  'evidence.dial-back.unreachable':
    '{name} dialled {transport} {target}[ from {source}]: a box on the way says that it cannot be reached.',
  'evidence.dial-back.silent':
    '{name} dialled {transport} {target}[ from {source}][, which this host has, or may have, contacted before{?contacted}], {attempts} {attempts#time|times}: nothing came back.[ The packets reached this host and passed its firewall{?passed}.| The packets reached this host, and its own firewall dropped them{?eaten}.| The packets reached this host{?arrived}.| The packets did not reach this host{?absent}.][ For comparison, peerway itself held the port{?comparison}.]',
  'evidence.dial-back.not-dialled': '{name} did not dial {transport} {port} over {family}[: {refusal}].',
  'evidence.mapping.none': 'Over {family} nothing translates the addresses of this host.',
  'evidence.mapping.endpoint-independent': 'Over {family} {local} looks the same to every server: {mapped}.',
  'evidence.mapping.address-dependent': 'Over {family} {local} looks different to every server address: {mapped}.',
  'evidence.mapping.address-and-port-dependent':
    'Over {family} {local} looks different to every server address and port: {mapped}.',
  'evidence.mapping.unknown':
    'Over {family} the mapping could not be told: [no server answered{?no-reply}|the server has only one address{?one-address}|the server has only one port{?one-port}|the server answered with an error{?error-answer}|the server does not do what it is asked{?change-request-ignored}|there was no server to ask{?no-server}|this host does not permit it{?not-permitted}|the answers do not fit together].',
  'evidence.filtering.endpoint-independent': 'Over {family} answers come in from any address and port.',
  'evidence.filtering.address-dependent':
    'Over {family} answers come in from an address already spoken to, from any port.',
  'evidence.filtering.address-and-port-dependent':
    'Over {family} answers come in only from an address and port already spoken to.',
  'evidence.filtering.unknown':
    'Over {family} the filtering could not be told: [no server answered{?no-reply}|the server has only one address{?one-address}|the server has only one port{?one-port}|the server answered with an error{?error-answer}|the server answers from where it was asked, against the request{?change-request-ignored}|there was no server to ask{?no-server}|this host does not permit it{?not-permitted}|this host has spoken to the server’s other address before{?contacted-before}|the answers do not fit together].',
  'evidence.hairpinning.yes':
    'Over {family} the router sends back inside what this host sends to its own external address[ {mapped}].',
  'evidence.hairpinning.no':
    'Over {family} the router does not send back inside what this host sends to its own external address[ {mapped}].',
  'evidence.hairpinning.unknown':
    'Over {family} it is not known whether the router sends back inside what this host sends to itself.',
  'evidence.port-preservation.yes': 'Over {family} the router keeps the port number[: {pairs}].',
  'evidence.port-preservation.no': 'Over {family} the router changes the port number[: {pairs}].',
  'evidence.port-preservation.unknown': 'Over {family} it is not known whether the router keeps the port number.',
  'evidence.outbound.answered': '{transport} to {server} port {port} gets out and is answered.',
  'evidence.outbound.taken':
    '{transport} to {server} port {port} is answered, but not from there: nothing of it arrived.',
  'evidence.interception.nobody':
    'Over {family}, connections to {targets}, which nobody has, are taken[; the answer to a request for a page: {status} ({location})|; the answer to a request for a page: {status}].',
  'evidence.interception.closed':
    'Over {family}, connections to {targets} are taken, although the vantage has not opened these ports.',
  'evidence.outbound.refused': '{transport} to {server} port {port} gets out and is refused.',
  'evidence.outbound.unreachable':
    '{transport} to {server} port {port}: a box on the way says that it cannot be reached.',
  'evidence.outbound.silent':
    '{transport} to {server} port {port}: nothing came back[, though somebody listens there{?listening}][, and nothing arrived there{?lost}|, though it arrived there{?arrived}].',
  'evidence.outbound.not-permitted': 'This host does not permit {transport} to {server} port {port}.',
  'evidence.own-rules.accept': "This host's own rules let out {transport} to {server} port {port}.",
  'evidence.own-rules.drop':
    "This host's own rules drop {transport} to {server} port {port}[: `{rule}` in chain {chain} of table {table}].",
  'evidence.own-rules.reject':
    "This host's own rules reject {transport} to {server} port {port}[: `{rule}` in chain {chain} of table {table}].",
  'evidence.own-rules.unroutable': 'This host has no route for {transport} to {server} port {port}.',
  'evidence.own-rules.unknown':
    "What this host's own rules do to {transport} to {server} port {port} could not be told[: it depends on `{expression}`].",
  'evidence.client-rules.accept':
    "What the node's client {client} ({name}) sends is passed on by this host's own rules.",
  'evidence.client-rules.drop':
    "This host's own rules drop what the node's client {client} ({name}) sends, or what comes back to it[: `{rule}` in chain {chain} of table {table}].[ No client is there now: this is how one would fare, before the node makes rules for it{?absent}.]",
  'evidence.client-rules.reject':
    "This host's own rules reject what the node's client {client} ({name}) sends, or what comes back to it[: `{rule}` in chain {chain} of table {table}].[ No client is there now: this is how one would fare, before the node makes rules for it{?absent}.]",
  'evidence.client-rules.unroutable': "This host has no route for what the node's client {client} ({name}) sends.",
  'evidence.client-rules.unknown':
    "What this host's own rules do to what the node's client {client} ({name}) sends could not be told[: it depends on `{expression}`].",
  'evidence.protocol-exchange.host':
    '{protocol} spoken to {transport} port {port} of the vantage {name}: arrived in {said} of {saidTries} flows; answered in it: heard in {heard} of {heardTries}; bytes of the same shape without meaning passed in {plain} of {plainTries}.[ {resets} {resets#flow was|flows were} broken off by a reset that neither end sent.][ Behind other bytes in a flow it passed in {later} of {laterTries}.][ Other bytes behind it passed in {rest} of {restTries}.]',
  'evidence.protocol-exchange.vantage':
    '{protocol} spoken by the vantage {name} to {transport} port {port}, which peerway held here: arrived in {said} of {saidTries} flows; answered in it: heard there in {heard} of {heardTries}; bytes of the same shape without meaning passed in {plain} of {plainTries}.[ {resets} {resets#flow was|flows were} broken off by a reset that neither end sent.]',
  'evidence.protocol-answer.none':
    'The node on {endpoints} answers {protocol} when this host speaks it, but the vantage {name} heard that answer in none of {tries} tries.',
  'evidence.protocol-answer.some':
    'The node on {endpoints} answers {protocol} when this host speaks it, and the vantage {name} heard that answer in {answered} of {tries} tries.',
  'evidence.protocol-rate':
    'Flows to {transport} port {port} of the vantage {name}, in kbit/s there and back: beginning with {protocol} {spoken}; answered with it {answered}; beginning with bytes of the same shape without meaning {plain}.',
  'evidence.filter-hop':
    'First bytes of {protocol} to {transport} port {port}, with a TTL that ends on the way,[ came to hop {passed}| came to no hop].[ With that of hop {reset}, the connection was reset.][ Bytes of the same shape that mean nothing came to hop {stopped} as well.]',
  'evidence.flow-rules.pass':
    "This host's own rules let through what the flows to {transport} port {port}[ of this host{?here}| of the vantage] carry.",
  'evidence.flow-rules.unknown':
    "What this host's own rules do to what the flows to {transport} port {port}[ of this host{?here}| of the vantage] carry could not be told[: it depends on `{expression}`].",
  'evidence.path-mtu':
    'Packets to the vantage {name} over {family}[, by their size in bytes: {returned} came there and back|: none came there and back][; {lost} did not][; {kept} this host would not send whole].',
  'evidence.hops': 'The first hops towards {toward}: {hops}.',
  'evidence.inbound-hops':
    'The hops from the vantage {name} towards {toward}: {hops}.[ To this host itself {routers} {routers#router stands|routers stand} in between.]',
  'evidence.external-owner': 'The hops from this host to its own external address {toward}: {hops}.',
  'evidence.router-page.http': 'At {address} port {port}, hop {hop}, a web page answers.',
  'evidence.router-page.connected': 'At {address} port {port}, hop {hop}, something takes connections.',
  'evidence.router-page.refused': '{address}, hop {hop}, refuses connections to port {port}.',
  'evidence.router-page.silent': '{address}, hop {hop}, does not answer on port {port}.',
  'evidence.router-page.unreachable': '{address}, hop {hop}, cannot be reached on port {port}.',
  'evidence.router-control':
    '{name} asked at {target}, from outside, what opens ports.[ {own} answered, as the gateway {gateway} does inside.][ {others} answered, and nothing shows that it was the router.]',
  'evidence.gateways':
    '[Gateways that open ports when asked: {gateways}; others: {others}|Gateways that open ports when asked: {gateways}|No gateway said that it opens ports when asked: {others}].[ Mappings in the table: {mappings}.][ Named for UPnP, and not followed: {refused}.][ Without an address outside, by their own word (as is common where it is private): {none}.]',
  'evidence.outer-gateways':
    'Routers further out were asked as well: {asked}.[ Ports open when asked at {gateways}.][ Packets of this host come to {translated} from another address than its own, so somebody before it translates.][ Without an address outside, by their own word: {none}.]',
  'evidence.idle-flows':
    '{flows} {flows#UDP flow|UDP flows} to {server} were left idle. With nothing on the way kept busy, they were still known after [{lived} s|no time at all][, and forgotten after {died} s].',
  'evidence.idle-tcp':
    'TCP connections to {server} on which nothing was said: what the vantage said[ after {lived} s came| came after no time][, and what it said until {died} s did not].',
  'evidence.internet': '{answered} of {asked} {asked#server|servers} outside answered[: {names}].',

  'evidence.node.answered':
    'The node is {kind}[ {version}][, in the container {container}|, the program {process}]. It was asked[ at {asked}]: strangers shall reach {ports}.[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node.refused':
    'The node is {kind}[, in the container {container}|, the program {process}]. It does not answer without being told who asks[; strangers shall reach {ports}].[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node.silent':
    'The node is {kind}[, in the container {container}|, the program {process}]. It does not answer questions[; strangers shall reach {ports}].[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node.unreadable':
    'The node is {kind}[, in the container {container}|, the program {process}]. Its answers could not be read[; strangers shall reach {ports}].[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node.not-permitted':
    'The node is {kind}[, in the container {container}|, the program {process}]. This host does not permit asking it[; strangers shall reach {ports}].[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node.not-asked':
    '[No {kind} was seen on this host; strangers shall reach {ports}, as such a node has them{?unseen}|No {kind} was seen on this host{?unseen}|The node is {kind}, in the container {container}; strangers shall reach {ports}|The node is {kind}, the program {process}; strangers shall reach {ports}|The node is {kind}; strangers shall reach {ports}|The node is {kind}].[ Ports of its administration that more than this host may reach: {admin}.][ Also found here: {others}.]',
  'evidence.node-addresses':
    'The node [tells its peers to dial {announced}|tells its peers no address].[ Its settings have it announce {configured}.]',
  'evidence.node-peers.api':
    'The node[, in its half {part},] has {peers} {peers#peer|peers}[, {inbound} of which dialled it][, {outside} of those from the Internet][; {min} to {max} are usual].',
  'evidence.node-peers.metrics':
    'By its metrics the node[, in its half {part},] has {peers} {peers#peer|peers}[, {inbound} of which dialled it][; {min} to {max} are usual].',
  'evidence.node-peers.log':
    'By its log the node[, in its half {part},] has {peers} {peers#peer|peers}[; {min} to {max} are usual].',
  'opinion.monitoring': "the network's monitoring says: {status}",
  'opinion.clients': '{successful} of {attempted} {attempted#client|clients} connected',
  'opinion.log-all-reachable': 'its log: all ports are reachable',
  'opinion.log-upnp-unreachable': 'its log: ports mapped by UPnP are not reachable',
  'opinion.log-manual-unreachable': 'its log: ports are not reachable as they are',
  'opinion.self-test': 'its own test of its ORPort',
  'evidence.node-opinion.yes':
    'The node itself thinks that it can be reached[ over {transport}][ and {family}] ({words}).',
  'evidence.node-opinion.no':
    'The node itself thinks that it cannot be reached[ over {transport}][ and {family}] ({words}).',
  'evidence.node-opinion.unknown':
    'The node itself does not know whether it can be reached[ over {transport}][ and {family}] ({words}).',

  // ------------------------------------------------------------------------------------------ peerway letter
  'letter.subject.carrier-nat': 'Subject: Request for a public IPv4 address',
  'letter.subject.double-nat': 'Subject: Request for bridge mode',
  'letter.subject.provider-blocks-inbound-port': 'Subject: Incoming connections blocked[: {endpoints}]',
  'letter.subject.provider-blocks-inbound-udp': 'Subject: Incoming UDP blocked on my line',
  'letter.subject.provider-blocks-inbound-tcp': 'Subject: Incoming TCP blocked on my line',
  'letter.subject.provider-blocks-outbound-udp': 'Subject: Outgoing UDP blocked on my line',
  'letter.subject.provider-blocks-outbound-port': 'Subject: Outgoing ports blocked on my line',
  'letter.subject.provider-filters-protocol': 'Subject: A protocol is filtered on my line',
  'letter.subject.several': 'Subject: Connections blocked on my line',
  'letter.salutation': 'Dear Sir or Madam,',
  'letter.purpose':
    'On my line I run a program that other participants of its network must be able to reach from outside[, on {endpoints}]. At present they cannot, and [my measurements suggest{?likely}|my measurements show] that a reason lies beyond my own equipment.',
  'letter.purpose-outbound':
    'On my line I run a program that exchanges data with other participants of its network. It cannot reach all of them, and my measurements show that the reason lies beyond my own equipment.',
  'letter.likely': 'The following is what my measurements point to; please check whether it is so.',
  'letter.found.carrier-nat':
    'My line shares [the public IPv4 address {external}|a public IPv4 address] with other customers (carrier-grade NAT)[; the translation stands at {address}]. Connections from outside end there, and no setting of my own router changes that.',
  'letter.found.double-nat':
    'Beyond my own router stands a second router[ ({address})] that translates addresses too. Connections from outside to [{external}|my public address] end there.',
  'letter.found.provider-blocks-inbound-port':
    'What is sent from outside to [{endpoints}|my port] does not get in, while other ports of the same line do. Neither my machine nor my router is the reason.',
  'letter.found.provider-blocks-inbound-udp':
    'Nothing that is sent from outside by UDP gets in, neither on [{endpoints}|my port] nor on another port that was tried. My machine is not the reason.',
  'letter.found.provider-blocks-inbound-tcp':
    'No TCP connection from outside gets in, neither on [{endpoints}|my port] nor on another port that was tried. My machine is not the reason.',
  'letter.found.provider-blocks-outbound-udp':
    'What my line sends by UDP gets no answer from anywhere, while TCP passes. My machine is not the reason.',
  'letter.found.provider-blocks-outbound-port':
    'Some ports cannot be reached from my line[: {ports}]. My machine is not the reason.',
  'letter.found.provider-filters-protocol':
    "On [{endpoints}|my port] bytes without meaning get in, but [the protocol {protocol}|my program's protocol] does not: it is recognised and stopped on the way.",
  'letter.measured': 'What was measured on {time}:',
  'letter.fact.external': 'My public address, as seen from outside: {addresses}.',
  'letter.fact.hop': '{address} is hop {hop} on the way out, counted from my machine.',
  'letter.dial.connected': '{transport}[ from {source}] to {target}: connected.',
  'letter.dial.answered': '{transport}[ from {source}] to {target}: answered.',
  'letter.dial.refused':
    '{transport}[ from {source}] to {target}: refused[, and nothing of it arrived at my machine{?absent}].',
  'letter.dial.unreachable':
    '{transport}[ from {source}] to {target}: reported as unreachable[, and nothing of it arrived at my machine{?absent}].',
  'letter.dial.silent':
    '{transport}[ from {source}] to {target}, {attempts} {attempts#time|times}: no answer[, and nothing of it arrived at my machine{?absent}].',
  'letter.method':
    'It was measured with peerway {version}: a machine elsewhere on the Internet dialled my line as a stranger would, while mine watched what arrived. I will gladly send you the full record.',
  'letter.method-from-inside':
    'It was measured with peerway {version} from my side of the line. I will gladly send you the full record.',
  'letter.request': 'My request:',
  'letter.requests': 'My requests:',
  'letter.ask.carrier-nat':
    'Please give my line a public IPv4 address that it does not share with other customers. It need not be a fixed one.',
  'letter.ask.double-nat':
    'If that second router[ ({address})] is the box that you supplied, please switch it to bridge mode, or tell me how to. If it stands in your network, please give my line a public IPv4 address that it does not share.',
  'letter.ask.provider-blocks-inbound-port': 'Please let [{endpoints}|this port] from outside through to my line.',
  'letter.ask.provider-blocks-inbound-udp':
    'Please let UDP from outside through to my line[, at least to {endpoints}].',
  'letter.ask.provider-blocks-inbound-tcp':
    'Please let TCP from outside through to my line[, at least to {endpoints}].',
  'letter.ask.provider-blocks-outbound-udp': 'Please let UDP out from my line.',
  'letter.ask.provider-blocks-outbound-port': 'Please let my line reach the blocked ports[: {ports}].',
  'letter.ask.provider-filters-protocol':
    'Please stop filtering [the protocol {protocol}|this protocol] on my line, and tell me on what ground it is filtered.',
  'letter.otherwise':
    'Should this depend on a setting of my account or on another tariff, please tell me which, and at what price. Should it not be possible at all, please tell me why.',
  'letter.own-side': 'What else stands in the way on my own side I will put right myself.',
  'letter.closing': 'Yours faithfully,',
  'letter.name': 'Name:',
  'letter.customer-number': 'Customer number:',
  'letter.line': 'Line or telephone number:',
  'letter.none':
    'There is nothing to write to the provider: nothing that was found is for it to change. `peerway check` says what stands in the way.',
  'letter.none-reachable': 'There is nothing to write to the provider: strangers get in.',
  'letter.none-unknown':
    'There is nothing to write to the provider yet: it is not known what stops strangers, or whether anything does. `peerway check` says what would tell.',

  // ------------------------------------------------------------------------------------------ peerway explain
  'explain.here': 'Here, in the check of {time}:',
  'explain.not-here': 'The check of {time} did not find it here.',
  'explain.not-proposed': 'After the check of {time} it was not proposed here.',
  'explain.no-check': 'After a `peerway check`, what was found on this machine stands here too.',
  'explain.lifetime': 'A UDP conversation without packets is forgotten here after {seconds} {seconds#second|seconds}.',
  'explain.caveat': 'It holds for {endpoints}.',

  // ------------------------------------------------------------------------------------------ repair
  'heading.plan': 'What would be changed',
  'heading.changes': 'What was changed',
  'change.nft-rule': 'nftables, table {table}, chain {chain}, [before the rule "{before}"|at its end]: {rule}',
  'change.iptables-rule': '{program}, table {table}, chain {chain}, [before the rule "{before}"|at its end]: {rule}',
  'change.ufw-rule': 'ufw {rule}[, before the rule "{before}"]',
  'change.firewalld-port-runtime': 'firewalld opens {port} in zone {zone}',
  'change.firewalld-port-permanent': 'firewalld opens {port} in zone {zone} after a restart too',
  'change.sysctl': 'the kernel setting {name} becomes {to} (it was {from})',
  'change.file': 'the file {path} is changed, so that the above stays after a restart',
  'change.file-made': 'the file {path} is made, so that the above stays after a restart',
  'change.port-mapping':
    'the router {address} is asked by {protocol} to send {transport} port {port} to {internal}[, for {hours} {hours#hour|hours}|, until it is deleted]',
  'change.node-setting':
    'the setting {key} of the node ({kind}) becomes {to} (it was {from}); the node takes it at its next start',
  'change.node-value':
    'the setting {key} of the node ({kind}) becomes {to} ([it was {from}|it was not set]); the node takes it at its next start',
  'text.expires': 'It ends by itself at {time}; run `peerway fix` again before that.',
  'text.take-back': 'To take it all back: `{command}`',
  'fix.ask': 'Shall this be done? (y/N)',
  'undo.nothing': 'There is nothing to take back.',

  // ------------------------------------------------------------------------------------------ what is being asked
  'progress-left': '{what} ({seconds} s left)',

  // ------------------------------------------------------------------------------------------ what other commands say
  'cli.no-state': 'note: nothing is remembered between runs, as {folder} cannot be written ({errno})',
  'vantage.listening': 'listening on {address}, [ports {port} and {other}|port {port}]',
  'vantage.ready': 'ready; whom you help types: {command}',
  'vantage.token-short': 'a token of under {characters} characters can be guessed from a grant',
  'sim.title': 'Simulated: {title} (seed {seed})',
  'laboratory.usage': 'lab wants up, down, list or run, and a file',
  'laboratory.usage-extra': 'lab {verb} wants nothing after the file, not "{extra}"',
  'laboratory.usage-run': 'lab run wants a host, then --, then a command',
  'laboratory.is-up': '{lab} is up, after {elapsedMs} ms',
  'laboratory.up-already': '{lab} is up already',
  'laboratory.is-down': '{lab} is down',
  'laboratory.not-up': '{lab} is not up',
  'laboratory.state.up': 'up',
  'laboratory.state.unfinished': 'unfinished',
  'laboratory.state.left-behind': 'left behind',
} as const satisfies Record<string, string>

/**
 * Every sentence that peerway says, in English. The syntax is that of `model/template.ts`.
 *
 * Parameters used throughout: `endpoints` (endpoint names, separated by commas), `address` (of the box spoken of),
 * `external` (where strangers see this host), `internal` (this host's address), `name` (a vantage as the user typed it),
 * `command` (a whole command line),
 * `ports` (endpoint names, shown without their families). What another room may leave out stands in brackets.
 */
export const en = oneCatalogue(sentences, errorTexts, watchEn, pageEn)
